import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { type ActionKind, valuesOf } from './action-kind.js';
import { asText, fill } from './placeholders.js';

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
  faults({ source }, { sources }) {
    if (sources.includes(source)) return [];
    const message = `expected a source of this configuration, found "${source}"`;
    return [{ path: ['source'], message, among: { found: source, known: sources } }];
  },
  plan(request, _place, { sendToBoard }) {
    const { action } = request;
    const command = fill(action.command, valuesOf(request), asText);
    return { what: `${action.source}: ${command}`, act: () => sendToBoard(action.source, command) };
  },
} as const satisfies ActionKind<z.infer<ReturnType<typeof schema>>>;
