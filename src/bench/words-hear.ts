import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CascadeEvent } from '../core/events/events.js';
import { voiceSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import type { OwnWordConfig } from '../voice/words/config.js';
import { AROUND_OTHERS, AROUND_WORD, endOfSpeech, mixNoise, padded, placeOf, seededRandom } from './audio.js';
import { readDataset } from './dataset.js';
import { Listener } from './listener.js';
import type { SharedHearing } from './shared-hearing.js';
import { Sounds } from './sounds.js';
import type { Condition } from './wake.js';
import { comparatorCascade, isComparator, type PlannedCascade } from './words-comparators.js';
import type { Clip, Manner } from './words-told.js';

/** A cascade that is told all words in one manner, and what it hears: one condition. */
export interface Contestant {
  readonly manner: Manner;
  /** Which draw of takes it is told. */
  readonly draw: number;
  readonly condition: Condition;
  readonly words: readonly OwnWordConfig[];
}

/** What is to be heard; as data, for it may be heard by a process of its own. */
export interface HearingOrder {
  readonly contestants: readonly Contestant[];
  readonly clips: readonly Clip[];
  /** Recordings that hold none of the words. */
  readonly others: readonly string[];
  /** So many of those at most; null: all of them. */
  readonly otherHours: number | null;
  /** Folder whose `noise.csv` lists what clips are mixed with. */
  readonly data: string;
  readonly conditions: readonly Condition[];
  readonly seed: string;
}

/** What one cascade made of one recording. */
export interface HeardBy {
  readonly contestant: number;
  readonly path: string;
  /** What is said in it; null: none of the words. */
  readonly phrase: string | null;
  readonly seconds: number;
  /** Sample at which the phrase ends, on the clock of the events. */
  readonly endSample: number;
  readonly events: readonly CascadeEvent[];
  /** Seconds that the cascade listened, and its CPU time. */
  readonly listenedSeconds: number;
  readonly spentMs: number;
}

/** What is told of a recording: what the cascades made of it, or why nobody could read it. */
export type HeardRecording =
  | { readonly kind: 'heard'; readonly by: readonly HeardBy[] }
  | { readonly kind: 'unreadable'; readonly why: string }
  /** More of such recordings than was asked for. */
  | { readonly kind: 'left-out' };

const SNR_DB = 10;
/** What one cascade hears before the next does: short enough for what they share to be kept. */
const PIECE_SAMPLES = 5 * VOICE_RATE_HZ;
/** Every signal ends with a hop, so that cascades which heard other clips before are shown the same windows. */
const HOP_SAMPLES = 1_280;

/**
 * Lets cascades that are told the words in different manners hear the same recordings side by side, the clips first.
 * They share what the networks make of a sound.
 * @param onRecording is told of each recording once it is heard.
 */
export async function hearWords(
  order: HearingOrder,
  hearing: SharedHearing,
  onRecording: (heard: HeardRecording) => void,
): Promise<void> {
  const listeners: Listener[] = [];
  try {
    const cascades = new Map<string, PlannedCascade>();
    for (const { manner, draw, words } of order.contestants) {
      const told = `${manner} ${draw}`;
      const cascade = cascades.get(told) ?? (await cascadeOf(manner, words, hearing));
      cascades.set(told, cascade);
      listeners.push(await Listener.planned(cascade.plan, { stages: cascade.stages }));
    }
    await hearAll(new Ears(order, listeners), order, onRecording);
  } finally {
    for (const listener of listeners) await listener.close();
  }
}

async function hearAll(
  ears: Ears,
  { clips, others, otherHours }: HearingOrder,
  onRecording: (heard: HeardRecording) => void,
): Promise<void> {
  const told = async (hear: () => Promise<readonly HeardBy[]>) => {
    try {
      onRecording({ kind: 'heard', by: await hear() });
    } catch (error) {
      onRecording({ kind: 'unreadable', why: error instanceof Error ? error.message : String(error) });
    }
  };
  for (const clip of clips) await told(() => ears.clip(clip));
  for (const path of others) {
    if (otherHours !== null && ears.otherSeconds >= otherHours * 3600) onRecording({ kind: 'left-out' });
    else await told(() => ears.other(path));
  }
}

async function cascadeOf(
  manner: Manner,
  words: readonly OwnWordConfig[],
  { host }: SharedHearing,
): Promise<PlannedCascade> {
  if (isComparator(manner)) return comparatorCascade(manner, words);
  const config = voiceSchema.parse({ kind: 'voice', tiny: { words }, utterance: { enabled: false } });
  return { plan: { kind: 'voice', config, stages: await voicePlan(config) }, stages: host };
}

/** A recording as it is played to some of the cascades. */
interface Played {
  readonly path: string;
  readonly phrase: string | null;
  readonly condition: Condition;
  readonly signal: Float32Array;
  /** Sample at which the phrase ends. */
  readonly end: number;
  readonly seconds: number;
}

class Ears {
  readonly #noises: Sounds;
  /** Of recordings without a word. */
  otherSeconds = 0;

  constructor(
    private readonly order: HearingOrder,
    private readonly listeners: readonly Listener[],
  ) {
    const { data } = order;
    const listed = existsSync(join(data, 'noise.csv')) ? readDataset(data) : [];
    this.#noises = new Sounds(listed.filter(({ corpus }) => corpus === 'noise'));
  }

  /** A clip of a phrase, in every condition. */
  async clip({ path, phrase }: Clip): Promise<readonly HeardBy[]> {
    const clip = await readAudio(path);
    const { lead, tail } = AROUND_WORD;
    const end = lead + endOfSpeech(clip);
    const name = `${this.order.seed} ${placeOf(path)}`;
    const heard: HeardBy[] = [];
    for (const condition of this.order.conditions) {
      const random = seededRandom(name);
      const signal =
        condition === 'clean'
          ? padded(clip, lead, tail, random)
          : mixNoise(clip, await this.#noises.pick(random), { snrDb: SNR_DB, lead, tail, random });
      const seconds = clip.length / VOICE_RATE_HZ;
      heard.push(...(await this.#play({ path, phrase, condition, signal, end, seconds })));
    }
    return heard;
  }

  /** A recording without a word, in the first condition. */
  async other(path: string): Promise<readonly HeardBy[]> {
    const sound = await readAudio(path);
    const { lead, tail } = AROUND_OTHERS;
    const signal = padded(sound, lead, tail, seededRandom(`${this.order.seed} ${path}`));
    const [condition = 'clean'] = this.order.conditions;
    const seconds = sound.length / VOICE_RATE_HZ;
    this.otherSeconds += seconds;
    return this.#play({ path, phrase: null, condition, signal, end: 0, seconds });
  }

  async #play({ path, phrase, condition, signal, end, seconds }: Played): Promise<readonly HeardBy[]> {
    const whole = new Float32Array(Math.ceil(signal.length / HOP_SAMPLES) * HOP_SAMPLES);
    whole.set(signal);
    const present = this.listeners.flatMap((listener, contestant) =>
      this.order.contestants[contestant]?.condition === condition
        ? [{ listener, contestant, before: listener.spentMs, start: -1, events: [] as CascadeEvent[] }]
        : [],
    );
    for (let at = 0; at < whole.length; at += PIECE_SAMPLES) {
      for (const each of present) {
        const { events, startSample } = await each.listener.hear(whole.subarray(at, at + PIECE_SAMPLES));
        each.events.push(...events.filter(({ type }) => type === 'noticed' || type === 'verified'));
        if (at === 0) each.start = startSample;
      }
    }
    return present.map(({ listener, contestant, before, start, events }) => ({
      contestant,
      path,
      phrase,
      seconds,
      endSample: start + end,
      events,
      listenedSeconds: whole.length / VOICE_RATE_HZ,
      spentMs: listener.spentMs - before,
    }));
  }
}
