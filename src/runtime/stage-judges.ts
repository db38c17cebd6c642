import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CatnapError } from '../core/errors.js';
import { tableOf } from '../core/kind.js';
import { agreement } from '../learning/judges/agreement.js';
import { channels } from '../learning/judges/channels.js';
import { confidence } from '../learning/judges/confidence.js';
import { entropy } from '../learning/judges/entropy.js';
import { learnt } from '../learning/judges/learnt.js';
import { margin } from '../learning/judges/margin.js';
import type { StageJudges } from '../learning/judges/plan-judge.js';
import { rule } from '../learning/judges/rule.js';
import type { StageJudge, StageJudgeKinds, StageJudgeSpec } from '../learning/judges/stage-judge.js';

/** Every kind of judge of a stage on the device. */
const KINDS = tableOf({ confidence, margin, entropy, agreement, rule, learnt, channels });

const place = {
  read: (path: string) => readFileSync(path, 'utf8'),
  shipped: fileURLToPath(new URL('../../models/wake-heavy/judge.json', import.meta.url)),
};

/** Judges of heavy stages of such signals. */
export function stageJudgesFor(signal: 'voice' | 'sensor'): StageJudges {
  const all = KINDS as unknown as StageJudgeKinds;
  const kinds = Object.entries(all).filter(([, { signals }]) => signals.includes(signal));
  return { kinds: Object.fromEntries(kinds), place };
}

/**
 * Makes the judge of a spec.
 * @throws CatnapError `STAGE_UNAVAILABLE` for a kind there is none of.
 */
export function createStageJudge(spec: StageJudgeSpec): StageJudge {
  const kinds = KINDS as unknown as StageJudgeKinds;
  const kind = Object.hasOwn(kinds, spec.kind) ? kinds[spec.kind] : undefined;
  if (kind !== undefined) return kind.create(spec);
  const known = Object.keys(kinds).join(', ');
  throw new CatnapError('STAGE_UNAVAILABLE', `judge: expected a kind of ${known}, found ${spec.kind}`);
}
