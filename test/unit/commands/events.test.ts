import { describe, expect, it } from 'vitest';
import { catnap } from '../../support/cli.js';
import { journalled, said, wake } from '../../support/past.js';

describe('catnap events --where', () => {
  it('finds detections by any of their fields, and refuses a field that none has', () => {
    const sources = 'sources: [{ id: kitchen, kind: microphone }]\n';
    const cwd = journalled([wake(1, 0.9, 0.95, true), wake(2, 0.2, 0.4, false)], sources);
    const found = catnap(['events', '--where', 'heavy.confidence<0.5', '--json'], { cwd });
    expect(JSON.parse(found.stdout)).toMatchObject({ detection: 'r/kitchen/2', outcome: 'refused' });
    const unknown = catnap(['events', '--where', 'heavy.sureness<0.5'], { cwd });
    expect(unknown).toMatchObject({
      status: 64,
      stdout: '',
      stderr: expect.stringMatching(
        /--where: expected one of .*heavy\.confidence.*, found "heavy\.sureness"/,
      ),
    });
  }, 60_000);
});

describe('catnap events --detections', () => {
  it('tells each figure by the name that --where knows it by', () => {
    const sources = 'sources: [{ id: kitchen, kind: microphone }]\n';
    const wakes = [1, 2].map((n) => wake(n, 0.123456, 0.95, true));
    const cwd = journalled([...wakes, said(2, 'wrong', 31)], sources);
    const { status, stdout } = catnap(['events', '--detections'], { cwd });
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^\S+Z {2}kitchen {2}r\/kitchen\/1 {2}\S+ {2}\S+ {2}/);
    expect(lines[0]).toContain('  tiny.confidence=0.1235  ');
    expect(lines[1]).toContain('  said=wrong');
  });
});
