import type { UtteranceProfile } from '../core/cascade/profile.js';
import type { Stage } from '../core/cascade/stage.js';
import { UtteranceCapture } from '../core/cascade/utterance.js';
import { type Interval, wilson } from '../core/intervals.js';
import { samplesIn } from '../core/signal/duration.js';
import { Gate, loudestBlockDb } from '../core/signal/gate.js';
import { joined } from '../core/signal/joined.js';
import { loudSpan } from '../dsp/trim.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import { mixNoise, seededRandom } from './audio.js';
import { captured, NO_FAULTS } from './capture-faults.js';
import type { Recording } from './dataset.js';
import { quantileOrNull } from './statistics.js';

const HOP_SAMPLES = 1280;
/** The background alone, for the gate to get used to. */
const LEAD_MS = 10_000;
/** From the detection to the first word. */
const PAUSE_MS = 400;
const TAIL_MS = 9500;
/** The beginning of a sentence, as loud as the same person's wake word would have been. */
const WORD_MS = 700;
/** Speech is what stands within this of its loudest 20 ms. */
const SPEECH_DB = 30;
/** Later than this after the last sound is late: the configured silence and as much again as is hard to notice. */
const LATE_MS = 1300;
const EARLY_MS = 50;

/** How utterances over one background ended. */
export interface EndpointTally {
  utterances: number;
  inTime: number;
  late: number;
  /** Ended while somebody still spoke. */
  early: number;
  /** Never ended by itself. */
  timeouts: number;
}

/** Ends of utterances over backgrounds, each at the same distance below the speech. */
export interface EndpointBench extends EndpointTally {
  readonly snrDb: number;
  readonly inTimeInterval: Interval;
  /** From the last sound to the end, of those that ended by themselves, milliseconds. */
  readonly delayMs: { readonly p50: number | null; readonly p90: number | null };
  readonly backgrounds: Readonly<Record<string, EndpointTally>>;
}

/** What sounds behind the sentences. */
export interface Background {
  /** What it counts under. */
  readonly kind: string;
  /** Recordings that are played one after the other, and again from the first. */
  readonly paths: readonly string[];
}

export interface EndpointOptions {
  readonly sentences: readonly Recording[];
  readonly backgrounds: readonly Background[];
  readonly snrDb: number;
  /** How much louder the microphone is; below 0, quieter. */
  readonly gainDb: number;
  readonly gate: ConstructorParameters<typeof Gate>[0];
  readonly utterance: UtteranceProfile;
  /** Null: by level alone. */
  readonly endpointer: Stage | null;
  readonly onUtterance: () => void;
}

const never = new AbortController().signal;

/** Ends every sentence over every background as the cascade would, from the hop after the detection on. */
export async function benchEndpoint(options: EndpointOptions): Promise<EndpointBench> {
  const total = tally();
  const byKind: Record<string, EndpointTally> = {};
  const delays: number[] = [];
  const sentences = await Promise.all(
    options.sentences.map(async ({ path }) => spokenPart(await readAudio(path))),
  );
  for (const { kind, paths } of options.backgrounds) {
    const noise = joined(await Promise.all(paths.map(readAudio)));
    byKind[kind] ??= tally();
    for (const [index, sentence] of sentences.entries()) {
      const random = seededRandom(`${paths[0]}/${index}`);
      const lead = samplesIn(LEAD_MS + PAUSE_MS, VOICE_RATE_HZ);
      const tail = samplesIn(TAIL_MS, VOICE_RATE_HZ);
      const mixed = mixNoise(sentence, noise, { lead, tail, snrDb: options.snrDb, random });
      const { gainDb } = options;
      const heard = gainDb === 0 ? mixed : captured(mixed, { ...NO_FAULTS, gainDb }, '');
      const delayMs = await delayOf(heard, lead, lead + sentence.length, options);
      for (const counts of [total, byKind[kind]]) count(counts, delayMs);
      if (delayMs !== null) delays.push(delayMs);
      options.onUtterance();
    }
  }
  return {
    ...total,
    snrDb: options.snrDb,
    inTimeInterval: wilson(total.inTime, total.utterances),
    delayMs: { p50: quantileOrNull(delays, 0.5), p90: quantileOrNull(delays, 0.9) },
    backgrounds: byKind,
  };
}

/** Milliseconds from the last sound to the end of the utterance; null of a time-out. */
async function delayOf(
  signal: Float32Array,
  firstSample: number,
  lastSample: number,
  options: EndpointOptions,
): Promise<number | null> {
  const gate = new Gate(options.gate, VOICE_RATE_HZ, HOP_SAMPLES);
  const detection = Math.ceil(samplesIn(LEAD_MS, VOICE_RATE_HZ) / HOP_SAMPLES) * HOP_SAMPLES;
  const word = signal.subarray(firstSample, firstSample + samplesIn(WORD_MS, VOICE_RATE_HZ));
  const wordDb = loudestBlockDb(word, VOICE_RATE_HZ, options.gate?.fromHz ?? null);
  const capture = new UtteranceCapture(options.utterance, VOICE_RATE_HZ, detection, 0, wordDb);
  options.endpointer?.reset();
  for (let start = 0; start + HOP_SAMPLES <= signal.length; start += HOP_SAMPLES) {
    const data = signal.subarray(start, start + HOP_SAMPLES);
    gate.push(data);
    if (start < detection) continue;
    const byLevel = capture.isSpeech(gate.levelDb, gate.floorDb);
    const place = { source: 'bench', startSample: start, rateHz: VOICE_RATE_HZ, channels: 1 };
    const window = { ...place, data, voiceDb: wordDb };
    const decision = options.endpointer === null ? null : await options.endpointer.decide(window, never);
    const endSample = start + HOP_SAMPLES;
    const utterance = capture.push(
      endSample,
      decision === null ? byLevel : decision.kind === 'accept',
      gate.levelDb,
    );
    if (utterance === null) continue;
    return utterance.outcome === 'endpoint' ? ((endSample - lastSample) * 1000) / VOICE_RATE_HZ : null;
  }
  return null;
}

function spokenPart(samples: Float32Array): Float32Array {
  const { start, end } = loudSpan(samples, VOICE_RATE_HZ, SPEECH_DB, 0);
  return samples.slice(start, end);
}

function tally(): EndpointTally {
  return { utterances: 0, inTime: 0, late: 0, early: 0, timeouts: 0 };
}

function count(counts: EndpointTally, delayMs: number | null): void {
  counts.utterances += 1;
  if (delayMs === null) counts.timeouts += 1;
  else if (delayMs < -EARLY_MS) counts.early += 1;
  else if (delayMs <= LATE_MS) counts.inTime += 1;
  else counts.late += 1;
}
