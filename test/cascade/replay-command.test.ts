import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/core/errors.js';
import { cascadeEventSchema } from '../../src/core/events/event-schema.js';
import { settledByGolden } from '../support/golden.js';
import { voiceRecording } from '../support/replay.js';
import { pumpRows } from '../support/sensor-rows.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { root } from '../support/tools.js';

const folder = temporaryFolder();

function catnap(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(root, 'dist/cli.js'), ...args], { encoding: 'utf8', cwd: folder });
}

describe('catnap replay', () => {
  it('prints one event a line, each as the schema says, with what was measured', () => {
    const { stdout, status } = catnap('replay', voiceRecording('settled'));
    expect(status).toBe(EXIT.ok);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => cascadeEventSchema.parse(JSON.parse(line)));
    expect(events.map(({ type }) => type)).toEqual(['noticed', 'verified', 'utterance', 'settled']);
    expect(events[0]?.measured).not.toBeNull();
  });

  it('prints the golden log when asked for the canonical form, several recordings one after the other', () => {
    const { stdout } = catnap('replay', '--canonical', voiceRecording('noises'), voiceRecording('settled'));
    const golden = join(root, 'test/cascade/golden/settled.jsonl');
    expect(settledByGolden(stdout, golden)).toBe(readFileSync(golden, 'utf8'));
  });

  it('takes the cascade of a configuration', () => {
    const config = join(folder, 'catnap.yaml');
    writeFileSync(
      config,
      'sources: [{ id: a, kind: file, path: a.wav }]\ncascades: { voice: { kind: voice, utterance: { enabled: false } } }\n',
    );
    const { stdout } = catnap('replay', '--config', config, '--canonical', voiceRecording('settled'));
    expect(stdout).not.toContain('"utterance"');
    expect(stdout).toContain('"verified"');
  });

  it('reads a table with one line of configuration, and says what it made of it', () => {
    const table = join(folder, 'plant.csv');
    const rows = pumpRows(1000, 71, [{ fromRow: 700, toRow: 900, shift: [-3, 0.4, 0] }]);
    writeFileSync(
      table,
      ['flow;pressure;temperature;label', ...rows.map((row) => [...row, 0].join(';'))].join('\n'),
    );
    const config = join(folder, 'plant.yaml');
    writeFileSync(
      config,
      'sources: [{ id: plant, kind: csv, path: plant.csv, rateHz: 1, ignore: [label] }]\n',
    );
    const { stdout, stderr, status } = catnap('replay', '--config', config, '--canonical', table);
    expect(status).toBe(EXIT.ok);
    expect(stdout).toMatch(/"source":"plant".*"type":"verified"/);
    expect(stderr).toContain(
      '1000 rows of flow, pressure, temperature at 1 Hz; a row every 1 s: the first 600 rows (10 min) are learnt from',
    );
  });

  it('names the option that a table without times needs, takes it, and says when all of it went into learning', () => {
    const table = join(folder, 'short.csv');
    const rows = pumpRows(100, 72).map(([flow], row) => `${row === 30 ? 'ERR' : flow},on`);
    writeFileSync(table, ['flow,state', ...rows].join('\n'));
    const without = catnap('replay', table);
    expect(without.status).toBe(EXIT.dataErr);
    expect(without.stderr).toMatch(/short\.csv line 1: expected a time column or "rateHz".*--rate/);
    const { stdout, stderr } = catnap('replay', '--rate', '1', table);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/too short to watch: all of it is learnt from/);
    expect(stderr).toMatch(/not watched, for they hold words: state; 1 values that are no numbers/);
  });

  it.each<[string, readonly string[], number, RegExp]>([
    ['a file that is not there', ['none.wav'], EXIT.noInput, /none\.wav: expected a readable recording/],
    ['a folder', ['.'], EXIT.noInput, /expected a readable recording, found a folder/],
    [
      'a file that is no recording',
      ['text.wav'],
      EXIT.dataErr,
      /text\.wav: expected WAV .* found "not audio/,
    ],
    [
      'a cascade that is not there',
      ['text.wav', '--cascade', 'x'],
      EXIT.usage,
      /expected one of voice, sensor, found "x"/,
    ],
    ['no file at all', [], EXIT.usage, /missing required argument/],
  ])('ends with its own code for %s', (_, args, status, message) => {
    writeFileSync(join(folder, 'text.wav'), 'not audio, only text');
    const found = catnap('replay', ...args);
    expect([found.status, found.stdout]).toEqual([status, '']);
    expect(found.stderr).toMatch(message);
  });
});
