import { describe, expect, it } from 'vitest';
import { catnap } from '../../support/cli.js';
import { journalled, wake } from '../../support/past.js';

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
