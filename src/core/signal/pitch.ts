import { median } from '../quantile.js';
import { samplesIn } from './duration.js';

/** Where voices lie, children's as well; Hz. */
const LOWEST_HZ = 60;
const HIGHEST_HZ = 500;
/** Of what is left of the signal: periods of voices are to be told apart, and no more. */
const RATE_HZ = 4_000;
const FRAME_MS = 40;
const STEP_MS = 20;
/** A frame this much like itself a period later is voiced. */
const VOICED = 0.7;
/** A shorter period is believed that is nearly as like it: twice the period is as good a match. */
const NEARLY = 0.9;
/** What is quieter than the loudest frame by this much (20 dB, as power) is no part of the word. */
const LOUD_SHARE = 0.01;
/** Fewer voiced frames say nothing of a voice. */
const VOICED_MIN = 4;

/**
 * How high a voice is: the median pitch of the voiced frames, in Hz; null where too little is voiced, or the
 * rate carries no voice.
 */
export function pitchOf(data: Float32Array, rateHz: number): number | null {
  const voiced = pitchesOf(data, rateHz).filter((pitchHz) => !Number.isNaN(pitchHz));
  return voiced.length < VOICED_MIN ? null : median(voiced);
}

/**
 * How high a voice is every 20 ms, in Hz; NaN where it is not voiced, or too quiet to be of it. None where the rate
 * carries no voice. By autocorrelation, normalised by the energy of both stretches (Talkin's RAPT, 1995),
 * interpolated between samples.
 */
export function pitchesOf(data: Float32Array, rateHz: number): Float64Array {
  if (rateHz < 2 * HIGHEST_HZ) return new Float64Array(0);
  const apart = Math.max(1, Math.round(rateHz / RATE_HZ));
  const sparse = thinned(data, apart);
  const sparseHz = rateHz / apart;
  const [frame, step] = [samplesIn(FRAME_MS, sparseHz), samplesIn(STEP_MS, sparseHz)];
  const [shortest, longest] = [Math.floor(sparseHz / HIGHEST_HZ), Math.ceil(sparseHz / LOWEST_HZ)];
  const powers = new Float64Array(sparse.length + 1);
  for (let i = 0; i < sparse.length; i++) powers[i + 1] = (powers[i] ?? 0) + (sparse[i] ?? 0) ** 2;
  const powerAt = (start: number) => (powers[start + frame] ?? 0) - (powers[start] ?? 0);
  const starts: number[] = [];
  for (let start = 0; start + frame + longest + 1 <= sparse.length; start += step) starts.push(start);
  const loud = LOUD_SHARE * Math.max(...starts.map(powerAt));
  return Float64Array.from(starts, (start) => {
    const power = powerAt(start);
    if (!(power > 0) || power < loud) return Number.NaN;
    const likeness = new Float64Array(longest + 2);
    for (let lag = shortest - 1; lag <= longest + 1; lag++) {
      let sum = 0;
      for (let i = start; i < start + frame; i++) sum += (sparse[i] as number) * (sparse[i + lag] as number);
      likeness[lag] = sum / Math.sqrt(power * powerAt(start + lag) + Number.MIN_VALUE);
    }
    const period = periodIn(likeness, shortest, longest);
    return period === null ? Number.NaN : sparseHz / period;
  });
}

/** The shortest period at which a frame is nearly as like itself as at any; null where it is not voiced. */
function periodIn(likeness: Float64Array, shortest: number, longest: number): number | null {
  const peaks: { readonly period: number; readonly height: number }[] = [];
  for (let lag = shortest; lag <= longest; lag++) {
    const [before, at, after] = [likeness[lag - 1] ?? 0, likeness[lag] ?? 0, likeness[lag + 1] ?? 0];
    if (at < before || at < after) continue;
    // The top of the parabola through the three.
    const bend = before - 2 * at + after;
    const off = bend === 0 ? 0 : (before - after) / (2 * bend);
    peaks.push({ period: lag + off, height: at - (off * (before - after)) / 4 });
  }
  const most = Math.max(0, ...peaks.map(({ height }) => height));
  if (most < VOICED) return null;
  return peaks.find(({ height }) => height >= NEARLY * most)?.period ?? null;
}

/** Every n-th sample, of the signal without what lies above the lower harmonics of a voice. */
function thinned(data: Float32Array, apart: number): Float32Array {
  const means = Float32Array.from({ length: Math.floor(data.length / apart) }, (_, i) => {
    let sum = 0;
    for (let k = i * apart; k < (i + 1) * apart; k++) {
      const value = data[k] as number;
      sum += Number.isFinite(value) ? value : 0;
    }
    return sum / apart;
  });
  return means.map((value, i) => ((means[i - 1] ?? value) + 2 * value + (means[i + 1] ?? value)) / 4);
}
