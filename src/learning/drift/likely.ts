import type { Move } from './mean-watch.js';
import type { Measure } from './measures.js';

/** What of the sound is compared before and after a shift, to tell what is behind it. */
export const SOUND_MEASURES = ['level', 'floor', 'pitch'] as const;

/** How the sound moved with a shift: by decibels or semitones, 0 where it did not; null of what is no sound. */
export type SoundMoves = Readonly<Record<(typeof SOUND_MEASURES)[number], number>> | null;

/** Level and floor that moved alike, within this share of the way, were moved by the same hand. */
const ALIKE_SHARE = 0.5;

const TUNE = 'then `catnap tune --journal`';
const OFFSET = `the sensor has an offset; compare it with another, ${TUNE}`;

/** What is likely where the sound is as it was, or there is none: by itself, of a sensor. */
const LIKELY: Readonly<Record<Measure, Readonly<Record<Move, string | { voice: string; sensor: string }>>>> =
  {
    tiny: {
      fell: { voice: `the word is said otherwise than before; label some, ${TUNE}`, sensor: OFFSET },
      rose: { voice: `the word is said otherwise than before; label some, ${TUNE}`, sensor: OFFSET },
    },
    heavy: {
      fell: {
        voice: `somebody new speaks, or the word is said otherwise; label some, ${TUNE}`,
        sensor: OFFSET,
      },
      rose: 'less is taken for it than before; thresholds may be higher now: `catnap tune --journal`',
    },
    refused: {
      rose: {
        voice: `something new is taken for it; \`catnap events disagreements\`, ${TUNE}`,
        sensor: OFFSET,
      },
      fell: 'less is taken for it than before; thresholds may be lower now: `catnap tune --journal`',
    },
    gap: {
      fell: 'it is said more often, or more is taken for it; `catnap events --type refused --detections`',
      rose: 'it is said more seldom, or less is heard; look at its level, and say it once',
    },
    level: {
      fell: 'it is said from farther away',
      rose: 'it is said from nearer by',
    },
    floor: { fell: 'the room is quieter', rose: 'the room is louder' },
    pitch: { fell: 'somebody new speaks', rose: 'somebody new speaks' },
    escalated: {
      rose: 'somebody new speaks, or asks for something new; see `catnap events --type escalated --detections`',
      fell: 'more is settled here than before',
    },
    energy: {
      rose: 'the machine is slower than before (heat, another program), or looks more often; `catnap doctor`',
      fell: 'the machine is faster than before, or looks less often',
    },
    money: {
      rose: 'the provider charges more or is asked longer; look at its prices',
      fell: 'the provider charges less',
    },
    latency: { rose: 'the provider or the line is slower', fell: 'the provider or the line is faster' },
  };

/** Of these the sound says nothing. */
const APART: ReadonlySet<Measure> = new Set(['money', 'latency', 'energy']);

/** What most likely is behind a shift, told by how the sound moved with it, and what to do. */
export function likely(measure: Measure, move: Move, sound: SoundMoves): string {
  const causes = sound === null || APART.has(measure) ? [] : causesOf(sound);
  if (causes.length > 0) return causes.join('; ');
  const by = LIKELY[measure][move];
  if (typeof by === 'string') return by;
  return sound === null ? by.sensor : by.voice;
}

function causesOf({ level, floor, pitch }: Exclude<SoundMoves, null>): readonly string[] {
  const isGain = level * floor > 0 && Math.abs(level - floor) <= ALIKE_SHARE * Math.abs(level);
  const causes: string[] = [];
  if (pitch !== 0) causes.push(`somebody new speaks (${semitones(pitch)}); label some of it, ${TUNE}`);
  if (isGain) {
    const turned = level < 0 ? 'down or covered' : 'up';
    causes.push(
      `the microphone was turned ${turned} (level and noise floor by ${decibels(level)}); set it back, or ${TUNE}`,
    );
    return causes;
  }
  if (floor > 0)
    causes.push(`a new noise (${decibels(floor)} more); \`catnap events disagreements\`, ${TUNE}`);
  // Who is new may be louder or speak softly: that is no microphone that was moved.
  if (level !== 0 && pitch === 0) {
    const moved = level < 0 ? 'away' : 'closer';
    causes.push(
      `the microphone, or who speaks, was moved ${moved} (${decibels(level)}); put it back, or ${TUNE}`,
    );
  }
  return causes;
}

function decibels(by: number): string {
  return `${Math.abs(by).toFixed(1)} dB`;
}

function semitones(by: number): string {
  return `pitch ${by < 0 ? 'lower' : 'higher'} by ${Math.abs(by).toFixed(1)} semitones on average`;
}
