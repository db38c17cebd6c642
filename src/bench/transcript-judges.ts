import type { Settlement } from '../core/cascade/settle.js';
import type { Window } from '../core/cascade/stage.js';
import { CatnapError } from '../core/errors.js';
import type { JudgeSettings } from '../learning/judges/device-judge.js';
import { rehearingsOf } from '../learning/judges/transcripts/judged-recogniser.js';
import { TRANSCRIPT_NAMES, transcriptFeatures } from '../learning/judges/transcripts/transcript-features.js';
import type { Rehearings, TranscriptJudge } from '../learning/judges/transcripts/transcript-judge.js';
import { type IntentsInput, intentsSchema, voiceSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { createTranscriptJudge } from '../runtime/stage-judges.js';
import { createRecogniser } from '../runtime/stages.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import type { VoiceConfig } from '../voice/config.js';
import { IntentMatcher } from '../voice/intents/matcher.js';
import { mixNoise, padded, placeOf, seededRandom } from './audio.js';
import { isSameOrder, ORDER_INTENTS, readOrder } from './cost-orders.js';
import { groupOf, type Recording } from './dataset.js';
import type { Contest, JudgedLook } from './judge-figures.js';
import { Sounds } from './sounds.js';

/** What is asked of {@link hearTranscripts}. */
export interface TranscriptsOptions {
  readonly recordings: readonly Recording[];
  readonly config: VoiceConfig;
  /** Signal to noise, dB, of each pass; null: as recorded. */
  readonly snrsDb: readonly (number | null)[];
  readonly onRecording: () => void;
}

/** Before and behind what is said, as the cascade's end-pointing leaves it. */
const LEAD = 0.2 * VOICE_RATE_HZ;
const TAIL = 0.7 * VOICE_RATE_HZ;

/** By name: the judges that are compared, and times that each has the recogniser listen. */
const CONTESTANTS: Readonly<Record<string, { readonly config: JudgeSettings; readonly looks: number }>> = {
  confidence: { config: { kind: 'confidence' }, looks: 1 },
  margin: { config: { kind: 'margin' }, looks: 1 },
  entropy: { config: { kind: 'entropy' }, looks: 1 },
  rule: { config: judgeNamed('rule'), looks: 1 },
  'agreement, 8 ms later': { config: judgeNamed({ kind: 'agreement', shiftsMs: [8] }), looks: 2 },
  'agreement, 8 and 16 ms later': {
    config: judgeNamed('agreement'),
    looks: 3,
  },
};

/** With all of its settings. */
function judgeNamed(judge: string | object): JudgeSettings {
  return voiceSchema.parse({ kind: 'voice', recogniser: { judge } }).recogniser.judge;
}

/** What is compared of recognisers: a transcript is settled or passed on, never refused. */
export const TRANSCRIPT_CONTEST: Contest = {
  contestants: Object.entries(CONTESTANTS).map(([judge, { looks }]) => ({ judge, looks })),
  names: TRANSCRIPT_NAMES,
  refuses: false,
};

type Judges = readonly (readonly [name: string, judge: TranscriptJudge])[];

/**
 * Has the recogniser hear recordings as utterances, and all judges look at every transcript that would be settled: a
 * whole order (the coffee machine's sentences) or one of the list's single words. Right is what was ordered or said;
 * what is settled of any other recording is wrong.
 * @throws CatnapError `USAGE` where the cascade recognises nothing; what loading the models and reading throws.
 */
export async function hearTranscripts(options: TranscriptsOptions): Promise<readonly JudgedLook[]> {
  const { recordings, config, snrsDb, onRecording } = options;
  const { recogniser: planned } = await voicePlan(config);
  if (planned === null) throw new CatnapError('USAGE', 'expected a cascade with a recogniser, found none');
  const { name, budgetMs, members } = planned;
  const recogniser = await createRecogniser({ name, budgetMs, members });
  const judges: Judges = Object.entries(CONTESTANTS).map(([of, contestant]) => [
    of,
    createTranscriptJudge(contestant.config),
  ]);
  const { settle } = new IntentMatcher(intentsSchema.parse(intentsFor(recordings)));
  const noises = new Sounds(recordings.filter(({ corpus }) => corpus === 'noise'));
  const looks: JudgedLook[] = [];
  try {
    for (const snrDb of snrsDb)
      for (const recording of recordings) {
        const window = await utteranceOf(recording, snrDb, noises);
        const heard = await recogniser.recognise(window, NEVER);
        const settled = heard.kind === 'transcript' ? settle(heard) : null;
        if (heard.kind === 'transcript' && settled?.kind === 'settled') {
          const opinions: Record<string, number> = {};
          const again = kept(rehearingsOf({ recogniser, other: null }, window, NEVER));
          for (const [of, judge] of judges)
            opinions[of] = (await judge.judge(heard, window, again)).confidence;
          const features = transcriptFeatures(heard, window);
          looks.push({ group: groupOf(recording), isRight: isSaid(settled, recording), opinions, features });
        }
        onRecording();
      }
  } finally {
    await recogniser.dispose();
  }
  return looks;
}

const NEVER = new AbortController().signal;

/** What is heard again is heard once, however many judges ask. */
function kept({ later, other }: Rehearings): Rehearings {
  const heard = new Map<number, ReturnType<Rehearings['later']>>();
  return {
    later(ms) {
      const known = heard.get(ms) ?? later(ms);
      heard.set(ms, known);
      return known;
    },
    other,
  };
}

/** The orders of the coffee machine, and the single words of the list, each for itself. */
function intentsFor(recordings: readonly Recording[]): IntentsInput {
  const words = new Set(
    recordings.flatMap(({ corpus, keywords }) => (corpus === 'commands' ? keywords : [])),
  );
  const single = [...words].map((word) => ({ intent: word, sentences: [word.replaceAll('_', ' ')] }));
  return { ...ORDER_INTENTS, sentences: [...(ORDER_INTENTS.sentences ?? []), ...single] };
}

function isSaid(
  { intent, slots }: Extract<Settlement, { kind: 'settled' }>,
  { corpus, keywords, label }: Recording,
): boolean {
  if (corpus === 'orders') return isSameOrder(readOrder(label), { intent, slots });
  return corpus === 'commands' && keywords.includes(intent);
}

async function utteranceOf(recording: Recording, snrDb: number | null, noises: Sounds): Promise<Window> {
  const clip = await readAudio(recording.path);
  const random = seededRandom(placeOf(recording.path));
  const data =
    snrDb === null || recording.corpus === 'noise'
      ? padded(clip, LEAD, TAIL, random)
      : mixNoise(clip, await noises.pick(random), { snrDb, lead: LEAD, tail: TAIL, random });
  return { source: 'bench', startSample: 0, rateHz: VOICE_RATE_HZ, channels: 1, data };
}
