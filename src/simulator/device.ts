import { CatnapError } from '../core/errors.js';
import type { Frame, Gap, SignalFormat, Source, SourceItem } from '../core/signal/frame.js';
import type { Life } from './life.js';
import { RATE_HZ } from './sounds.js';

/** How a microphone or a board does, whoever has it open. */
export interface Device {
  state: 'ok' | 'absent' | 'hung';
  /** Samples that the next reading loses. */
  overrunSamples: number;
  /** How loud it is where it stands. */
  level(nowMs: number): number;
  /** When something is heard next, or is heard now. */
  soundMs(nowMs: number): { readonly startMs: number; readonly endMs: number };
}

const SAMPLE_MS = 1000 / RATE_HZ;
/** What is read at once while nothing is heard, and while something is. */
const IDLE_MS = 10_000;
const BUSY_MS = 500;
/** A device that gives nothing for so long is taken for hung. */
const HUNG_MS = 2_000;
/** What the queue behind it holds; older samples are dropped. */
const HELD_MS = 30_000;

/** What a thread reads of a device, at its pace. */
export class DeviceSource implements Source {
  constructor(
    readonly id: string,
    private readonly device: Device,
    private readonly life: Life,
  ) {}

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    const { device, id } = this;
    const { clock } = this.life.time;
    if (device.state === 'absent') throw new CatnapError('SOURCE_UNAVAILABLE', `${id}: not there`);
    const format: SignalFormat = {
      kind: 'format',
      source: id,
      rateHz: RATE_HZ,
      channels: [{ name: 'audio', unit: 'FS' }],
    };
    yield format;
    const openedMs = clock.monotonicMs();
    let sample = 0;
    while (!signal.aborted) {
      await this.#wait(openedMs + sample * SAMPLE_MS);
      if (signal.aborted) return;
      const readySample = Math.floor((clock.monotonicMs() - openedMs) / SAMPLE_MS);
      const tooOld = Math.max(0, readySample - sample - HELD_MS / SAMPLE_MS);
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
    await life.sleep(Math.max(SAMPLE_MS, Math.min(pieceMs, readFromMs + pieceMs - nowMs)));
    if (device.state === 'hung') await life.sleep(HUNG_MS);
    if (device.state !== 'ok') throw new CatnapError('SOURCE_LOST', `${id}: ${device.state}`);
  }

  #frame(from: number, to: number, openedMs: number): Frame {
    const data = new Float32Array(to - from);
    for (let i = 0; i < data.length; i++) {
      const level = this.device.level(openedMs + (from + i) * SAMPLE_MS);
      data[i] = i % 2 === 0 ? level : -level;
    }
    const arrivedMs = openedMs + to * SAMPLE_MS;
    return { kind: 'frame', source: this.id, sample: from, rateHz: RATE_HZ, channels: 1, data, arrivedMs };
  }
}
