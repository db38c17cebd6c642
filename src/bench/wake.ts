import { voiceSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import type { VoiceConfig } from '../voice/config.js';
import { endOfSpeech, mixNoise, padded, pinkNoise, seededRandom } from './audio.js';
import { type CaptureFaults, captured, NO_FAULTS } from './capture-faults.js';
import { mentions, type Recording } from './dataset.js';
import { Listener } from './listener.js';
import { type WakeRun, WakeTally } from './wake-tally.js';

/** What recordings are mixed with. */
export type Condition = 'clean' | 'snr10';

/** What `catnap bench wake` is asked. */
export interface WakeBenchOptions {
  readonly recordings: readonly Recording[];
  readonly config: VoiceConfig;
  readonly conditions: readonly Condition[];
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
/** Silence (or noise) before and after a recording, in samples. */
interface Margins {
  readonly lead: number;
  readonly tail: number;
}

/** Around a keyword: the refractory time before it, and time for a late detection. */
const AROUND_KEYWORD: Margins = { lead: 1.2 * VOICE_RATE_HZ, tail: 0.8 * VOICE_RATE_HZ };
const AROUND_OTHERS: Margins = { lead: 0.4 * VOICE_RATE_HZ, tail: 0.4 * VOICE_RATE_HZ };
/** Decoded noises kept: a few seconds each. */
const NOISES_KEPT = 16;

interface Contestant {
  readonly engine: string;
  readonly condition: Condition;
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
  const noises = new Noises(options.recordings.filter(({ corpus }) => corpus === 'noise'));
  const unreadable: string[] = [];
  try {
    for (const recording of options.recordings) {
      try {
        await hearRecording(recording, contestants, noises, options);
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
      contestants.map(({ engine, condition, listener, seconds }) => [
        `${engine} ${condition}`,
        listener.spentMs / 1000 / Math.max(seconds, 1),
      ]),
    ),
    seed: options.seed,
  };
}

async function contestantsOf({
  config,
  conditions,
  compare,
  wordOf = uncalled,
}: WakeBenchOptions): Promise<readonly Contestant[]> {
  const found: Contestant[] = [];
  for (const condition of conditions) {
    found.push(
      await contestant(
        'catnap',
        condition,
        { ...config, utterance: { ...config.utterance, enabled: false } },
        wordOf,
      ),
    );
    if (!compare) continue;
    found.push(await contestant('openwakeword', condition, OWW_ALONE, uncalled));
  }
  return found;
}

/** openWakeWord as its own service runs it: threshold 0.5, every hop, no gate and no second stage. */
const OWW_ALONE: VoiceConfig = voiceSchema.parse({
  kind: 'voice',
  gate: { enabled: false },
  tiny: {
    model: 'oww',
    words: ['alexa', 'hey_jarvis'],
    thresholds: { accept: 0.5, reject: 0.5 },
    debounceHops: 1,
  },
  heavy: { enabled: false },
  utterance: { enabled: false },
});

/** `hey_jarvis` is `jarvis` in the lists. */
function uncalled(label: string): string {
  return label.replace(/^hey[ _]/, '').replaceAll(/[ -]/g, '_');
}

async function contestant(
  engine: string,
  condition: Condition,
  config: VoiceConfig,
  wordOf: Contestant['wordOf'],
): Promise<Contestant> {
  const words = (await voicePlan(config)).words.map(wordOf);
  const tallies = [new WakeTally(engine, 'tiny', condition, words)];
  if (config.heavy.enabled) tallies.push(new WakeTally(engine, 'tiny+heavy', condition, words));
  return { engine, condition, words, wordOf, listener: await Listener.open(config), tallies, seconds: 0 };
}

async function hearRecording(
  recording: Recording,
  contestants: readonly Contestant[],
  noises: Noises,
  { seed, faults = NO_FAULTS }: WakeBenchOptions,
): Promise<void> {
  const samples = await readAudio(recording.path);
  const name = `${seed} ${recording.corpus} ${recording.path.split('/').slice(-2).join('/')}`;
  const spoken = recording.corpus !== 'noise' && recording.corpus !== 'negatives';
  const { lead, tail } = ['wake', 'wuw'].includes(recording.corpus) ? AROUND_KEYWORD : AROUND_OTHERS;
  const { endSeconds } = recording;
  const end = endSeconds === null ? endOfSpeech(samples) : Math.round(endSeconds * VOICE_RATE_HZ);
  const prepared = new Map<Condition, Float32Array>();
  for (const contestant of contestants) {
    let signal = prepared.get(contestant.condition);
    if (signal === undefined) {
      const random = seededRandom(name);
      const noise = contestant.condition === 'clean' || !spoken ? null : await noises.pick(random);
      const room =
        noise === null
          ? padded(samples, lead, tail, random)
          : mixNoise(samples, noise, { snrDb: SNR_DB, lead, tail, random });
      signal = faults === NO_FAULTS ? room : captured(room, faults, name);
      prepared.set(contestant.condition, signal);
    }
    const { events, startSample } = await contestant.listener.hear(signal);
    contestant.seconds += signal.length / VOICE_RATE_HZ;
    const words = recording.keywords.filter((word) => contestant.words.includes(word));
    const heard = {
      words,
      mentioned: contestant.words.filter((word) => !words.includes(word) && mentions(recording, word)),
      seconds: samples.length / VOICE_RATE_HZ,
      endSample: startSample + lead + end,
      events,
      wordOf: contestant.wordOf,
    };
    for (const tally of contestant.tallies) tally.add(heard);
  }
}

/** The folder's noises, decoded when picked. */
class Noises {
  readonly #kept = new Map<string, Float32Array>();

  constructor(readonly recordings: readonly Recording[]) {}

  /** One of them; pink noise where the folder has none. */
  async pick(random: () => number): Promise<Float32Array> {
    const chosen = this.recordings[Math.floor(random() * this.recordings.length)];
    if (chosen === undefined) return pinkNoise(random);
    const known = this.#kept.get(chosen.path);
    if (known !== undefined) return known;
    const samples = await readAudio(chosen.path);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= NOISES_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(chosen.path, samples);
    return samples;
  }
}
