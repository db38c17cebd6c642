import { ok, problem } from '../core/finding.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import type { ActionKind } from './action-kind.js';
import { asText, fill } from './template.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('serial'),
      source: z.string().min(1).describe('Id of the serial source whose board it is.'),
      command: z.string().min(1).max(255).describe('Text that is sent to the board.'),
    })
    .describe('Sends a command to a board.');

/** Sends a command to the board of a source. */
export const serial = {
  kind: 'serial',
  schema,
  plan({ action, slots }, _place, { sendToBoard }) {
    const command = fill(action.command, slots, asText);
    return { what: `${action.source}: ${command}`, act: () => sendToBoard(action.source, command) };
  },
  async check({ source }, { sources }) {
    if (sources.includes(source)) return ok(`${source} is a source of this configuration`);
    const known = sources.join(', ');
    return problem(`expected a source of this configuration (${known}), found "${source}"`, 'correct the id');
  },
} as const satisfies ActionKind<z.infer<ReturnType<typeof schema>>>;
