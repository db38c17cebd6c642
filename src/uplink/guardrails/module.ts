import { resolve } from 'node:path';
import { CatnapError } from '../../core/errors.js';
import { ok } from '../../core/finding.js';
import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { loadOwn, ownSettings } from '../../own/load-own.js';
import { missingModule } from '../../own/missing.js';
import type { Answer } from '../providers/answer.js';
import type { Upload } from '../queue/upload.js';
import { asked, askedSettings } from './asked.js';
import { type Finds, type GuardrailEdges, type GuardrailKind, nameSetting } from './guardrail-kind.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('module'),
      name: nameSetting(z),
      ...ownSettings(z),
      ...askedSettings(z),
      onFail: z
        .enum(['block', 'redact', 'ask-again'])
        .default('block')
        .describe(
          'What is done with an answer that does not pass; `redact` takes what the module puts in its place.',
        ),
    })
    .describe('Judges as a module of your own does.');

/**
 * What a module of one's own makes, of its export `guardrail`. What leaves the device has to leave through the way out.
 */
export interface OwnGuardrail {
  /** What is thrown counts as not being able to say. */
  judge(answer: Answer, upload: Upload, signal: AbortSignal): Finds | Promise<Finds>;
}

/** A guardrail from a module of one's own. */
export const module = {
  kind: 'module',
  schema,
  faults: ({ path }, { folder }) => missingModule(folder, path),
  async create(config, { folder, ...edges }) {
    const whole = resolve(folder, config.path);
    const make = await loadOwn<OwnGuardrail, GuardrailEdges>(whole, 'guardrail', config.options);
    const made = await make(edges);
    if (typeof made?.judge !== 'function') {
      throw new CatnapError(
        'CONFIG_INVALID',
        `module ${whole}: expected what it makes to have "judge", found none`,
      );
    }
    return asked(config, edges, async (answer, upload, signal) => made.judge(answer, upload, signal));
  },
  async check({ path, options }, { folder }) {
    const whole = resolve(folder, path);
    await loadOwn(whole, 'guardrail', options);
    return ok(whole);
  },
} as const satisfies GuardrailKind<z.infer<ReturnType<typeof schema>>>;
