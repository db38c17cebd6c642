import type { Sound } from '../events/events.js';
import { samplesIn } from '../signal/duration.js';
import { loudestBlockDb } from '../signal/gate.js';
import { pitchOf } from '../signal/pitch.js';
import type { SignalPath } from './signal-path.js';
import { WAKE_WORD_MS } from './word-end.js';

/**
 * How the samples up to `endSample` sound; null of a signal that is no sound. A millisecond or two of
 * CPU: for what was noticed, not for every hop.
 */
export function soundOf(
  { isAudio, ring, gate, format: { rateHz } }: SignalPath,
  endSample: number,
): Sound | null {
  if (!isAudio || ring.channels !== 1) return null;
  const { data } = ring.copy(endSample - samplesIn(WAKE_WORD_MS, rateHz), endSample);
  const pitchHz = pitchOf(data, rateHz);
  return {
    levelDb: tenths(loudestBlockDb(data, rateHz, gate.profile?.fromHz ?? null)),
    floorDb: gate.profile === null ? null : tenths(gate.floorDb),
    pitchHz: pitchHz === null ? null : tenths(pitchHz),
  };
}

function tenths(value: number): number {
  return Math.round(10 * value) / 10;
}
