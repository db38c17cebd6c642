import { shippedModel } from '../models/manifest.js';
import type { ConfigInput } from '../runtime/config.js';
import { knownWords } from '../voice/words/known.js';
import type { ProcessMemory } from './process-memory.js';
import type { SpokenWords } from './speed-signals.js';

/** What the whole program is made to do in real time while its CPU time is read. */
export type ScenarioName = 'silence' | 'speech' | 'everything' | 'blocked' | OwnWordsName | SourcesName;

/** So many words of one's own beside the trained ones. */
export const OWN_WORDS_NAMES = ['words-0', 'words-1', 'words-10'] as const;
export type OwnWordsName = (typeof OWN_WORDS_NAMES)[number];

/** Everything as shipped, for so many sources at once. */
export const SOURCES_NAMES = ['sources-1', 'sources-2', 'sources-4', 'sources-8'] as const;
export type SourcesName = (typeof SOURCES_NAMES)[number];

/** One measured run, as data for the process that runs it. */
export interface Scenario {
  readonly name: ScenarioName;
  readonly seconds: number;
  /** Recording that is played over and over. */
  readonly recording: string;
  /** Null: where its words end is not known. */
  readonly words: SpokenWords | null;
  /** The main thread is kept busy this long at a time, twice a second. */
  readonly blockMs: number;
}

/** What a scenario's process tells. */
export interface ScenarioResult {
  readonly name: ScenarioName;
  readonly seconds: number;
  /** CPU time of the process (its busy main thread included) and of its heavy process, over the time listened. */
  readonly cpuShare: number;
  readonly heavyCpuShare: number;
  /** In the middle of all looks. */
  readonly rssMb: number;
  /** At the end: without what it shares with other programs. */
  readonly privateMb: number;
  /** The most that program and heavy process held at once, proportional set size. */
  readonly peak: ProcessMemory;
  /** From the last needed sample's arrival to the event, of `noticed` events. */
  readonly noticeLatenciesMs: readonly number[];
  readonly verifyLatenciesMs: readonly number[];
  /** From the word's end to its `verified` event, where it is known; time of the signal is real time. */
  readonly wordLatenciesMs: readonly number[];
  readonly events: Readonly<Record<string, number>>;
}

/** Words that are not said in the demo, short and long. */
const OWN_WORDS = [
  'hey pumpkin',
  'sebastian',
  'thunderbird',
  'okay house',
  'good morning',
  'hello robot',
  'kitchen light',
  'samantha',
  'captain',
  'umbrella',
];

/** Silence is not told from speech, and nothing comes after what is verified in a process that is counted apart. */
const TINY_ON_EVERY_HOP = {
  kind: 'voice',
  gate: { enabled: false },
  utterance: { enabled: false },
} as const;

/** Gate and tiny; heavy stays asleep. */
const HEAVY_ASLEEP = { kind: 'voice', heavy: { enabled: false }, utterance: { enabled: false } } as const;

/** A wake word is verified and that is all, so that the next one may follow at once. */
const WORDS_ONLY = { kind: 'voice', utterance: { enabled: false } } as const;

/** The configuration of a scenario. */
export function configOf({ name, recording }: Scenario): ConfigInput {
  switch (name) {
    case 'silence':
    case 'everything':
      return listening(recording);
    case 'speech':
      return { ...listening(recording), cascades: { voice: TINY_ON_EVERY_HOP } };
    case 'words-0':
    case 'words-1':
    case 'words-10': {
      const own = OWN_WORDS.slice(0, Number(name.slice('words-'.length))).map((say) => ({ say }));
      const words = [...knownWords(shippedModel('wake-tiny').manifest), ...own];
      return { ...listening(recording), cascades: { voice: { ...TINY_ON_EVERY_HOP, tiny: { words } } } };
    }
    case 'sources-1':
    case 'sources-2':
    case 'sources-4':
    case 'sources-8':
      return listening(recording, true, Number(name.slice('sources-'.length)));
    case 'blocked':
      return { ...listening(recording), cascades: { voice: WORDS_ONLY } };
  }
}

/** A recording heard as fast as it goes, heavy asleep. */
export function memoryConfig(recording: string): ConfigInput {
  return { ...listening(recording, false), cascades: { voice: HEAVY_ASLEEP } };
}

function listening(path: string, realtime = true, count = 1): ConfigInput {
  return {
    sources: Array.from({ length: count }, (_, i) => ({
      id: i === 0 ? 'bench' : `bench-${i + 1}`,
      kind: 'file' as const,
      path,
      loop: true,
      realtime,
    })),
    dashboard: { port: 0 },
  };
}
