import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../../src/bench/dataset.js';
import type { EventOf } from '../../../src/core/events/events.js';
import { Seal } from '../../../src/files/sealed.js';
import { catnap } from '../../support/cli.js';
import { nearMiss, said, wake } from '../../support/past.js';
import { voiceRecording } from '../../support/replay.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const clipName = (n: number) => `000000000000${n}-0000000${n}.wav`;

/** That a clip of the n-th detection is kept. */
function clip(n: number): EventOf<'clip'> {
  const { v, measured } = wake(n, 0.9, 0.9, true);
  return {
    v,
    measured,
    id: `clips/${n}`,
    type: 'clip',
    detection: `kitchen/${n}`,
    file: clipName(n),
    bytes: 1,
  };
}

/** A house that was told of two of its three wakes what they were; the clip of the first is encrypted. */
async function house(): Promise<string> {
  const folder = temporaryFolder();
  const state = join(folder, 'catnap-state');
  for (const name of ['journal', 'clips']) mkdirSync(join(state, name), { recursive: true });
  const events = [
    ...[1, 2, 3].flatMap((n) => [wake(n, 0.9, 0.95, true), clip(n)]),
    said(1, 'right', 30),
    said(2, 'wrong', 31),
  ];
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  writeFileSync(join(state, 'journal', '000000000000.jsonl'), lines.join(''));
  const wav = readFileSync(voiceRecording('settled'));
  writeFileSync(join(state, 'clips', clipName(1)), await new Seal('correct horse').seal(clipName(1), wav));
  copyFileSync(voiceRecording('noises'), join(state, 'clips', clipName(2)));
  writeFileSync(
    join(folder, 'catnap.yaml'),
    "sources: [{ id: kitchen, kind: microphone }]\nclips: { enabled: true, key: '${CLIPS_KEY}' }\n",
  );
  return folder;
}

describe('catnap events export', () => {
  it('writes what was heard and what it was as a folder that recordings are read from again', async () => {
    const cwd = await house();
    const env = { ...process.env, CLIPS_KEY: 'correct horse' };
    const { status, stdout } = catnap(['events', 'export', 'fixtures', '--json'], { cwd, env });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ words: 1, noises: 1, unlabelled: 0, withoutClip: 0, detections: 3 });
    const to = join(cwd, 'fixtures');
    expect(readDataset(to)).toMatchObject([
      { corpus: 'wake', keywords: ['alexa'], group: 'kitchen 2026-01-31' },
      { corpus: 'noise', keywords: [] },
    ]);
    expect(readFileSync(join(to, 'clips', clipName(1)))).toEqual(readFileSync(voiceRecording('settled')));
    expect(readFileSync(join(to, 'detections.csv'), 'utf8').split('\r\n')).toHaveLength(5);
    // Nothing is written over, and without the secret nothing is left that would stand in the way of the next try.
    const again = catnap(['events', 'export', 'fixtures'], { cwd, env });
    expect(again).toMatchObject({ status: 64, stderr: expect.stringContaining('found something there') });
    const without = catnap(['events', 'export', 'other'], {
      cwd,
      env: { ...env, CLIPS_KEY: 'battery staple' },
    });
    expect(without.stderr).toContain('found another clips.key');
    expect(existsSync(join(cwd, 'other'))).toBe(false);
    mkdirSync(join(cwd, 'empty'));
    expect(catnap(['events', 'export', 'empty'], { cwd }).status).not.toBe(0);
    expect(readdirSync(join(cwd, 'empty'))).toEqual([]);
  }, 60_000);

  it('gives what was almost noticed too, and with --unlabelled what nobody has spoken of', async () => {
    const cwd = await house();
    const env = { ...process.env, CLIPS_KEY: 'correct horse' };
    const state = join(cwd, 'catnap-state');
    for (const [n, name] of [
      [4, 'near-misses'],
      [5, 'noises'],
    ] as const) {
      const missed = nearMiss(n, 0.15);
      const lines = [missed, { ...clip(n), detection: missed.id }].map((event) => JSON.stringify(event));
      appendFileSync(join(state, 'journal', '000000000000.jsonl'), `${lines.join('\n')}\n`);
      copyFileSync(voiceRecording(name), join(state, 'clips', clipName(n)));
    }
    const named = catnap(['events', 'label', 'kitchen/4', 'right'], { cwd, env });
    expect(named).toMatchObject({ status: 0, stdout: 'r/kitchen/4: alexa is right\n' });
    const again = catnap(['events', 'label', 'kitchen/4', 'right', '--json'], { cwd, env });
    const told = { detection: 'r/kitchen/4', label: 'alexa', verdict: 'right', was: null, moved: null };
    expect(JSON.parse(again.stdout)).toEqual(told);
    const { stdout } = catnap(['events', 'export', 'fixtures', '--unlabelled', '--json'], { cwd, env });
    // The clip of the third wake has gone.
    expect(JSON.parse(stdout)).toEqual({ words: 2, noises: 1, unlabelled: 1, withoutClip: 0, detections: 5 });
    const rowsOf = (list: string) => readFileSync(join(cwd, 'fixtures', list), 'utf8').split('\r\n');
    expect(rowsOf('wake.csv')[2]).toBe(`clips/${clipName(4)},alexa,kitchen 2026-01-31,r/kitchen/4,owner,1`);
    expect(rowsOf('unlabelled.csv').slice(0, 2)).toEqual([
      'file,label,takenFor,group,detection',
      `clips/${clipName(5)},,alexa,kitchen 2026-01-31,r/kitchen/5`,
    ]);
    expect(rowsOf('detections.csv')[4]).toMatch(/,kitchen,r\/kitchen\/4,alexa,near-miss,/);
    // It is no wake that anything was counted of.
    expect(catnap(['events', '--detections', '--json'], { cwd, env }).stdout.trim().split('\n')).toHaveLength(
      3,
    );
  }, 60_000);
});
