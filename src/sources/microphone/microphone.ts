import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type LpcmLibrary from 'node-record-lpcm16';
import type { Time } from '../../core/clock.js';
import { CatnapError, type ErrorCode } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';
import type { Frame, Gap, Patience, SignalFormat, Source, SourceItem } from '../../core/signal/frame.js';
import { Watchdog } from '../../core/watchdog.js';
import { type ChannelChoice, chosenChannels } from '../channels.js';
import { MixHealth } from '../mix-health.js';
import { startReading, stopReading } from '../pipe-reading.js';
import { RateWatch } from '../rate-watch.js';
import { CaptureQueue } from './capture-queue.js';
import { Complaint } from './complaint.js';
import { wrongRate } from './wrong-rate.js';

const require = createRequire(import.meta.url);
/** The library wants an absolute path of CommonJS, which is only in the build, also when this file runs from `src`. */
const RECORDER_MODULE = fileURLToPath(
  new URL('../../../dist/sources/microphone/recorder.cjs', import.meta.url),
);

/** What `arecord` (alsa-utils, aplay.c, `xrun`) and `sox` (alsa.c) say when the kernel's buffer overflowed. */
const OVERRUN = /over-?run(?:!!! \(at least ([\d.]+) ms long\))?/;
/** Packages of Debian and its kin that bring the recorders. */
const PACKAGES = { arecord: 'alsa-utils', sox: 'sox' } as const;
const PIPE_GRACE_MS = 200;
/** Descriptors a spawn with three pipes needs, and a few over. */
const SPARE_DESCRIPTORS = 10;

/** How to capture a microphone; its samples are held to the clock. */
export interface MicrophoneOptions extends Time {
  readonly id: string;
  readonly recorder: 'arecord' | 'sox';
  /** ALSA device (`default`, `plughw:CARD=Device`); for sox the value of `AUDIODEV`. */
  readonly device: string;
  readonly rateHz: number;
  /** Interleaved channels to capture. */
  readonly channels: number;
  /** Those of them that are heard; they are mixed to one. */
  readonly channel: ChannelChoice;
  /** Told when channels that are mixed cancel, or one of them is dead. */
  readonly onMix: (health: Health) => void;
  /** The device hands over samples this often. More often than a hop lasts costs CPU time and brings nothing. */
  readonly periodMs: number;
  /** What the kernel keeps when this process is late; beyond it an overrun follows. */
  readonly deviceBufferMs: number;
  /** What this process keeps when the cascade is late; beyond it the oldest are dropped. */
  readonly queueMs: number;
  /** Without data this long the recorder is taken for hung and killed. */
  readonly silentMs: number;
  /** A recorder that ignores SIGTERM this long is killed. */
  readonly killAfterMs: number;
}

const microphoneDefaults: Omit<MicrophoneOptions, 'id' | keyof Time> = {
  recorder: 'arecord',
  device: 'default',
  rateHz: 16_000,
  channels: 1,
  channel: null,
  onMix: () => {},
  periodMs: 80,
  deviceBufferMs: 500,
  queueMs: 30_000,
  silentMs: 2000,
  killAfterMs: 500,
};

/**
 * A microphone, read by `arecord` or `sox` through `node-record-lpcm16`. Every opening starts a recorder; the
 * supervisor opens again.
 *
 * `frames` throws `SOURCE_FORMAT` for a channel that is not captured, `TOOL_MISSING` where the program is not on PATH,
 * `SOURCE_UNAVAILABLE` when it ends before its first sample, `SOURCE_LOST` when it ends later, `SOURCE_SILENT` when it
 * hangs, `SOURCE_RATE` when its samples come faster or slower than they should. When it returns or throws, the
 * recorder is dead.
 */
export class Microphone implements Source {
  readonly id: string;
  readonly #options: MicrophoneOptions;

  constructor(options: Partial<MicrophoneOptions> & Time & { readonly id: string }) {
    this.id = options.id;
    this.#options = { ...microphoneDefaults, ...options };
  }

  async *frames(signal: AbortSignal, patience: Patience = () => 0): AsyncGenerator<SourceItem> {
    if (signal.aborted) return;
    const { rateHz, periodMs } = this.#options;
    const hopSamples = Math.round((rateHz * periodMs) / 1000);
    const recorder = new RunningRecorder(this.#options);
    const stop = (): void => recorder.stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      yield this.#format();
      yield* this.#drain(recorder, hopSamples, patience);
      if (!signal.aborted && recorder.failure !== null) throw recorder.failure;
    } finally {
      signal.removeEventListener('abort', stop);
      recorder.stop();
      await recorder.gone;
    }
  }

  async *#drain(
    recorder: RunningRecorder,
    hopSamples: number,
    patience: Patience,
  ): AsyncGenerator<Frame | Gap> {
    const { id: source } = this;
    const { rateHz } = this.#options;
    const hop = new Float32Array(hopSamples);
    const frame = {
      kind: 'frame' as const,
      source,
      sample: 0,
      rateHz,
      channels: 1,
      data: hop,
      arrivedMs: 0,
    };
    let sample = 0;
    for (;;) {
      const taken = recorder.queue.next(hop);
      switch (taken.kind) {
        case 'hop':
          frame.sample = sample;
          frame.data = taken.samples === hopSamples ? hop : hop.subarray(0, taken.samples);
          frame.arrivedMs = recorder.takenMs();
          sample += taken.samples;
          yield frame;
          break;
        case 'gap':
          yield { kind: 'gap', source, sample, lostSamples: taken.lostSamples, reason: taken.reason };
          sample += taken.lostSamples;
          break;
        case 'empty':
          recorder.rest(hopSamples - recorder.queue.waitingSamples, patience());
          await recorder.queue.changed();
          break;
        case 'end':
          return;
        default:
          taken satisfies never;
      }
    }
  }

  #format(): SignalFormat {
    return {
      kind: 'format',
      source: this.id,
      rateHz: this.#options.rateHz,
      channels: [{ name: 'audio', unit: 'FS' }],
    };
  }
}

/** One recorder process from its start to its certain end. */
class RunningRecorder {
  readonly queue: CaptureQueue;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  /** Why it ended, unless it was told to; read it after the queue's end. */
  failure: CatnapError | null = null;
  readonly #options: MicrophoneOptions;
  readonly #child: ReturnType<typeof LpcmLibrary.record>['process'];
  readonly #rate: RateWatch;
  #stopping = false;
  /** Ends the rest; null: it reads. */
  #cancelRest: (() => void) | null = null;
  #readMs = 0;
  #heard = false;
  readonly #complaint = new Complaint();

  constructor(options: MicrophoneOptions) {
    this.#options = options;
    const { id, rateHz, channels, channel, queueMs, onMix } = options;
    const chosen = chosenChannels(channel, channels, `microphone ${id}`);
    const health = chosen.length > 1 ? new MixHealth(chosen, rateHz, onMix) : null;
    this.queue = new CaptureQueue(Math.round((rateHz * queueMs) / 1000), { channels, chosen, health });
    this.#rate = new RateWatch(options.rateHz, options.silentMs);
    requireDescriptors(options.id);
    const lpcm16 = require('node-record-lpcm16') as typeof LpcmLibrary;
    const recording = lpcm16.record({
      recorder: RECORDER_MODULE,
      program: options.recorder,
      sampleRate: options.rateHz,
      channels: options.channels,
      // `wav` would end after 2 GiB with exit code 0, which the library takes for a normal end.
      audioType: 'raw',
      device: options.device,
      periodMs: options.periodMs,
      deviceBufferMs: options.deviceBufferMs,
    });
    this.#child = recording.process;
    this.gone = this.#watch(recording.stream());
  }

  /**
   * Leaves what is recorded in the pipe until the next `samples` of it are `lateMs` late; whatever happens to the
   * recorder ends that.
   */
  rest(samples: number, lateMs: number): void {
    if (lateMs === 0 || !this.#heard || this.#stopping || this.#cancelRest !== null) return;
    if (!stopReading(this.#child.stdout)) return;
    const { rateHz, clock, timer } = this.#options;
    const recordedMs = this.#readMs + (samples * 1000) / rateHz;
    this.#cancelRest = timer(recordedMs - clock.monotonicMs() + lateMs, () => this.#read(), lateMs);
  }

  /** When the newest sample taken from the queue was recorded, on the monotonic clock. */
  takenMs(): number {
    return this.#readMs - (this.queue.waitingSamples * 1000) / this.#options.rateHz;
  }

  /** Ends the recorder, also one that is stopped (SIGSTOP) or ignores SIGTERM. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#read();
    this.#child.kill('SIGTERM');
    this.#child.kill('SIGCONT');
    const cancel = this.#options.timer(this.#options.killAfterMs, () => this.#child.kill('SIGKILL'));
    void this.gone.then(cancel);
  }

  #watch(stream: ReturnType<ReturnType<typeof LpcmLibrary.record>['stream']>): Promise<void> {
    const silence = new Watchdog(this.#options, this.#options.silentMs, () => this.#onSilence());
    stream.on('data', (chunk: Buffer) => {
      this.#heard = true;
      silence.feed();
      this.#readMs = this.#options.clock.monotonicMs();
      this.queue.write(chunk);
      this.#holdToClock(chunk.length / (2 * this.#options.channels));
    });
    // The library emits 'error' with a string for every exit code but 0; the 'close' below knows better.
    stream.on('error', () => {});
    this.#child.stderr.on('data', (chunk: Buffer) => this.#onStderr(chunk.toString('latin1')));
    return new Promise((resolve) => {
      const finish = (): void => {
        silence.stop();
        this.#stopping = true;
        this.queue.end();
        resolve();
      };
      this.#child.on('error', (error: NodeJS.ErrnoException) => {
        this.#onSpawnError(error);
        if (this.#child.pid === undefined) finish();
      });
      // A wrapper script's own child may hold the pipes open after it is gone.
      this.#child.on('exit', () => {
        this.#read();
        this.#options.timer(PIPE_GRACE_MS, () => {
          this.#child.stdout.destroy();
          this.#child.stderr.destroy();
        });
      });
      this.#child.on('close', (code, cause) => {
        if (!this.#stopping) this.#onExit(code, cause);
        finish();
      });
    });
  }

  #read(): void {
    if (this.#cancelRest === null) return;
    this.#cancelRest();
    this.#cancelRest = null;
    startReading(this.#child.stdout);
  }

  #onSilence(): void {
    if (this.#stopping) return;
    this.#fail('SOURCE_SILENT', `expected data, found none for ${this.#options.silentMs} ms`);
    this.#child.kill('SIGKILL');
  }

  /** A recorder that was stopped may still have something in its pipe. */
  #holdToClock(samples: number): void {
    const foundHz = this.#rate.heard(samples, this.#readMs);
    if (foundHz === null || this.#stopping || this.failure !== null) return;
    const { id, device, rateHz } = this.#options;
    this.failure = wrongRate(id, device, rateHz, foundHz);
    this.#child.kill('SIGKILL');
  }

  #onStderr(text: string): void {
    for (const line of this.#complaint.take(text)) {
      const overrun = OVERRUN.exec(line);
      if (overrun === null) continue;
      this.#onOverrun(Math.round((Number(overrun[1] ?? 0) * this.#options.rateHz) / 1000));
    }
  }

  /** What was recorded before an overrun may still lie in the pipe: it is read in the next turn of the event loop. */
  #onOverrun(lostSamples: number): void {
    this.#rate.lost(lostSamples);
    const mark = (): void => this.queue.gap(lostSamples, 'overrun');
    if (this.#cancelRest === null) {
      mark();
      return;
    }
    this.#read();
    setImmediate(() => setImmediate(mark));
  }

  #onSpawnError(error: NodeJS.ErrnoException): void {
    const { recorder } = this.#options;
    const tool = `${recorder} on PATH (package ${PACKAGES[recorder]})`;
    if (error.code === 'ENOENT') this.#fail('TOOL_MISSING', `expected ${tool}, found none`);
    else this.#fail('SOURCE_UNAVAILABLE', `expected to start ${recorder}, found ${error.message}`);
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    const why = this.#complaint.line();
    const how = signal === null ? `exit code ${code}` : signal;
    const { recorder, device } = this.#options;
    this.#fail(
      this.#heard ? 'SOURCE_LOST' : 'SOURCE_UNAVAILABLE',
      `expected ${recorder} to go on with "${device}", found ${how}${why === '' ? '' : ` (${why})`}`,
    );
  }

  #fail(code: Extract<ErrorCode, 'TOOL_MISSING' | `SOURCE_${string}`>, what: string): void {
    this.failure ??= new CatnapError(code, `microphone ${this.#options.id}: ${what}`);
  }
}

/**
 * Node throws an error nobody can catch when a child's pipes cannot be opened, so look first.
 * @throws CatnapError `SOURCE_UNAVAILABLE` where the process is out of file descriptors.
 */
function requireDescriptors(id: string): void {
  const held: number[] = [];
  try {
    for (let i = 0; i < SPARE_DESCRIPTORS; i += 1) held.push(openSync('/dev/null', 'r'));
  } catch (cause) {
    throw new CatnapError(
      'SOURCE_UNAVAILABLE',
      `microphone ${id}: expected free file descriptors, found none`,
      {
        cause,
      },
    );
  } finally {
    for (const descriptor of held) closeSync(descriptor);
  }
}
