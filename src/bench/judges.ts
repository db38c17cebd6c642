import type { Stage } from '../core/cascade/stage.js';
import { type Interval, wilson } from '../core/intervals.js';
import type { JudgedSpec } from '../learning/judges/judged-stage.js';
import { JudgedStage } from '../learning/judges/judged-stage.js';
import { learnJudge } from '../learning/judges/learn-judge.js';
import { opinionOf } from '../learning/judges/learnt.js';
import { lookFeatures } from '../learning/judges/look-features.js';
import type { StageJudge, StageJudgeConfig } from '../learning/judges/stage-judge.js';
import type { Choice } from '../models/kind.js';
import { stagesHere } from '../runtime/build.js';
import { voiceSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { createStageJudge } from '../runtime/stage-judges.js';
import { createStage } from '../runtime/stages.js';
import { readAudio } from '../sources/recording/read-audio.js';
import type { VoiceConfig } from '../voice/config.js';
import { AROUND_WORD, mixNoise, padded, placeOf, seededRandom } from './audio.js';
import { asListed, groupOf, mentions, type Recording } from './dataset.js';
import { Listener, wordsAlone } from './listener.js';
import { Sounds } from './sounds.js';

/** A look of heavy at what tiny noticed: what each judge makes of it, and whether its label was said. */
export interface JudgedLook {
  readonly group: string;
  readonly isRight: boolean;
  /** Confidence of each judge but the learnt one, by its name. */
  readonly opinions: Readonly<Record<string, number>>;
  readonly features: Float64Array;
}

/** What is asked of {@link hearLooks}. */
export interface LooksOptions {
  readonly recordings: readonly Recording[];
  readonly config: VoiceConfig;
  /** Signal to noise, dB, of each pass; null: as recorded. */
  readonly snrsDb: readonly (number | null)[];
  /** Another model for `agreement`; null: none. */
  readonly other: Choice | null;
  readonly onRecording: () => void;
}

const SHIFTS_MS = [80, 160];

/** By name: the judges that are compared, and looks of heavy or another model that each takes in all. */
function contestants(other: Choice | null) {
  const all: Record<string, { readonly config: StageJudgeConfig; readonly looks: number }> = {
    confidence: { config: { kind: 'confidence' }, looks: 1 },
    margin: { config: { kind: 'margin' }, looks: 1 },
    entropy: { config: { kind: 'entropy' }, looks: 1 },
    rule: { config: voiceSchema.parse({ kind: 'voice', heavy: { judge: 'rule' } }).heavy.judge, looks: 1 },
    'agreement, shifted': { config: agreementOf(SHIFTS_MS, null), looks: 3 },
  };
  if (other !== null) all['agreement, another model'] = { config: agreementOf([], other), looks: 2 };
  return all;
}

function agreementOf(shiftsMs: readonly number[], other: Choice | null) {
  return { kind: 'agreement', shiftsMs, with: other } as const;
}

/** Lets the cascade hear recordings, and all judges look at every look that counted. */
export async function hearLooks(options: LooksOptions): Promise<readonly JudgedLook[]> {
  const { recordings, config, snrsDb, other, onRecording } = options;
  const judge = agreementOf(SHIFTS_MS, other);
  const heard = wordsAlone({ ...config, heavy: { ...config.heavy, judge } });
  const judges = Object.entries(contestants(other)).map(
    ([name, contestant]) => [name, createStageJudge(contestant.config)] as const,
  );
  const stages = await voicePlan(heard);
  const looking = new Looking(judges);
  const listener = await Listener.planned(
    { kind: 'voice', config: heard, stages },
    { stages: { ...stagesHere, heavy: async (spec) => looking.of(spec as JudgedSpec) } },
  );
  const noises = new Sounds(recordings.filter(({ corpus }) => corpus === 'noise'));
  const looks: JudgedLook[] = [];
  try {
    for (const snrDb of snrsDb)
      for (const recording of recordings) {
        await listener.hear(await signalOf(recording, snrDb, noises));
        looks.push(...looking.taken().map((look) => lookOf(look, recording)));
        onRecording();
      }
  } finally {
    await listener.close();
  }
  return looks;
}

async function signalOf(
  { path, corpus }: Recording,
  snrDb: number | null,
  noises: Sounds,
): Promise<Float32Array> {
  const clip = await readAudio(path);
  const random = seededRandom(placeOf(path));
  const { lead, tail } = AROUND_WORD;
  if (snrDb === null || corpus === 'noise') return padded(clip, lead, tail, random);
  return mixNoise(clip, await noises.pick(random), { snrDb, lead, tail, random });
}

interface Taken {
  readonly label: string;
  readonly opinions: Readonly<Record<string, number>>;
  readonly features: Float64Array;
}

function lookOf({ label, ...taken }: Taken, recording: Recording): JudgedLook {
  const word = asListed(label);
  const said = recording.keywords.includes(word) || mentions(recording, word);
  return { ...taken, group: groupOf(recording), isRight: said };
}

/** Stands in for the judge of heavy: has all judges look, and leaves the decision as it is. */
class Looking {
  /** The last look at each detection: that which counted. */
  readonly #taken = new Map<string, Taken>();

  constructor(private readonly judges: readonly (readonly [string, StageJudge])[]) {}

  async of(spec: JudgedSpec): Promise<Stage> {
    const stage = await createStage(spec.stage);
    const other = spec.other === null ? null : await createStage(spec.other.spec);
    const judge: StageJudge = {
      judge: async (decision, window, looks) => {
        const opinions: Record<string, number> = {};
        for (const [name, each] of this.judges)
          opinions[name] = (await each.judge(decision, window, looks)).confidence;
        const features = lookFeatures(decision, window);
        this.#taken.set(window.about?.detection ?? '', { label: decision.label, opinions, features });
        return { confidence: decision.confidence, because: '' };
      },
    };
    return new JudgedStage(spec, { stage, other, judge });
  }

  taken(): readonly Taken[] {
    const taken = [...this.#taken.values()];
    this.#taken.clear();
    return taken;
  }
}

/** How a judge fared where so many looks at most are passed on. */
export interface AtRate {
  /** Share of looks that may be passed on, and that were, on the groups that thresholds were not chosen on. */
  readonly rate: number;
  readonly passedOn: number;
  /** Looks that were decided, and those of them wrongly. */
  readonly decided: number;
  readonly wrong: number;
  readonly accuracy: number;
  readonly interval: Interval;
}

export interface JudgeFigures {
  readonly judge: string;
  /** Looks of a model that it takes. */
  readonly looks: number;
  readonly at: readonly AtRate[];
}

/** What {@link compareJudges} finds. */
export interface JudgesBench {
  readonly looks: number;
  readonly right: number;
  readonly groups: number;
  readonly judges: readonly JudgeFigures[];
}

/** Shares of looks that are passed on. */
const RATES = [0, 0.02, 0.05, 0.1, 0.2] as const;

/**
 * Each judge at the same shares passed on: its thresholds (and what is learnt) are of one half of the groups, its
 * figures of the other, either way round, so that each look is judged once.
 */
export function compareJudges(looks: readonly JudgedLook[], other: Choice | null): JudgesBench {
  const groups = [...new Set(looks.map(({ group }) => group))].sort();
  const first = new Set(groups.filter((_, at) => at % 2 === 0));
  const halves = [true, false].map((isFirst) => looks.filter(({ group }) => first.has(group) === isFirst));
  const names = [
    ...Object.entries(contestants(other)).map(([judge, { looks: takes }]) => ({ judge, looks: takes })),
    { judge: LEARNT, looks: 1 },
  ];
  const judges = names.map((name) => ({
    ...name,
    at: RATES.map((rate) => atRate(name.judge, rate, halves)),
  }));
  return {
    looks: looks.length,
    right: looks.filter(({ isRight }) => isRight).length,
    groups: groups.length,
    judges,
  };
}

const LEARNT = 'learnt';

function atRate(judge: string, rate: number, halves: readonly (readonly JudgedLook[])[]): AtRate {
  let [passedOn, decided, wrong, all] = [0, 0, 0, 0];
  halves.forEach((judgedOn, at) => {
    const chosenOn = halves[1 - at] ?? [];
    const sure = surenessBy(judge, chosenOn);
    const { accept, reject } = bandOf(chosenOn, sure, rate);
    for (const look of judgedOn) {
      const confidence = sure(look);
      all += 1;
      if (confidence >= reject && confidence < accept) passedOn += 1;
      else {
        decided += 1;
        wrong += Number(confidence >= accept !== look.isRight);
      }
    }
  });
  const accuracy = 1 - wrong / Math.max(1, decided);
  const { low, high } = wilson(wrong, decided);
  return {
    rate,
    passedOn: passedOn / Math.max(1, all),
    decided,
    wrong,
    accuracy,
    interval: { low: 1 - high, high: 1 - low },
  };
}

function surenessBy(judge: string, chosenOn: readonly JudgedLook[]): (look: JudgedLook) => number {
  if (judge !== LEARNT) return ({ opinions }) => opinions[judge] ?? 0;
  const learnt = learnJudge(chosenOn);
  return ({ features }) => opinionOf(learnt, features).confidence;
}

/** The band that passes on at most such a share and decides the rest with the fewest mistakes; of equals the middle. */
function bandOf(looks: readonly JudgedLook[], sure: (look: JudgedLook) => number, rate: number) {
  const sorted = looks
    .map((look) => ({ confidence: sure(look), isRight: look.isRight }))
    .sort((a, b) => a.confidence - b.confidence);
  const width = Math.floor(rate * sorted.length);
  // Mistakes where the first `start` are refused, the next `width` passed on, and the rest believed.
  const mistakes: number[] = [];
  let refused = 0;
  let believed = sorted.slice(width).filter(({ isRight }) => !isRight).length;
  for (let start = 0; start + width <= sorted.length; start++) {
    mistakes.push(refused + believed);
    refused += Number(sorted[start]?.isRight === true);
    believed -= Number(sorted[start + width]?.isRight === false);
  }
  const least = Math.min(...mistakes);
  const best = mistakes.flatMap((count, start) => (count === least ? [start] : []));
  const start = best[Math.floor(best.length / 2)] ?? 0;
  return { reject: between(sorted, start), accept: between(sorted, start + width) };
}

function between(sorted: readonly { readonly confidence: number }[], at: number): number {
  const [below, above] = [sorted[at - 1]?.confidence ?? 0, sorted[at]?.confidence ?? 1.0001];
  return (below + above) / 2;
}
