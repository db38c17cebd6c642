import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catnap } from '../../support/cli.js';
import { journalled, said, settled, wake } from '../../support/past.js';

const tune = (cwd: string, ...more: readonly string[]) =>
  catnap(['tune', '--journal', '--config', 'catnap.yaml', '--json', ...more], { cwd });

describe('catnap tune --of settling', () => {
  it('finds how sure a transcript has to be, from what was said of settled orders', () => {
    const events = [0.45, 0.5, 0.55, 0.8, 0.85, 0.9].flatMap((recognition, at) => [
      wake(at, 0.9, 0.9, true),
      settled(at, recognition),
      said(at, recognition > 0.6 ? 'right' : 'wrong', 30 + at),
    ]);
    const cwd = journalled(events, 'sources: [{ id: kitchen, kind: microphone }]\n');
    const { status, stdout } = tune(cwd, '--of', 'settling', '--wrong-settled', '0.1');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      graded: 6,
      now: { decided: 6, wrong: 3 },
      chosen: { least: 0.675, decided: 3, wrong: 0 },
      crossValidated: null,
    });
    const text = readFileSync(join(cwd, 'catnap.yaml'), 'utf8');
    expect(text).toMatch(
      /# the kitchen\n[\s\S]*minConfidence: 0.675 # catnap tune, \d{4}-\d\d-\d\d: from the journal; 0 of 3/,
    );
  }, 60_000);
});
