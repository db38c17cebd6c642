import type { Interval } from '../core/intervals.js';
import type { Tuned } from '../learning/tuning/tune-words.js';
import { type Outcome, tellsRates } from '../learning/tuning/tuning.js';
import type { Standing, Wish } from '../learning/tuning/wish.js';
import type { ThresholdsByWord, WordsPoint } from '../learning/tuning/word-tuning.js';
import { percent } from './bench-common.js';
import { tellWish } from './tune-write.js';

/** What `catnap tune` tells of. */
export interface Tuning extends Tuned {
  /** Where it was learnt from, for a person. */
  readonly from: string;
  readonly wish: Wish;
  /** File that the chosen thresholds were written to; null where they were not. */
  readonly written: string | null;
}

/** Points of the front that a person is shown; the JSON has all. */
const SHOWN = 12;

/** What was found, for a person. */
export function renderTuning(tuning: Tuning, cascade: string): string {
  const { from, wish, now, chosen, way, crossValidated, bounds, again, needed, written } = tuning;
  const other = crossValidated[way];
  const lines = [
    `${from}: ${now.words} words, ${listening(now)}; wished: ${tellWish(wish)}`,
    row('now', now),
    ...shown(tuning).map((point) => row(point === chosen ? 'chosen' : '', point)),
    ...wordsOf(chosen, way),
    ...(other === null
      ? ['one group alone: what was chosen cannot be tried where it was not chosen']
      : [
          `on groups it was not chosen on: ${figures(other)}`,
          `  thresholds of each word there: ${briefly(crossValidated['by-word'])}; shared: ${briefly(crossValidated.shared)}`,
        ]),
    ...(bounds === null
      ? []
      : [
          `sure at 95%, whatever the scores are like: at most ${percent(bounds.missed.high)} missed,` +
            (other !== null && tellsRates(other)
              ? ` at most ${bounds.falseAcceptsPerHour.high.toFixed(2)} false an hour`
              : ' and too little listening to tell how many false'),
        ]),
    ...(again === null || !tellsRates(again)
      ? []
      : [
          `${again.hours.toFixed(2)} h more of the same bring ${again.falseAccepts.low} to ${again.falseAccepts.high} false accepts, at 95%`,
        ]),
    wishLine(tuning),
    `surer takes ${needed.hours === null ? '' : `${needed.hours.toFixed(0)} h without a false accept, and `}${needed.words} words said`,
    written === null ? `cascades.${cascade} is left as it is` : `${written}: cascades.${cascade} written`,
  ];
  return `${lines.join('\n')}\n`;
}

const STANDINGS: Readonly<Record<Standing, string>> = {
  cannot: 'the wish CANNOT be kept',
  'not-elsewhere': 'the wish is kept where it was chosen and NOT elsewhere',
  unproven: 'the wish is kept, which so little cannot promise',
  kept: 'the wish is kept, at 95%',
};

function wishLine({ wishKept: { standing, needs } }: Tuning): string {
  return [STANDINGS[standing], ...needs].join('; ');
}

/** Points spread over the front, the chosen one among them. */
function shown({ front, chosen }: Tuning): readonly WordsPoint[] {
  const step = Math.max(1, Math.ceil(front.length / SHOWN));
  return front.filter((point, at) => at % step === 0 || at === front.length - 1 || point === chosen);
}

function wordsOf(chosen: WordsPoint | null, way: Tuning['way']): readonly string[] {
  if (chosen === null || way === 'shared') return [];
  return Object.entries(chosen.thresholds).map(
    ([word, { notice, accept }]) => `  ${word}: tiny.reject ${notice}, heavy.accept ${accept}`,
  );
}

function listening(outcome: Outcome): string {
  return tellsRates(outcome)
    ? `${outcome.hours.toFixed(2)} h`
    : 'too little listening to tell how often in an hour';
}

function row(name: string, point: WordsPoint): string {
  return `  ${name.padEnd(7)}${thresholds(point.thresholds)}: ${figures(point)}`;
}

/** One pair where all words have the same. */
function thresholds(byWord: ThresholdsByWord): string {
  const pairs = [...new Set(Object.values(byWord).map(({ notice, accept }) => `${notice}/${accept}`))];
  return pairs.length === 1 ? `noticed/believed from ${pairs[0]}` : 'each word its own';
}

function briefly(outcome: Outcome | null): string {
  if (outcome === null) return '-';
  return `missed ${outcome.missed}/${outcome.words}, ${outcome.falseAccepts} false`;
}

function figures(outcome: Outcome): string {
  const { words, missed, missedInterval, falseAccepts, falseAcceptsPerHour, falseAcceptsInterval } = outcome;
  const spread = ({ low, high }: Interval, show: (value: number) => string) =>
    `${show(low)} to ${show(high)}`;
  const { wakeUps, energyMj, money, latencyP95Ms } = outcome;
  return [
    `missed ${missed}/${words} (${spread(missedInterval, percent)})`,
    ...(tellsRates(outcome)
      ? [
          `${falseAccepts} false, ${falseAcceptsPerHour.toFixed(2)}/h (${spread(falseAcceptsInterval, (value) => value.toFixed(2))})`,
          `${outcome.wakeUpsPerHour.toFixed(1)} wake-ups/h`,
        ]
      : [`${falseAccepts} false`, `${wakeUps} wake-ups`]),
    `at most ${outcome.believed} cloud calls`,
    ...(energyMj === 0 ? [] : [`${(energyMj / 1000).toFixed(2)} J awake`]),
    ...(money === 0 ? [] : [`money ${money.toFixed(4)}`]),
    ...(latencyP95Ms === 0 ? [] : [`95% within ${latencyP95Ms.toFixed(0)} ms`]),
  ].join(', ');
}
