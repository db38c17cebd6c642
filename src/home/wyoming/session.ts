import type { Recognition } from '../../core/cascade/stage.js';
import { CatnapError } from '../../core/errors.js';
import type { EventOf } from '../../core/events/events.js';
import { VOICE_RATE_HZ } from '../../sources/mono.js';
import { LEAD_MAX_MS, Lead } from '../../sources/wyoming/lead.js';
import { formatOf, type WyomingMessage } from '../../sources/wyoming/protocol.js';
import { ToVoice } from '../../sources/wyoming/to-voice.js';
import { Recording } from './recording.js';

/** A cascade that listens to one connection. */
export interface Ears {
  /** Takes mono at 16 kHz; a promise where the cascade has to be waited for. */
  hear(samples: Float32Array): Promise<void> | undefined;
  /**
   * For how long what comes next may be left unread without any word being late for it: until the hop that it belongs
   * to is whole, and as long as that may wait. 0: each sample counts.
   */
  restMs(): number;
  /** The stream is over: what is under way comes to its end, and the next stream has nothing to do with this one. */
  pause(): Promise<void>;
  close(): Promise<void>;
}

/** What a text means here. */
export interface Meaning {
  readonly intent: string;
  readonly slots: Readonly<Record<string, string>>;
}

/** What connections are served with. */
export interface Services {
  /** The answer to `describe`. */
  readonly info: Readonly<Record<string, unknown>>;
  openEars(onVerified: (event: EventOf<'verified'>) => void): Promise<Ears>;
  /** Null: there is no recogniser. */
  readonly recognise: ((samples: Float32Array) => Promise<Recognition>) | null;
  understand(text: string): Meaning | null;
  /** Has done what a text means; null: nothing may be asked for. */
  readonly handle: ((text: string, meaning: Meaning) => void) | null;
}

type Say = (type: string, data?: Readonly<Record<string, unknown>>) => void;

/** What an utterance may be long; what is said after it is not taken. */
const UTTERANCE_MAX_SECONDS = 30;
const SAMPLES_PER_MS = VOICE_RATE_HZ / 1000;

/** One connection of the Wyoming protocol: what it asked for, and the stream that it sends. */
export class WyomingSession {
  readonly #services: Services;
  readonly #say: Say;
  #ears: Ears | null = null;
  /** What the next stream is for. */
  #purpose: 'wake' | 'speech' = 'wake';
  /** Words that are asked for; null: all. */
  #names: readonly string[] | null = null;
  #audio: ToVoice | null = null;
  #recording: Recording | null = null;
  /** Whether the present stream has had a detection. */
  #isDetected = false;
  #timestampMs: number | null = null;
  readonly #lead = new Lead();
  /** How long what came lasts since it was asked how long to rest. */
  #heardMs = 0;

  constructor(services: Services, say: Say) {
    this.#services = services;
    this.#say = say;
  }

  /**
   * Does what a message asks for, and returns a promise where that has to be waited for; what is unknown is let be, as
   * the protocol wants.
   * @throws CatnapError `SOURCE_FORMAT` for what no client of good will sends.
   */
  take(message: WyomingMessage): Promise<void> | undefined {
    switch (message.type) {
      case 'describe':
        this.#say('info', this.#services.info);
        return undefined;
      case 'ping':
        this.#say('pong', { text: textIn(message.data.text) });
        return undefined;
      case 'detect':
        this.#purpose = 'wake';
        this.#names = namesIn(message.data.names);
        return undefined;
      case 'transcribe':
        this.#purpose = 'speech';
        return undefined;
      case 'audio-start':
        this.#start(message);
        return undefined;
      case 'audio-chunk':
        return this.#chunk(message);
      case 'audio-stop':
        return this.#stop();
      case 'recognize':
        this.#understand(textIn(message.data.text) ?? '');
        return undefined;
      case 'transcript':
        this.#handle(textIn(message.data.text) ?? '');
        return undefined;
      default:
        return undefined;
    }
  }

  /** For how long what comes after `nowMs`, monotonic, may be left unread. */
  restMs(nowMs: number): number {
    const heardMs = this.#heardMs;
    this.#heardMs = 0;
    if (heardMs === 0 || this.#recording !== null || this.#ears === null) return 0;
    return this.#lead.heard(heardMs, nowMs) > LEAD_MAX_MS ? 0 : this.#ears.restMs();
  }

  async close(): Promise<void> {
    await this.#ears?.close();
    this.#ears = null;
  }

  #start(message: WyomingMessage): void {
    this.#audio = new ToVoice(formatOf(message));
    this.#isDetected = false;
    this.#recording = this.#purpose === 'speech' ? new Recording(UTTERANCE_MAX_SECONDS) : null;
  }

  #chunk(message: WyomingMessage): Promise<void> | undefined {
    if (message.payload === null) return undefined;
    const format = formatOf(message);
    if (this.#audio === null) this.#start(message);
    if (this.#audio?.isFor(format) !== true)
      throw new CatnapError('SOURCE_FORMAT', 'Wyoming: expected one format from audio-start to audio-stop');
    const { timestamp } = message.data;
    this.#timestampMs = typeof timestamp === 'number' ? timestamp : null;
    const samples = this.#audio.push(message.payload);
    this.#heardMs += samples.length / SAMPLES_PER_MS;
    if (this.#recording === null) return this.#ears === null ? this.#open(samples) : this.#ears.hear(samples);
    this.#recording.take(samples);
    return undefined;
  }

  async #open(samples: Float32Array): Promise<void> {
    this.#ears = await this.#services.openEars((event) => this.#detected(event));
    await this.#ears.hear(samples);
  }

  async #stop(): Promise<void> {
    const recording = this.#recording;
    if (recording === null) await this.#ears?.pause();
    this.#audio = null;
    this.#recording = null;
    if (recording !== null) return this.#transcribe(recording.samples());
    if (!this.#isDetected) this.#say('not-detected');
  }

  #detected({ label, trail, degraded, detection }: EventOf<'verified'>): void {
    if (this.#names !== null && !this.#names.includes(label)) return;
    this.#isDetected = true;
    const scores = trail.flatMap((entry) =>
      entry.kind === 'abstain'
        ? []
        : [[entry.stage, { score: entry.score, confidence: entry.confidence }] as const],
    );
    const context = { catnap: { detection, degraded, stages: Object.fromEntries(scores) } };
    // Who spoke is not known.
    this.#say('detection', { name: label, timestamp: this.#timestampMs, speaker: null, context });
  }

  async #transcribe(samples: Float32Array): Promise<void> {
    const { recognise } = this.#services;
    if (recognise === null) return this.#fail('STAGE_UNAVAILABLE', 'there is no recogniser here');
    const recognition = await recognise(samples);
    if (recognition.kind === 'abstain') return this.#fail(recognition.code, 'the recogniser did not answer');
    this.#say('transcript', {
      text: recognition.kind === 'transcript' ? recognition.text : '',
      language: 'en',
    });
  }

  #understand(text: string): void {
    const meaning = this.#services.understand(text);
    if (meaning === null) this.#say('not-recognized', { text: '' });
    else {
      const entities = Object.entries(meaning.slots).map(([name, value]) => ({ name, value }));
      this.#say('intent', { name: meaning.intent, entities });
    }
  }

  #handle(text: string): void {
    const { handle, understand } = this.#services;
    const meaning = understand(text);
    if (handle === null || meaning === null) this.#say('not-handled', { text: '' });
    else {
      handle(text, meaning);
      this.#say('handled', { text: '' });
    }
  }

  #fail(code: string, text: string): void {
    this.#say('error', { code, text });
  }
}

function textIn(found: unknown): string | null {
  return typeof found === 'string' ? found.slice(0, 1000) : null;
}

function namesIn(found: unknown): readonly string[] | null {
  if (!Array.isArray(found) || found.length === 0) return null;
  return found.filter((name): name is string => typeof name === 'string');
}
