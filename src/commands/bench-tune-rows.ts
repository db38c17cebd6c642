import { join } from 'node:path';
import { alarmingFrom, hearAlarms, readLabelled, thresholdsAround } from '../bench/alarm-candidates.js';
import { ORDER_INTENTS } from '../bench/cost-orders.js';
import { type Recording, readDataset } from '../bench/dataset.js';
import type { KeptScores } from '../bench/kept-scores.js';
import { type NabTable, readNab } from '../bench/nab.js';
import { gradeSettling } from '../bench/settling.js';
import { evenly, type Tunable } from '../bench/tune.js';
import { tunableSettling } from '../bench/tune-settled.js';
import { tunableWords } from '../bench/tune-words.js';
import { hearCandidates } from '../bench/wake-candidates.js';
import { checkAlarms, checkSettling, checkWords, type WhatIfCheck } from '../bench/what-if.js';
import { ALARM } from '../learning/tuning/from-alarms.js';
import type { Wish } from '../learning/tuning/wish.js';
import { type IntentsInput, intentsSchema, voiceSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import type { SensorConfig } from '../sensor/config.js';
import type { VoiceConfig } from '../voice/config.js';
import { everyNth, progressOver } from './bench-common.js';
import { alarmsFrom, PASSES } from './tune-alarms.js';
import { noticesAround, wordsInForce } from './tune-hearing.js';

/** What rows are made of. */
export interface RowOptions {
  readonly data: string;
  readonly voice: () => VoiceConfig;
  readonly sensor: () => SensorConfig;
  /** Every so many-th recording of a list; undefined: as the row has it. */
  readonly every?: number;
  readonly whatIfEvery: number;
  readonly scores: KeptScores;
}

/** A row: what is tuned, and how what-if compares with the truth. */
export interface Row {
  readonly tunable: Tunable;
  readonly whatIf: readonly WhatIfCheck[];
}

/** Of each list every so many-th recording; none of a list that is not named. */
type Sample = Readonly<Partial<Record<Recording['corpus'], number>>>;

const WAKE: Sample = { wake: 3, noise: 1, wuw: 12, commands: 12, orders: 8 };
const OWN_WORDS: Sample = { wuw: 8, commands: 6, orders: 8 };
const COMMANDS: Sample = { commands: 2, noise: 3 };
const ORDERS: Sample = { orders: 1, noise: 6 };
/** Words that are spelled and nothing else, and are said in the lists. */
const SPELLED = ['operator', 'voyager', 'wildfire', 'open', 'project', 'speaker'];

/** The rows by name. */
export const ROWS: Readonly<Record<string, (options: RowOptions) => Promise<Row>>> = {
  wake: (options) => wordsRow(options, { config: options.voice(), sample: WAKE, mostFalsePerHour: 10 }),
  'own-words': (options) =>
    wordsRow(options, {
      config: voiceSchema.parse({ kind: 'voice', tiny: { words: SPELLED.map((say) => ({ say })) } }),
      sample: OWN_WORDS,
      mostFalsePerHour: 200,
    }),
  commands: (options) => settlingRow(options, COMMANDS, wordIntents),
  orders: (options) => settlingRow(options, ORDERS, () => ORDER_INTENTS),
  'sensors-seconds': (options) => {
    // As the corpus has it: the first 400 rows are normal.
    const config = { ...options.sensor(), learnSeconds: 400 };
    const series = readLabelled(join(options.data, 'sensors', 'skab'));
    return alarmsRow({ config, series, mostFalsePerHour: 10, perDay: 24 });
  },
  'sensors-minutes': (options) => {
    const folder = join(options.data, 'sensors');
    const series = readNab(join(folder, 'nab'), join(folder, 'nab_windows.json')).filter(
      ({ rateHz }) => Math.round(1 / rateHz) === 300,
    );
    return alarmsRow({ config: options.sensor(), series, mostFalsePerHour: 1 / 24, perDay: 0.1 });
  },
};

/** Wished of words: one false accept an hour. */
const ONE_AN_HOUR: Wish = { falseAcceptsPerHour: 1, believedPerHour: null, weights: null };

async function wordsRow(
  { data, every, whatIfEvery, scores }: RowOptions,
  of: { readonly config: VoiceConfig; readonly sample: Sample; readonly mostFalsePerHour: number },
): Promise<Row> {
  const { config, mostFalsePerHour } = of;
  const { words } = await voicePlan(config);
  const inForce = await wordsInForce(config, words);
  const recordings = sampled(readDataset(data), of.sample, every);
  const again = everyNth(recordings, whatIfEvery);
  const notices = noticesAround(inForce, 1);
  const { step, stop } = progressOver(recordings.length * notices.length + 3 * again.length);
  try {
    const heard = await hearCandidates({ recordings, config, notices, scores, onRecording: step });
    const tunable = tunableWords({
      words,
      heard,
      heardOnGrid: null,
      inForce,
      wish: ONE_AN_HOUR,
      mostFalsePerHour,
    });
    return { tunable, whatIf: await checkWords({ recordings: again, config, onRecording: step }) };
  } finally {
    stop();
  }
}

/** Wished of what is settled: a twentieth wrong at most, as `catnap tune` has it. */
const [MOST, MOST_WRONG] = [0.05, 0.2];

async function settlingRow(
  { data, voice, every, whatIfEvery, scores }: RowOptions,
  sample: Sample,
  intentsOf: (recordings: readonly Recording[]) => IntentsInput,
): Promise<Row> {
  const config = voice();
  const all = readDataset(data);
  const { words } = await voicePlan(config);
  const recordings = sampled(all, sample, every);
  const again = everyNth(
    recordings.filter(({ corpus }) => corpus !== 'noise'),
    whatIfEvery,
  );
  const intents = intentsOf(recordings);
  const { step, stop } = progressOver(recordings.length + 2 * again.length);
  try {
    const items = await gradeSettling({
      recordings,
      config,
      intents: intentsSchema.parse(intents),
      scores,
      onRecording: step,
    });
    const inForce = config.recogniser.minConfidence;
    const spoken = all.filter(
      ({ corpus, keywords }) => corpus === 'wake' && keywords.some((word) => words.includes(word)),
    );
    return {
      tunable: tunableSettling({ items, inForce, most: MOST, mostWrong: MOST_WRONG }),
      whatIf: await checkSettling({ recordings: again, words: spoken, config, intents, onRecording: step }),
    };
  } finally {
    stop();
  }
}

/** An intent for each single word of the list that is one of the recogniser's: those of another language are not. */
function wordIntents(recordings: readonly Recording[]): IntentsInput {
  const words = new Set(
    recordings.flatMap(({ corpus, keywords }) => (corpus === 'commands' ? keywords : [])),
  );
  const known = [...words].filter((word) => !word.startsWith('other'));
  return { shipped: false, sentences: known.map((word) => ({ intent: word, sentences: [word] })) };
}

async function alarmsRow({
  config,
  series,
  mostFalsePerHour,
  perDay,
}: {
  readonly config: SensorConfig;
  readonly series: readonly NabTable[];
  readonly mostFalsePerHour: number;
  /** False alarms that are wished at most. */
  readonly perDay: number;
}): Promise<Row> {
  const from = alarmsFrom(config);
  const thresholds = thresholdsAround(from, PASSES);
  const { step, stop } = progressOver(series.length * (2 * thresholds.length + 3), 'runs');
  try {
    const hear = (those: readonly number[]) =>
      hearAlarms({ series, config, thresholds: those, onSeries: step });
    const tunable = tunableWords({
      words: [ALARM],
      heard: await hear(thresholds),
      heardOnGrid: await hear(evenly(thresholds.length)),
      inForce: { [ALARM]: { notice: from, accept: from } },
      wish: { falseAcceptsPerHour: perDay / 24, believedPerHour: null, weights: null },
      mostFalsePerHour,
    });
    const now = alarmingFrom(config, from);
    return { tunable, whatIf: await checkAlarms({ series, config: now, from, onSeries: step }) };
  } finally {
    stop();
  }
}

function sampled(
  recordings: readonly Recording[],
  sample: Sample,
  every: number | undefined,
): readonly Recording[] {
  return (Object.keys(sample) as Recording['corpus'][]).flatMap((name) =>
    everyNth(
      recordings.filter(({ corpus }) => corpus === name),
      every ?? sample[name] ?? 1,
    ),
  );
}
