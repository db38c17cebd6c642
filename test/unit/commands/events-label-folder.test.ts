import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CascadeEvent, EventOf } from '../../../src/core/events/events.js';
import { catnap } from '../../support/cli.js';
import { nearMiss, said, wake } from '../../support/past.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const clipName = (n: number) => `000000000000${n}-0000000${n}.wav`;

function clipOf(n: number): EventOf<'clip'> {
  const { v, measured, detection } = wake(n, 0.9, 0.9, true);
  return { v, measured, id: `clips/${n}`, type: 'clip', detection, file: clipName(n), bytes: 2 };
}

/** A house with three wakes, of which the cloud knows nothing and the owner one, and a near miss; all with clips. */
function house() {
  const cwd = temporaryFolder();
  const state = join(cwd, 'catnap-state');
  for (const name of ['journal', 'clips']) mkdirSync(join(state, name), { recursive: true });
  const events: CascadeEvent[] = [
    ...[1, 2, 3].flatMap((n) => [wake(n, 0.9, 0.95, true), clipOf(n)]),
    nearMiss(4, 0.15),
    clipOf(4),
    said(1, 'right', 30),
  ];
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  writeFileSync(join(state, 'journal', '000000000000.jsonl'), lines.join(''));
  for (const n of [1, 2, 3, 4]) writeFileSync(join(state, 'clips', clipName(n)), `${n}.`);
  const run = (...args: string[]) => catnap(['events', ...args], { cwd });
  expect(run('export', 'clips', '--unlabelled').status).toBe(0);
  /** Moves the n-th clip into a folder of that name. */
  const sort = (n: number, name: string) => {
    mkdirSync(join(cwd, 'clips', name), { recursive: true });
    renameSync(join(cwd, 'clips', 'clips', clipName(n)), join(cwd, 'clips', name, clipName(n)));
  };
  const kept = () => {
    const text = readFileSync(join(state, 'labels.jsonl'), 'utf8').trim();
    return text.split('\n').map((line): EventOf<'label'> => JSON.parse(line));
  };
  return { cwd, run, sort, kept };
}

describe('catnap events label --folder', () => {
  it('takes what a sorted folder and its list say as the word of a witness of its own', () => {
    const { cwd, run, sort, kept } = house();
    sort(1, 'noise');
    sort(2, 'Alexa');
    const list = join(cwd, 'clips', 'unlabelled.csv');
    const rows = readFileSync(list, 'utf8');
    writeFileSync(list, rows.replace(`${clipName(4)},,`, `${clipName(4)},alexa,`));
    const { stdout } = run('label', '--folder', 'clips', '--json');
    expect(JSON.parse(stdout)).toEqual({ labelled: 3, same: 0, unknown: 0 });
    expect(kept()).toMatchObject([
      { detection: 'r/kitchen/1', verdict: 'wrong', was: null, witness: 'folder', by: 'clips' },
      { detection: 'r/kitchen/2', verdict: 'right', was: null, witness: 'folder' },
      { detection: 'r/kitchen/4', verdict: 'right', nearMiss: true, witness: 'folder' },
    ]);
    // It is set against the owner and the stages, and the owner's word stands.
    const told = JSON.parse(run('disagreements', '--json').stdout);
    expect(told).toContainEqual(
      expect.objectContaining({ source: 'kitchen', surer: 'owner', other: 'folder', both: 1, differ: 1 }),
    );
    expect(told).toContainEqual(
      expect.objectContaining({ source: 'kitchen', surer: 'folder', other: 'heavy', both: 2, differ: 1 }),
    );
    const detections = readFileSync(join(cwd, 'clips', 'detections.csv'), 'utf8').split('\r\n');
    const again = run('export', 'again', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      words: 3,
      noises: 0,
      detections: detections.length - 2,
    });
    const wakes = readFileSync(join(cwd, 'again', 'wake.csv'), 'utf8').split('\r\n');
    expect(wakes.slice(1, 4).map((row) => row.split(',').slice(-2).join())).toEqual([
      'owner,1',
      'folder,0.95',
      'folder,0.95',
    ]);
    // What a witness said is not read back as somebody else's, and what was said is not said twice.
    expect(run('label', '--folder', 'again').stderr).toContain('found neither');
    expect(JSON.parse(run('label', '--folder', 'clips', '--json').stdout)).toMatchObject({
      labelled: 0,
      same: 3,
    });
    expect(kept()).toHaveLength(3);
  }, 60_000);

  it('says what is wrong with a folder, and keeps nothing of it', () => {
    const { cwd, run, sort, kept } = house();
    expect(run('label', '--folder', 'nowhere').stderr).toContain('expected a folder of clips, found nothing');
    expect(run('label', '--folder', 'clips').stderr).toContain('found neither');
    expect(run('label', '--folder', 'clips', 'kitchen/1')).toMatchObject({ status: 64 });
    sort(2, 'alexa');
    mkdirSync(join(cwd, 'clips', 'television'));
    writeFileSync(join(cwd, 'clips', 'television', clipName(2)), '2.');
    const twice = run('label', '--folder', 'clips');
    expect(twice).toMatchObject({ status: 64 });
    expect(twice.stderr).toContain('found the folder alexa and the folder television');
    expect(kept).toThrow('labels.jsonl');
    rmSync(join(cwd, 'clips', 'alexa'), { recursive: true });
    writeFileSync(join(cwd, 'clips', 'television', 'holiday.wav'), '');
    expect(run('label', '--folder', 'clips').stdout).toContain('1 labelled, 0 as before, 1 that the journal');
    expect(kept()).toMatchObject([{ detection: 'r/kitchen/2', verdict: 'wrong', was: 'television' }]);
  }, 60_000);
});
