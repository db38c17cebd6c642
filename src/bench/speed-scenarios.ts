import type { ConfigInput } from '../config/schema.js';

/** What the runtime is made to do in real time while its CPU time is read. */
export type ScenarioName = 'silence' | 'speech' | 'everything' | 'blocked';

/** One measured run, as data for the process that runs it. */
export interface Scenario {
  readonly name: ScenarioName;
  readonly seconds: number;
  /** Recording that is played over and over. */
  readonly recording: string;
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
  readonly rssMb: number;
  /** From the last needed sample's arrival to the event, of `noticed` events. */
  readonly noticeLatenciesMs: readonly number[];
  readonly verifyLatenciesMs: readonly number[];
  readonly events: Readonly<Record<string, number>>;
}

const LISTEN_ONLY = {
  kind: 'voice',
  gate: { enabled: false },
  heavy: { enabled: false },
  utterance: { enabled: false },
} as const;

/** The configuration of a scenario: gate alone hears silence; tiny hears every hop; everything as shipped. */
export function configOf({ name, recording }: Scenario): ConfigInput {
  const source = { id: 'bench', kind: 'file', path: recording, loop: true } as const;
  const shared = { sources: [source], dashboard: { enabled: false } };
  switch (name) {
    case 'silence':
    case 'everything':
    case 'blocked':
      return shared;
    case 'speech':
      return { ...shared, cascades: { voice: LISTEN_ONLY } };
  }
}
