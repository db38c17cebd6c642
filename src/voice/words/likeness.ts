import { median } from '../../core/quantile.js';
import { pitchesOf } from '../../core/signal/pitch.js';
import type { HeldTakes } from './held-takes.js';
import type { InnerValues } from './inner-values.js';
import { TakePath, TURN } from './take-path.js';

/** A sound as takes are compared with it. */
export interface Compared {
  readonly inner: InnerValues;
  /** How high the voice is in each step, in semitones above 1 Hz; NaN where there is none. */
  readonly pitch: Float64Array;
}

/** A take as it is compared. */
export interface ComparedTake extends Compared {
  /** Its steps from the first phone to the last, and little around them, as whoever listens for it all day is shown. */
  readonly spoken: InnerValues;
  /** With how many of its steps its last phone is heard. */
  readonly phoneSteps: number;
}

/**
 * How high the voice is in steps of that length, as {@link Compared} has it.
 * @param samples mono audio.
 */
export function melodyOf(samples: Float32Array, rateHz: number): Float64Array {
  return pitchesOf(samples, rateHz).map((pitchHz) => 12 * Math.log2(pitchHz));
}

/** A take and what it is compared with. */
export interface Likeness {
  /** How like it what is said is: 0 where it is the same, less by the mean cosine distance of what the way pairs. */
  readonly sounds: number;
  /** How far the melody of the voice is from the take's along that way, in semitones, wherever both lie. */
  readonly melody: number;
  /** Share of that way on which the one waits for the other, 0 to 1: what is no such word is warped most. */
  readonly warp: number;
  /** With how many steps of the sound the take's last phone is heard in it. */
  readonly end: number;
}

/** Fewer steps in which both are voiced tell no melody: then it counts as so many semitones off, as by chance. */
const VOICED_MIN = 6;
const MELODY_UNKNOWN = 2;
/** No melody counts as further off. */
const MELODY_MOST = 5;
/** A step further off than that is a mistake of an octave, or nearly so. */
const OFF_MOST = 8;

/** Holds a take, and tells how like it whichever stretch of a sound is that is most like it. */
export function comparison(
  take: Omit<ComparedTake, 'spoken'>,
  holds: HeldTakes,
): (heard: Compared) => Likeness {
  const held = holds.add(take.inner);
  return (heard) => {
    const path = new TakePath(held);
    const turns: Uint8Array[] = [];
    let [least, end] = [Number.POSITIVE_INFINITY, 0];
    for (let step = 0; step < heard.inner.steps; step++) {
      const turned = new Uint8Array(held.steps);
      const mean = path.advance(heard.inner, step, step, turned);
      turns.push(turned);
      if (mean < least) [least, end] = [mean, step];
    }
    const pairs = pairsTo(end, turns);
    const last = pairs.find(({ row }) => row < take.phoneSteps);
    const waits = pairs.filter(({ turn }) => turn === TURN.row || turn === TURN.step).length;
    return {
      sounds: -least,
      melody: melodyAlong(pairs, take.pitch, heard.pitch),
      warp: waits / pairs.length,
      end: (last?.step ?? end) + 1,
    };
  };
}

/** A step of a take, one of a sound that is compared with it, and by which turn the way came there. */
interface Pair {
  readonly row: number;
  readonly step: number;
  readonly turn: number;
}

/** The way on which a take ends at step `end` of a sound, going back. */
function pairsTo(end: number, turns: readonly Uint8Array[]): readonly Pair[] {
  const pairs: Pair[] = [];
  let [row, step] = [(turns[0]?.length ?? 0) - 1, end];
  for (;;) {
    const turn = turns[step]?.[row] ?? TURN.begins;
    pairs.push({ row, step, turn });
    if (turn === TURN.begins) return pairs;
    if (turn !== TURN.step) row -= 1;
    if (turn !== TURN.row) step -= 1;
  }
}

/** {@link Likeness.melody} along a way. */
function melodyAlong(pairs: readonly Pair[], take: Float64Array, heard: Float64Array): number {
  const apart = pairs
    .map(({ row, step }) => (take[row] ?? Number.NaN) - (heard[step] ?? Number.NaN))
    .filter((higher) => !Number.isNaN(higher));
  if (apart.length < VOICED_MIN) return MELODY_UNKNOWN;
  const middle = median(apart);
  const off = apart.reduce((sum, higher) => sum + Math.min(OFF_MOST, Math.abs(higher - middle)), 0);
  return Math.min(MELODY_MOST, off / apart.length);
}
