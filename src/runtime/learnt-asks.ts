import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { CatnapError } from '../core/errors.js';
import { parseJson } from '../core/json.js';
import * as z from '../core/zod.js';
import { EVENT_NAMES, eventFeatures } from '../learning/router/event-features.js';
import { LearnedRouter } from '../learning/router/router.js';
import type { AskRouter, LearntRouter } from '../uplink/routing.js';

const DIGEST_DIGITS = 8;

const learntSchema = z.strictObject({
  version: z.literal(1),
  weights: z.strictObject({
    names: z.array(z.string()),
    intercept: z.number(),
    shape: z.array(z.tuple([z.number(), z.number(), z.number()])),
    words: z.array(z.tuple([z.int(), z.number(), z.number()])),
    farthest: z.number(),
  }),
  least: z.number().nullable(),
});

/**
 * Reads what `catnap tune --router` learnt of whom to ask first. Small: 110 kB, well under a millisecond a question.
 * @throws CatnapError `CONFIG_INVALID` for a file that cannot be read, is another one, or looks at other figures.
 */
export function loadAskRouter(folder: string, path: string): LearntRouter {
  const file = resolve(folder, path);
  const { weights, least, digest } = readLearnt(file);
  if (weights.names.join() !== EVENT_NAMES.join()) {
    const message = `${file}: expected what this version of Catnap learnt; run catnap tune --router again`;
    throw new CatnapError('CONFIG_INVALID', message);
  }
  const router = new LearnedRouter(weights);
  const route: AskRouter = ({ local }, { transcript, source, wallTime }) => {
    const { need, unlike, because } = router.route(eventFeatures({ transcript, local, source, wallTime }));
    if (unlike) return { begin: 'cheap', because: 'unlike what was learnt from' };
    const why = because.map(({ what, by }) => `${what} ${by < 0 ? '' : '+'}${by.toFixed(2)}`).join(', ');
    return { begin: least !== null && need >= least ? 'dear' : 'cheap', because: why };
  };
  return { name: `${basename(file)}@${digest}`, route };
}

function readLearnt(file: string): z.infer<typeof learntSchema> & { readonly digest: string } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `uplink.routing: expected a readable file, found none at ${file}`;
    throw new CatnapError('CONFIG_INVALID', message, { cause });
  }
  const parsed = learntSchema.safeParse(parseJson(text));
  const digest = createHash('sha256').update(text).digest('hex').slice(0, DIGEST_DIGITS);
  if (parsed.success) return { ...parsed.data, digest };
  throw new CatnapError(
    'CONFIG_INVALID',
    `${file}: expected what catnap tune --router wrote, found another file`,
  );
}
