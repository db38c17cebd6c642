import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catnap } from '../../support/cli.js';
import { asked, journalled, wake } from '../../support/past.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** A state folder whose journal holds two wakes and a refusal. */
function state(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'journal'));
  const events = [
    wake(1, 0.9, 0.95, true),
    ...asked(1, 0.02),
    wake(2, 0.2, 0.7, true),
    wake(3, 0.5, 0.4, false),
  ];
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  writeFileSync(join(folder, 'journal', '000000000000.jsonl'), lines.join(''));
  return folder;
}

describe('catnap what-if', () => {
  it('counts what is labelled on the command line', () => {
    const folder = state();
    const told = catnap(['events', 'label', 'kitchen/2', 'television', '--state', folder]);
    expect(told).toMatchObject({ status: 0, stdout: 'r/kitchen/2: alexa is wrong, it was television\n' });
    expect(catnap(['events', 'label', 'r/kitchen/1', 'right', '--state', folder]).status).toBe(0);
    const { stdout } = catnap(['what-if', '--set', 'heavy.accept=0.9', '--state', folder, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      believed: { detections: 2, right: 1, wrong: 1, cloudCalls: 1 },
      gone: { detections: 1, right: 0, wrong: 1, cloudCalls: 0 },
    });
    // What was said is found among the events, too.
    const events = catnap(['events', '--state', folder, '--outcome', 'wrong', '--json']).stdout;
    expect(JSON.parse(events)).toMatchObject({
      type: 'label',
      was: 'television',
      source: 'kitchen',
      by: 'cli',
    });
  }, 60_000);

  it('leaves out, and tells, what the cascade of the configuration has not made', () => {
    const mark = { kind: 'agreement', own: 0.5, because: '2 of 3 looks say the same' };
    const judged = wake(2, 0.9, 0.7, true);
    const trail = judged.trail.map((entry, at) => (at === 0 ? entry : { ...entry, judge: mark }));
    const cwd = journalled(
      [wake(1, 0.9, 0.95, true), { ...judged, trail }, wake(3, 0.9, 0.6, true)],
      'sources: [{ id: kitchen, kind: microphone }]\n',
    );
    const told = catnap(['what-if', '--set', 'heavy.accept=0.9'], { cwd });
    expect(told.stdout).toMatch(
      /^of 2 wakes: 1 fewer, 0 of them real and 1 not known; left out: 1 of judge agreement\n/,
    );
    // A word that has thresholds of its own keeps them.
    appendFileSync(
      join(cwd, 'catnap.yaml'),
      'cascades: { voice: { kind: voice, heavy: { wordThresholds: { alexa: { accept: 0.5, reject: 0.2 } } } } }\n',
    );
    const own = catnap(['what-if', '--set', 'heavy.accept=0.9', '--json'], { cwd });
    expect(JSON.parse(own.stdout)).toMatchObject({
      believed: { detections: 2 },
      gone: { detections: 0 },
      leftOut: { 'judge agreement': 1 },
    });
  }, 60_000);

  it('has a word of the owner that was heard for nothing asked for more', () => {
    const folder = state();
    const config = join(folder, 'catnap.yaml');
    writeFileSync(
      config,
      'sources: [{ id: kitchen, kind: microphone }]\n' +
        'cascades: { voice: { kind: voice, tiny: { words: [{ say: alexa }] } } }\nstateDir: .\n',
    );
    const label = (verdict: string) =>
      catnap(['events', 'label', 'kitchen/2', verdict, '--config', config]).stdout;
    expect(label('right')).toBe('r/kitchen/2: alexa is right\n');
    expect(readFileSync(config, 'utf8')).toContain('{ say: alexa }');
    expect(label('wrong')).toBe('r/kitchen/2: alexa is wrong; alexa is believed from 0.8 (before: 0.5)\n');
    expect(readFileSync(config, 'utf8')).toContain('{ say: alexa, accept: 0.8 }');
  }, 60_000);

  it('refuses what it cannot answer, by name', () => {
    const folder = state();
    const stage = catnap(['what-if', '--set', 'cloud.accept=0.9', '--state', folder]);
    expect(stage).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('tiny.reject or heavy.accept'),
    });
    const value = catnap(['what-if', '--set', 'heavy.accept=9', '--state', folder]);
    expect(value).toMatchObject({ status: 64, stderr: expect.stringContaining('a number from 0 to 1') });
    const unknown = catnap(['events', 'label', 'kitchen/77', 'right', '--state', folder]);
    expect(unknown).toMatchObject({ status: 64, stderr: expect.stringContaining('found "kitchen/77"') });
  }, 60_000);
});
