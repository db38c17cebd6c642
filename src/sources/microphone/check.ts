import { type Finding, ok } from '../../core/finding.js';
import type { Source } from '../../core/signal/frame.js';
import { wrongRate } from './wrong-rate.js';

/** The rate is told from so much of it, or where it looks wrong, from so much: a busy machine reads in lots. */
const LEAST_MS = 2000;
const MOST_MS = 10_000;
/** 44.1 kHz in place of 48 is 8% off; what a machine may read late by within {@link MOST_MS} is less. */
const OFF_SHARE = 0.05;

/**
 * Listens to a microphone until it is known whether its samples come as fast as they should.
 * @param source as it is opened to be listened to, captured at `rateHz` with one channel of samples a frame
 * @throws CatnapError what the source throws that cannot be opened, is lost, hangs or is at the wrong rate
 */
export async function checkMicrophone(
  source: Source,
  {
    device,
    rateHz,
    channels,
  }: { readonly device: string; readonly rateHz: number; readonly channels: number },
): Promise<Finding> {
  // Of the first lot, and of what comes behind a gap, nobody knows how long it had lain there.
  let firstMs: number | null = null;
  let samples = 0;
  for await (const item of source.frames(new AbortController().signal)) {
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
  return ok(`hears "${device}" at ${rateHz} Hz, ${channels} ${channels === 1 ? 'channel' : 'channels'}`);
}
