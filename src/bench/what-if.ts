import type { CascadeEvent } from '../core/events/events.js';
import { PastDetections } from '../learning/past/past-detection.js';
import { type Changes, type Deciding, Replay, type Setting } from '../learning/tuning/what-if.js';
import type { IntentsInput } from '../runtime/config.js';
import type { SensorConfig } from '../sensor/config.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import type { VoiceConfig } from '../voice/config.js';
import { alarmingFrom } from './alarm-candidates.js';
import { placeOf, seededRandom } from './audio.js';
import { saidAfter } from './cost-hour.js';
import type { Recording } from './dataset.js';
import { hearRecording } from './hear-recording.js';
import { Listener, wordsAlone } from './listener.js';
import type { NabTable } from './nab.js';
import { runTable } from './sensor-run.js';
import { thresholdsInForce } from './wake-candidates.js';

/** What other thresholds would have made of it, as it is said and as it is found by running everything again. */
export interface WhatIfCheck {
  readonly changes: Changes;
  /** Surely left of what was believed, or of what was settled; and as many more at most. */
  readonly said: number;
  readonly perhaps: number;
  readonly found: number;
  /** How many there were. */
  readonly before: number;
}

/** Runs everything with some thresholds, and gives the events. */
type Run<Config> = (config: Config, take: (event: CascadeEvent) => void) => Promise<void>;

/** What is asked of {@link checkWords}. */
export interface WordsWhatIf {
  readonly recordings: readonly Recording[];
  readonly config: VoiceConfig;
  readonly onRecording: () => void;
}

/** Asks what higher thresholds of both stages would have made of words. */
export async function checkWords(options: WordsWhatIf): Promise<readonly WhatIfCheck[]> {
  const { config, recordings, onRecording } = options;
  const { tiny, heavy } = await thresholdsInForce(config);
  const run: Run<VoiceConfig> = async (changed, take) => {
    const listener = await Listener.open(wordsAlone(changed));
    try {
      for (const { path } of recordings) {
        const { events } = await hearRecording(listener, path);
        for (const event of events) take(event);
        onRecording();
      }
    } finally {
      await listener.close();
    }
  };
  const stage = (name: 'tiny' | 'heavy', thresholds: VoiceConfig['heavy']['thresholds']) => ({
    ...config,
    [name]: { ...config[name], thresholds, wordThresholds: {} },
  });
  const [accept, reject] = [higher(heavy.accept), Math.min(tiny.accept, tiny.reject * 2)];
  return compared(run, config, [
    { setting: 'heavy.accept', value: accept, config: stage('heavy', { ...heavy, accept }) },
    { setting: 'tiny.reject', value: reject, config: stage('tiny', { ...tiny, reject }) },
  ]);
}

/** What is asked of {@link checkSettling}. */
export interface SettlingWhatIf extends WordsWhatIf {
  /** Recordings of wake words, one of which is said before each recording. */
  readonly words: readonly Recording[];
  readonly intents: IntentsInput;
}

/** From a wake word to what is said after it, and the silence behind that. */
const [GAP, PAUSE] = [0.4 * VOICE_RATE_HZ, 4 * VOICE_RATE_HZ];

/** Asks what being surer of transcripts would have settled of orders that are said after a wake word. */
export async function checkSettling(options: SettlingWhatIf): Promise<readonly WhatIfCheck[]> {
  const { config, recordings, words, intents, onRecording } = options;
  const run: Run<VoiceConfig> = async (changed, take) => {
    const listener = await Listener.open(changed, { intents });
    try {
      for (const [at, { path }] of recordings.entries()) {
        const word = words[at % words.length];
        if (word === undefined) continue;
        const around = { gap: GAP, pause: PAUSE, random: seededRandom(placeOf(path)) };
        const { samples } = saidAfter(await readAudio(word.path), await readAudio(path), around);
        const { events } = await listener.hear(samples);
        for (const event of events) take(event);
        onRecording();
      }
    } finally {
      await listener.close();
    }
  };
  const minConfidence = higher(config.recogniser.minConfidence);
  const changed = { ...config, recogniser: { ...config.recogniser, minConfidence } };
  return compared(run, config, [
    { setting: 'recogniser.minConfidence', value: minConfidence, config: changed },
  ]);
}

/** What is asked of {@link checkAlarms}. */
export interface AlarmsWhatIf {
  readonly series: readonly NabTable[];
  readonly config: SensorConfig;
  readonly from: number;
  readonly onSeries: () => void;
}

/** Asks what higher thresholds would have made of alarms. */
export async function checkAlarms({
  series,
  config,
  from,
  onSeries,
}: AlarmsWhatIf): Promise<readonly WhatIfCheck[]> {
  const run: Run<SensorConfig> = async (changed, take) => {
    for (const { table, rateHz } of series) {
      await runTable(table, rateHz, changed, take);
      onSeries();
    }
  };
  const values = [higher(from), higher(higher(higher(from)))];
  const changes = values.map((value) => ({
    setting: 'thresholds.reject' as const,
    value,
    config: alarmingFrom(config, value),
  }));
  return compared(run, config, changes, { isAlarm: true });
}

/** Halfway to being sure. */
function higher(threshold: number): number {
  return Number((threshold + (1 - threshold) / 2).toPrecision(3));
}

/** Another threshold, and what is run with it. */
interface Change<Config> {
  readonly setting: Setting;
  readonly value: number;
  readonly config: Config;
}

async function compared<Config>(
  run: Run<Config>,
  config: Config,
  changes: readonly Change<Config>[],
  deciding: Deciding = {},
): Promise<readonly WhatIfCheck[]> {
  const pastOf = async (of: Config) => {
    const past = new PastDetections(Number.POSITIVE_INFINITY);
    await run(of, (event) => void past.take(event));
    return [...past.all()];
  };
  const replay = new Replay();
  for (const past of await pastOf(config)) replay.take(past, deciding);
  const checks: WhatIfCheck[] = [];
  for (const { setting, value, config: changed } of changes) {
    const { believed, gone, perhapsGone, settled, unsettled } = replay.with({ [setting]: value });
    const after = await pastOf(changed);
    const ofSettling = setting === 'recogniser.minConfidence';
    checks.push({
      changes: { [setting]: value },
      said: ofSettling
        ? settled.detections - unsettled.detections
        : believed.detections - gone.detections - perhapsGone.detections,
      perhaps: ofSettling ? 0 : perhapsGone.detections,
      found: after.filter((past) => (ofSettling ? past.outcome === 'settled' : past.believed)).length,
      before: ofSettling ? settled.detections : believed.detections,
    });
  }
  return checks;
}
