import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/core/signal/frame.js';
import { PacedSource } from '../../src/sources/pace.js';
import { FileSource } from '../../src/sources/recording/file.js';
import { settledByGolden } from '../support/golden.js';
import { canonicalLog, eventsOf, voiceRecording, voiceRecordings } from '../support/replay.js';
import { root } from '../support/tools.js';

/** The event logs of these recordings are the contract; `npm run golden` writes them anew. */
describe('the event log of a recording', () => {
  it.each(voiceRecordings)('of %s is the golden one, byte for byte', async (name) => {
    const log = await canonicalLog(new FileSource({ id: name, path: voiceRecording(name) }));
    const golden = join(root, `test/cascade/golden/${name}.jsonl`);
    await expect(settledByGolden(log, golden)).toMatchFileSnapshot(golden);
  });

  it('does not depend on how the source cuts its frames, nor on what is read at a time', async () => {
    const path = voiceRecording('settled');
    const whole = await canonicalLog(new FileSource({ id: 'settled', path }));
    for (const [frameSamples, readBytes] of [
      [160, 1000],
      [997, 4097],
      [16_000, 333],
    ] as const) {
      const source = new FileSource({ id: 'settled', path, frameSamples, readBytes });
      expect(await canonicalLog(source)).toBe(whole);
    }
  });

  it('holds no detection across an overrun in the midst of the word', async () => {
    const path = voiceRecording('settled');
    const file = new FileSource({ id: 'settled', path, frameSamples: 320 });
    const [from, to] = [2.15 * 16_000, 2.4 * 16_000];
    const overrun: Source = {
      id: 'settled',
      async *frames(signal) {
        for await (const item of file.frames(signal)) {
          if (item.kind !== 'frame' || item.sample < from || item.sample >= to) yield item;
          else if (item.sample === from) {
            const lostSamples = to - from;
            yield { kind: 'gap', source: 'settled', sample: from, lostSamples, reason: 'overrun' };
          }
        }
      },
    };
    const types = (await eventsOf(overrun)).map(({ type }) => type);
    expect(types).toContain('gap');
    expect(types).not.toContain('verified');
  });

  it('does not depend on the pace, nor on a clock that jumps', async () => {
    const path = voiceRecording('settled');
    const whole = await canonicalLog(new FileSource({ id: 'settled', path }));
    let nowMs = 0;
    const jittery = new PacedSource(new FileSource({ id: 'settled', path }), {
      clock: { monotonicMs: () => nowMs },
      timer: (delayMs, wake) => {
        nowMs += delayMs + (nowMs % 7 === 0 ? 40 : 0);
        setImmediate(wake);
        return () => {};
      },
    });
    expect(await canonicalLog(jittery)).toBe(whole);
  });
});
