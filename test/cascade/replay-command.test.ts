import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/core/errors.js';
import { cascadeEventSchema } from '../../src/core/events.js';
import { voiceRecording } from '../support/replay.js';
import { root } from '../support/tools.js';

const folder = mkdtempSync(join(tmpdir(), 'catnap-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

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
    expect(stdout).toBe(readFileSync(join(root, 'test/cascade/golden/settled.jsonl'), 'utf8'));
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

  it.each<[string, readonly string[], number, RegExp]>([
    ['a file that is not there', ['none.wav'], EXIT.unavailable, /none\.wav: expected a readable recording/],
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
