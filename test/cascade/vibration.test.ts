import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsNothing, parseConfig } from '../../src/config/load.js';
import { canonicalLine } from '../../src/core/events/canonical.js';
import type { Source, SourceItem } from '../../src/core/signal/frame.js';
import { SerialRecording } from '../../src/sources/serial/serial-recording.js';
import { watched } from '../support/replay.js';
import { root } from '../support/tools.js';

const yaml = `
sources: [{ id: motor, kind: serial-recording, path: motor.bridge }]
cascades: { sensor: { kind: sensor, rowSeconds: 0.25, learnSeconds: 60 } }
`;
/** When a ball first knocks against the spalled race, and when it no longer does (fixtures/demo/motor.script). */
const spalled = { from: 132_000, to: 172_400 };

const run = (source: Source) => watched(source, parseConfig(yaml, 'motor.yaml', {}, needsNothing));

const motor = () => new SerialRecording({ id: 'motor', path: join(root, 'fixtures/demo/motor.bridge') });

/** The motor with every sample changed, or taken away, as `change` says. */
function changed(change: (value: number, sample: number) => number): Source {
  return {
    id: 'motor',
    async *frames(signal): AsyncGenerator<SourceItem> {
      for await (const item of motor().frames(signal)) {
        if (item.kind !== 'frame') yield item;
        else {
          const data = item.data.map((value, i) =>
            change(value, item.sample + Math.floor(i / item.channels)),
          );
          yield { ...item, data };
        }
      }
    },
  };
}

describe('a vibration cascade at 2 kHz', () => {
  it('tells the spalled bearing of the recording, byte for byte as the golden log', async () => {
    const { events } = await run(motor());
    await expect(events.map((event) => `${canonicalLine(event)}\n`).join('')).toMatchFileSnapshot(
      'golden/sensor-motor.jsonl',
    );
  });

  it('notices it while it grows, names the end and what about it strayed, and follows it to its end', async () => {
    const { events } = await run(motor());
    const [noticed, ...others] = events.filter(({ type }) => type === 'noticed');
    expect(others).toEqual([]);
    if (noticed?.type !== 'noticed') throw new Error('expected a notice');
    expect(noticed.sample - spalled.from).toBeGreaterThan(0);
    expect(noticed.sample - spalled.from).toBeLessThan(4000);
    const verified = events.find(({ type }) => type === 'verified');
    if (verified?.type !== 'verified') throw new Error('expected it to be verified');
    const heavy = verified.trail.at(-1);
    if (heavy?.kind !== 'accept') throw new Error('expected heavy to accept');
    expect(heavy.contributions[0]).toMatchObject({ channel: 'drive_end' });
    // The knocked housing rings at 600 Hz, so loud that its level tells it as well.
    expect(heavy.contributions[0]?.feature).toMatch(/^(spectrum 500-1000 Hz|RMS level)$/);
    const ended = events.find(({ type }) => type === 'ended');
    if (ended?.type !== 'ended') throw new Error('expected it to end');
    expect(ended.endSample).toBeGreaterThan(spalled.to - 1000);
    expect(ended.endSample).toBeLessThan(spalled.to + 20_000);
  });

  it('sends up figures of the features that strayed, with what is normal of each, and no sample', async () => {
    const { escalations } = await run(motor());
    expect(escalations).toHaveLength(1);
    const summary = JSON.stringify(escalations[0]?.summary);
    expect(summary.length).toBeLessThan(2000);
    expect(escalations[0]?.summary).toMatchObject({
      channels: expect.arrayContaining([
        expect.objectContaining({ name: expect.stringMatching(/^drive_end /), normal: expect.any(Number) }),
      ]),
    });
    expect(escalations[0]?.clip).toBeNull();
  });

  it('takes no alarm from samples that are missing now and then', async () => {
    const { events } = await run(
      changed((value, sample) => (sample < spalled.from && sample % 9973 === 0 ? Number.NaN : value)),
    );
    expect(events.map(({ type }) => type)).toEqual(['noticed', 'verified', 'escalated', 'ended']);
  });
});
