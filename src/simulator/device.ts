import { CatnapError } from '../core/errors.js';
import type { Frame, Gap, SignalFormat, Source, SourceItem } from '../core/signal/frame.js';
import type { Life } from './life.js';

type DeviceFault = 'absent' | 'hung' | 'zero' | 'clipped';

/** How a microphone or a board does, whoever has it open, and the tiny stage behind it. */
export interface Device {
  /** Samples a second: a hop is one of them. */
  readonly rateHz: number;
  /** What is wrong with it; of several the newest shows. */
  readonly wrong: DeviceFault[];
  readonly state: DeviceFault | 'ok';
  /** Samples that the next reading loses. */
  overrunSamples: number;
  tiny: 'ok' | 'slow' | 'no-number';
  /** Hops of which tiny makes no number, from the next on. */
  badHops: number;
  /** How loud it is where it stands. */
  level(nowMs: number): number;
  /** When something is heard next, or is heard now. */
  soundMs(nowMs: number): { readonly startMs: number; readonly endMs: number };
}

/** What is read at once while nothing is heard, and while something is. */
const IDLE_MS = 20_000;
const BUSY_MS = 500;
/** A device that gives nothing for so long is taken for hung. */
const HUNG_MS = 2_000;
/** What the queue behind it holds; older samples are dropped. */
const HELD_MS = 40_000;
/** Of clipped audio every so many samples are at full scale. */
const CLIPPED_EVERY = 5;

/** What a thread reads of a device, at its pace. */
export class DeviceSource implements Source {
  constructor(
    readonly id: string,
    private readonly device: Device,
    private readonly life: Life,
    private readonly hasDescriptors: () => boolean,
  ) {}

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    const { device, id } = this;
    const { clock } = this.life.time;
    if (device.state === 'absent') throw new CatnapError('SOURCE_UNAVAILABLE', `${id}: not there`);
    if (!this.hasDescriptors()) throw new CatnapError('SOURCE_UNAVAILABLE', `${id}: too many open files`);
    const sampleMs = 1000 / device.rateHz;
    const format: SignalFormat = {
      kind: 'format',
      source: id,
      rateHz: device.rateHz,
      channels: [{ name: 'audio', unit: 'FS' }],
    };
    yield format;
    const openedMs = clock.monotonicMs();
    let sample = 0;
    while (!signal.aborted) {
      await this.#wait(openedMs + sample * sampleMs);
      if (signal.aborted) return;
      const readySample = Math.floor((clock.monotonicMs() - openedMs) / sampleMs);
      const tooOld = Math.max(0, readySample - sample - HELD_MS / sampleMs);
      const lostSamples = Math.min(readySample - sample, tooOld + device.overrunSamples);
      if (lostSamples > 0) {
        const reason = tooOld > 0 ? 'dropped' : 'overrun';
        device.overrunSamples = 0;
        yield { kind: 'gap', source: id, sample, lostSamples, reason } satisfies Gap;
        sample += lostSamples;
      }
      if (sample === readySample) continue;
      yield this.#frame(sample, readySample, openedMs);
      sample = readySample;
    }
  }

  /** Until there is something to read; the device may be lost meanwhile. */
  async #wait(readFromMs: number): Promise<void> {
    const { device, id, life } = this;
    const nowMs = life.time.clock.monotonicMs();
    const { startMs } = device.soundMs(nowMs);
    const pieceMs = startMs - nowMs > IDLE_MS ? IDLE_MS : BUSY_MS;
    await life.sleep(Math.max(1000 / device.rateHz, Math.min(pieceMs, readFromMs + pieceMs - nowMs)));
    if (device.state === 'hung') await life.sleep(HUNG_MS);
    if (device.state === 'absent' || device.state === 'hung')
      throw new CatnapError('SOURCE_LOST', `${id}: ${device.state}`);
  }

  #frame(from: number, to: number, openedMs: number): Frame {
    const { device, id } = this;
    const { rateHz } = device;
    const sampleMs = 1000 / rateHz;
    const data = new Float32Array(to - from);
    const { startMs } = device.soundMs(openedMs + from * sampleMs);
    const isSilent = startMs > openedMs + to * sampleMs;
    const quiet = isSilent ? device.level(openedMs + from * sampleMs) : 0;
    for (let i = 0; i < data.length; i++) {
      const level = isSilent ? quiet : device.level(openedMs + (from + i) * sampleMs);
      data[i] = i % 2 === 0 ? level : -level;
    }
    if (device.state === 'zero') data.fill(0);
    if (device.state === 'clipped') for (let i = 0; i < data.length; i += CLIPPED_EVERY) data[i] = 1;
    const arrivedMs = openedMs + to * sampleMs;
    return { kind: 'frame', source: id, sample: from, rateHz, channels: 1, data, arrivedMs };
  }
}
