import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CatnapError } from '../core/errors.js';
import { tableOf } from '../core/kind.js';
import { agreement } from '../learning/judges/agreement.js';
import { channels } from '../learning/judges/channels.js';
import { confidence } from '../learning/judges/confidence.js';
import type { DeviceJudges, JudgePlace, JudgeSettings } from '../learning/judges/device-judge.js';
import { entropy } from '../learning/judges/entropy.js';
import { learnt } from '../learning/judges/learnt.js';
import { margin } from '../learning/judges/margin.js';
import { rule } from '../learning/judges/rule.js';
import type { StageJudge, StageJudgeKind } from '../learning/judges/stage-judge.js';
import { agreement as repeats } from '../learning/judges/transcripts/agreement.js';
import { confidence as itself } from '../learning/judges/transcripts/confidence.js';
import { entropy as openness } from '../learning/judges/transcripts/entropy.js';
import { learnt as learntOfTexts } from '../learning/judges/transcripts/learnt.js';
import { margin as leastLead } from '../learning/judges/transcripts/margin.js';
import { rule as ruleOfTexts } from '../learning/judges/transcripts/rule.js';
import type {
  TranscriptJudge,
  TranscriptJudgeKind,
} from '../learning/judges/transcripts/transcript-judge.js';

/** Every kind of judge of a stage on the device. */
const OF_STAGES = tableOf({ confidence, margin, entropy, agreement, rule, learnt, channels });

/** Every kind of judge of what a recogniser wrote down. */
const OF_TRANSCRIPTS = tableOf({
  confidence: itself,
  margin: leastLead,
  entropy: openness,
  agreement: repeats,
  rule: ruleOfTexts,
  learnt: learntOfTexts,
});

type Kinds<Kind> = Readonly<Record<string, Kind>>;

/** Judges of heavy stages of such signals. */
export function stageJudgesFor(signal: 'voice' | 'sensor'): DeviceJudges {
  const all = OF_STAGES as unknown as Kinds<StageJudgeKind<JudgeSettings>>;
  const kinds = Object.entries(all).filter(([, { signals }]) => signals.includes(signal));
  return { kinds: Object.fromEntries(kinds), place: placeOf('wake-heavy') };
}

/** Judges of what recognisers write down. */
export const TRANSCRIPT_JUDGES: DeviceJudges = {
  kinds: OF_TRANSCRIPTS as unknown as DeviceJudges['kinds'],
  place: placeOf('commands'),
};

/** What is at hand, with the learnt judge that ships beside a model. */
function placeOf(model: string): JudgePlace {
  return {
    read: (path) => readFileSync(path, 'utf8'),
    shipped: fileURLToPath(new URL(`../../models/${model}/judge.json`, import.meta.url)),
  };
}

/**
 * Makes the judge of a spec.
 * @throws CatnapError `STAGE_UNAVAILABLE` for a kind there is none of.
 */
export function createStageJudge(spec: JudgeSettings): StageJudge {
  return kindOf(OF_STAGES as unknown as Kinds<StageJudgeKind<JudgeSettings>>, spec).create(spec);
}

/** The same of a judge of transcripts. */
export function createTranscriptJudge(spec: JudgeSettings): TranscriptJudge {
  return kindOf(OF_TRANSCRIPTS as unknown as Kinds<TranscriptJudgeKind<JudgeSettings>>, spec).create(spec);
}

function kindOf<Kind>(kinds: Kinds<Kind>, { kind }: JudgeSettings): Kind {
  const found = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(kinds).join(', ');
  throw new CatnapError('STAGE_UNAVAILABLE', `judge: expected a kind of ${known}, found ${kind}`);
}
