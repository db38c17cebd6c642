import type { Health } from '../../core/events/health.js';
import { type Finding, ok, warning } from '../../core/finding.js';
import type { Source } from '../../core/signal/frame.js';
import { SIGNAL_FAULTS, type SignalFault, SignalSecond } from '../signal-second.js';
import { wrongRate } from './wrong-rate.js';

/** The rate is told from so much of it, or where it looks wrong, from so much: a busy machine reads in lots. */
const LEAST_MS = 3000;
const MOST_MS = 10_000;
/** 44.1 kHz in place of 48 is 8% off; what a machine may read late by within {@link MOST_MS} is less. */
const OFF_SHARE = 0.05;
/** No microphone that is well hears less than this in any second, nobody speaking: -80 dB re full scale. */
const QUIET_POWER = 1e-8;

/** How a microphone is listened to. */
interface Listening {
  readonly device: string;
  readonly rateHz: number;
  readonly channels: number;
  /** What is wrong with its channels beside each other, as far as that was told. */
  readonly mixed?: () => Health | null;
}

/**
 * Listens to a microphone until it is known whether its samples come as fast as they should, and what is wrong with
 * them.
 * @param source as it is opened to be listened to, captured at `rateHz` with one channel of samples a frame
 * @throws CatnapError what the source throws that cannot be opened, is lost, hangs or is at the wrong rate
 */
export async function checkMicrophone(
  source: Source,
  { device, rateHz, channels, mixed = () => null }: Listening,
): Promise<readonly Finding[]> {
  const signal = new Signal(rateHz);
  // Of the first lot, and of what comes behind a gap, nobody knows how long it had lain there.
  let firstMs: number | null = null;
  let samples = 0;
  for await (const item of source.frames(new AbortController().signal)) {
    if (item.kind === 'frame') signal.hear(item.data);
    if (item.kind !== 'frame' || item.arrivedMs === undefined || firstMs === null) {
      firstMs = item.kind === 'frame' ? (item.arrivedMs ?? null) : null;
      samples = 0;
      continue;
    }
    samples += item.data.length;
    const passedMs = item.arrivedMs - firstMs;
    if (passedMs < LEAST_MS) continue;
    const foundHz = Math.round((samples * 1000) / passedMs);
    if (Math.abs(foundHz / rateHz - 1) <= OFF_SHARE) break;
    if (passedMs >= MOST_MS) throw wrongRate(source.id, device, rateHz, foundHz);
  }
  const hears = `hears "${device}" at ${rateHz} Hz, ${channels} ${channels === 1 ? 'channel' : 'channels'}`;
  return [ok(hears), ...soundOf(signal, device, mixed())];
}

/** What is wrong with how it sounds. */
function soundOf(signal: Signal, device: string, mixed: Health | null): readonly Finding[] {
  if (mixed?.state === 'degraded') {
    const [found = '', remedy = ''] = mixed.detail.split('; ');
    return [warning(found, remedy)];
  }
  const { fault } = signal;
  if (fault === null) return [];
  const { what, remedy, byMixer } = SIGNAL_FAULTS[fault];
  const found = fault === 'quiet' ? `nothing louder than ${signal.loudestDb} dB` : what;
  return [warning(`it hears ${found}`, byMixer ? `${remedy} (${mixerOf(device)})` : remedy)];
}

/** What was heard, second by second. */
class Signal {
  readonly #second: SignalSecond;
  #loudestPower = 0;
  #last: SignalFault | null = null;

  constructor(rateHz: number) {
    this.#second = new SignalSecond(rateHz);
  }

  hear(data: Float32Array): void {
    for (let at = 0; at < data.length; ) {
      at += this.#second.take(data, at);
      const found = this.#second.ended();
      if (found === null) continue;
      this.#last = found.fault;
      this.#loudestPower = Math.max(this.#loudestPower, found.loudestPower);
    }
  }

  /** Of the last second; a recorder may begin with zeros. */
  get fault(): SignalFault | null {
    return this.#last ?? (this.#loudestPower < QUIET_POWER ? 'quiet' : null);
  }

  /** Re full scale. */
  get loudestDb(): number {
    return Math.round(10 * Math.log10(this.#loudestPower));
  }
}

/** The mixer of the card that a device names. */
function mixerOf(device: string): string {
  const card = /CARD=([^,]+)/.exec(device)?.[1] ?? /^(?:plug)?hw:([^,=]+)/.exec(device)?.[1];
  return card === undefined ? '`alsamixer`, F4' : `\`alsamixer -c ${card}\`, F4`;
}
