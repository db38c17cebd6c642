import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StageHost } from '../../src/core/cascade/assembly.js';
import type { Escalation } from '../../src/core/cascade/escalation.js';
import { canonicalLine } from '../../src/core/events/canonical.js';
import type { CascadeEvent } from '../../src/core/events/events.js';
import { nullMeter } from '../../src/core/metering/meter.js';
import type { Source } from '../../src/core/signal/frame.js';
import { stagesHere } from '../../src/runtime/build.js';
import { type Config, standardConfig } from '../../src/runtime/config.js';
import { replay } from '../../src/runtime/replay.js';
import { root } from './tools.js';

/** Recordings made by `fixtures/make-voice-fixtures.sh`, without their extension. */
export const voiceRecordings = readdirSync(join(root, 'fixtures/voice')).map((name) => name.slice(0, -4));

export function voiceRecording(name: string): string {
  return join(root, 'fixtures/voice', `${name}.wav`);
}

const kept = new Map<string, Promise<unknown>>();

function keep<T>(spec: unknown, create: () => Promise<T>): Promise<T> {
  const key = JSON.stringify(spec);
  const known = kept.get(key) ?? create();
  kept.set(key, known);
  return known as Promise<T>;
}

/** Heavy stages loaded once for all replays of a test file. */
const keptStages: StageHost = {
  here: stagesHere.here,
  heavy: async (spec) => ({
    ...bound(await keep(spec, () => stagesHere.heavy(spec))),
    dispose: async () => {},
  }),
  stream: async (spec) => ({
    ...bound(await keep(spec, () => stagesHere.stream(spec))),
    dispose: async () => {},
  }),
  recogniser: async (spec) => {
    const recogniser = await keep(spec, () => stagesHere.recogniser(spec));
    return {
      name: recogniser.name,
      budgetMs: recogniser.budgetMs,
      recognise: (window, signal) => recogniser.recognise(window, signal),
      dispose: async () => {},
    };
  },
};

function bound(stage: Awaited<ReturnType<StageHost['heavy']>>) {
  return {
    name: stage.name,
    budgetMs: stage.budgetMs,
    decide: stage.decide.bind(stage),
    ...(stage.endOf === undefined ? {} : { endOf: stage.endOf.bind(stage) }),
    reset: () => stage.reset(),
  };
}

/** The events of a voice recording. */
export async function eventsOf(
  source: Source,
  { cascades, intents }: Config = standardConfig(),
): Promise<readonly CascadeEvent[]> {
  const { voice } = cascades;
  if (voice === undefined) throw new Error('expected a voice cascade in the configuration');
  const events: CascadeEvent[] = [];
  await replay({
    source,
    cascade: voice,
    intents,
    emit: (event) => events.push(event),
    meter: nullMeter,
    run: 'test',
    signal: new AbortController().signal,
    stages: keptStages,
  });
  return events;
}

/** What the sensor cascade of a configuration makes of a source. */
export async function watched(
  source: Source,
  { cascades, intents }: Config,
): Promise<{ events: CascadeEvent[]; escalations: Escalation[] }> {
  const { sensor } = cascades;
  if (sensor === undefined) throw new Error('the configuration has a sensor cascade');
  const events: CascadeEvent[] = [];
  const escalations: Escalation[] = [];
  await replay({
    source,
    cascade: sensor,
    intents,
    emit: (event) => events.push(event),
    offer: (escalation) => escalations.push(escalation),
    meter: nullMeter,
    run: 'test',
    signal: new AbortController().signal,
  });
  return { events, escalations };
}

/** The canonical log of a recording, as golden files hold it. */
export async function canonicalLog(source: Source): Promise<string> {
  return (await eventsOf(source)).map((event) => `${canonicalLine(event)}\n`).join('');
}
