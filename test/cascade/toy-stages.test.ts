import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import type { Recogniser, Stage } from '../../src/core/cascade/stage.js';
import type { CascadeEvent } from '../../src/core/events/events.js';
import { nullMeter } from '../../src/core/metering/meter.js';
import type { Source } from '../../src/core/signal/frame.js';
import { ScriptedRecogniser } from '../../src/emulator/scripted.js';
import { listen } from '../../src/runtime/listen.js';
import { replay } from '../../src/runtime/replay.js';
import { FileSource } from '../../src/sources/recording/file.js';
import { CsvSource } from '../../src/sources/table/csv.js';
import { catnap } from '../support/cli.js';
import { voiceRecording } from '../support/replay.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { root } from '../support/tools.js';

const TOYS = [
  ...['toy-tiny', 'toy-heavy', 'toy-endpointer', 'toy-recogniser'],
  ...['toy-sensor-tiny', 'toy-sensor-heavy'],
];

/** The toys that this file is about, as a configuration names them. */
const VOICE = `
    kind: voice
    tiny: { model: { kind: module, path: ./toy-tiny.mjs, options: { level: 0.1 } } }
    heavy: { model: { kind: module, path: ./toy-heavy.mjs } }
    utterance: { endpoint: { kind: module, path: ./toy-endpointer.mjs, options: { level: 0.02 } } }
    recogniser: { models: [{ kind: module, path: ./toy-recogniser.mjs, options: { text: turn on the kitchen light } }] }
    # Both sources of the configuration verify something at about the same time.
    policy: { escalateOn: [no-match] }`;
const SENSOR = `
    kind: sensor
    tiny: { model: { kind: module, path: ./toy-sensor-tiny.mjs, options: { limit: 10, told: TOLD } } }
    heavy: { model: { kind: module, path: ./toy-sensor-heavy.mjs, options: { label: leak } }, tailRows: 1 }`;

/** A folder with the toys, a recording of each kind, and a configuration beside them. */
function folderWith(voice = VOICE, sensor = SENSOR): string {
  const folder = temporaryFolder();
  for (const toy of TOYS) {
    copyFileSync(join(root, 'test/support/toys', `${toy}.mjs`), join(folder, `${toy}.mjs`));
  }
  const rows = Array.from({ length: 60 }, (_, i) => `${i},${i >= 20 && i < 40 ? 12 : 3}`);
  writeFileSync(join(folder, 'tank.csv'), ['time,level (mm)', ...rows, ''].join('\n'));
  writeFileSync(
    join(folder, 'catnap.yaml'),
    `stateDir: ${join(folder, 'state')}
sources:
  - { id: kitchen, kind: file, path: ${voiceRecording('settled')}, cascade: toys, realtime: false }
  - { id: tank, kind: csv, path: tank.csv, speed: 0, cascade: limits }
cascades:
  toys:${voice}
  limits:${sensor.replace('TOLD', join(folder, 'told.txt'))}
dashboard: { enabled: false }
`,
  );
  return folder;
}

/** What a cascade of the configuration makes of a recording, on this thread. */
async function replayed(folder: string, cascade: string, source: Source): Promise<CascadeEvent[]> {
  const { cascades, intents } = loadConfig(join(folder, 'catnap.yaml'));
  const named = cascades[cascade];
  if (named === undefined) throw new Error(`no cascade ${cascade}`);
  const events: CascadeEvent[] = [];
  const signal = new AbortController().signal;
  const emit = (event: CascadeEvent): unknown => events.push(event);
  await replay({ source, cascade: named, intents, emit, meter: nullMeter, run: 'test', signal });
  return events;
}

const trailOf = (event: CascadeEvent | undefined): readonly string[] =>
  event !== undefined && 'trail' in event ? event.trail.map(({ stage }) => stage) : [];
const told = (folder: string): string[] => readFileSync(join(folder, 'told.txt'), 'utf8').trim().split('\n');

describe('stages from files of one’s own', () => {
  it('listen, verify, find the end of an utterance and understand it', async () => {
    const kitchen = new FileSource({ id: 'kitchen', path: voiceRecording('settled') });
    const events = await replayed(folderWith(), 'toys', kitchen);
    expect(events.slice(0, 4).map(({ type }) => type)).toEqual([
      'noticed',
      'verified',
      'utterance',
      'settled',
    ]);
    expect(events[2]).toMatchObject({ outcome: 'endpoint' });
    expect(events[3]).toMatchObject({ label: 'loud', intent: 'light.on', slots: { room: 'kitchen' } });
    expect(trailOf(events[3])).toEqual(['toy-tiny', 'toy-heavy', 'toy-recogniser']);
  });

  it('watch a sensor, are told what came of it, and say what an escalation carries', async () => {
    const folder = folderWith();
    const tank = new CsvSource({ id: 'tank', path: join(folder, 'tank.csv') });
    const events = await replayed(folder, 'limits', tank);
    expect(events.map(({ type }) => type)).toEqual(['noticed', 'verified', 'escalated', 'ended']);
    expect(events[1]).toMatchObject({ label: 'leak', sample: 22, startSample: 20 });
    expect(told(folder)).toEqual(['confirmed leak 2', 'ended']);
  });

  it('run by the command line in a worker and a heavy process, like stages that ship', () => {
    const folder = folderWith();
    const { status, stdout, stderr } = catnap(['run', join(folder, 'catnap.yaml'), '--json']);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as CascadeEvent);
    const settled = events.find(({ type }) => type === 'settled');
    expect(settled).toMatchObject({ source: 'kitchen', intent: 'light.on' });
    expect(trailOf(settled)).toEqual(['toy-tiny', 'toy-heavy', 'toy-recogniser']);
    expect(events.find(({ type }) => type === 'escalated')).toMatchObject({ source: 'tank', label: 'leak' });
    expect(told(folder)).toEqual(['confirmed leak 2', 'ended']);
  });

  it.each([
    [
      'a file that is not there',
      VOICE.replace('toy-heavy', 'none'),
      /catnap\.yaml:\d+:\d+ cascades\.toys\.heavy\.model\.path: expected a JavaScript module at \S+none\.mjs/,
    ],
    [
      'no such export',
      VOICE.replace('toy-recogniser', 'toy-heavy'),
      /toy-heavy\.mjs: expected an export "recogniser" .*found stage exported/,
    ],
    ['options it refuses', VOICE.replace('level: 0.1', 'level: -1'), /toy-tiny\.mjs: options: .*level/s],
    ['settings of no kind', VOICE.replace('kind: module', 'kind: modul'), /tiny\.model.*"modul"/],
  ])('say what is wrong with %s, and end with 78', (_, voice, said) => {
    const { status, stderr } = catnap(['run', join(folderWith(voice), 'catnap.yaml')]);
    expect(stderr).toMatch(said);
    expect(status).toBe(78);
  });

  it('are looked at by doctor', () => {
    const { stdout } = catnap(['doctor', join(folderWith(), 'catnap.yaml'), '--json']);
    const { findings } = JSON.parse(stdout) as { findings: { name: string; detail: string }[] };
    expect(findings.filter(({ name }) => name.startsWith('cascade'))).toMatchObject([
      { name: 'cascade toys', level: 'ok', detail: 'hears loud' },
      { name: 'cascade limits', level: 'ok', detail: 'watches with toy-sensor-tiny and toy-sensor-heavy' },
    ]);
  });
});

/** Notices whatever is loud. */
class Loud implements Stage {
  readonly name = 'loud';
  readonly budgetMs = 1000;
  disposed = 0;

  decide({ data }: Parameters<Stage['decide']>[0]) {
    const score = data.reduce((loudest, value) => Math.max(loudest, Math.abs(value)), 0);
    const kind = score > 0.1 ? ('accept' as const) : ('reject' as const);
    const { name: stage } = this;
    return { kind, stage, label: 'loud', score, confidence: Math.min(1, score), contributions: [] };
  }

  reset(): void {}

  async dispose(): Promise<void> {
    this.disposed += 1;
  }
}

describe('stages that are handed to listen()', () => {
  it('take the places of those it would make, and are disposed of at the end', async () => {
    const stages: { tiny: Loud; heavy: Loud; endpointer: Loud; recogniser: Recogniser } = {
      tiny: new Loud(),
      heavy: new Loud(),
      endpointer: new Loud(),
      recogniser: new ScriptedRecogniser({
        kind: 'transcript',
        stage: 'words',
        text: 'turn off the light',
        confidence: 1,
      }),
    };
    const events: CascadeEvent[] = [];
    await listen({
      source: new FileSource({ id: 'kitchen', path: voiceRecording('settled') }),
      stages,
      onEvent: (event) => events.push(event),
    });
    expect(trailOf(events.find(({ type }) => type === 'settled'))).toEqual(['loud', 'loud', 'words']);
    expect([stages.tiny, stages.heavy, stages.endpointer].map(({ disposed }) => disposed)).toEqual([1, 1, 1]);
  });
});
