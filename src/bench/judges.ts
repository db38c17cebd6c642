import type { Stage } from '../core/cascade/stage.js';
import type { JudgeSettings } from '../learning/judges/device-judge.js';
import type { JudgedSpec } from '../learning/judges/judged-stage.js';
import { JudgedStage } from '../learning/judges/judged-stage.js';
import { LOOK_NAMES, lookFeatures } from '../learning/judges/look-features.js';
import type { StageJudge } from '../learning/judges/stage-judge.js';
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
import type { Contest, JudgedLook } from './judge-figures.js';
import { Listener, wordsAlone } from './listener.js';
import { Sounds } from './sounds.js';

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
  const all: Record<string, { readonly config: JudgeSettings; readonly looks: number }> = {
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

/** What is compared of heavy. */
export function contestOf(other: Choice | null): Contest {
  const all = Object.entries(contestants(other));
  return {
    contestants: all.map(([judge, { looks }]) => ({ judge, looks })),
    names: LOOK_NAMES,
    refuses: true,
  };
}
