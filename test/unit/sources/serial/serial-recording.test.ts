import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Frame, Gap, Source, SourceItem } from '../../../../src/core/signal/frame.js';
import { PacedSource } from '../../../../src/sources/pace.js';
import { SerialRecording } from '../../../../src/sources/serial/serial-recording.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { root } from '../../../support/tools.js';

const demo = join(root, 'fixtures/demo/pump.bridge');

async function play(
  path: string,
  source: Source = new SerialRecording({ id: 'pump', path }),
): Promise<SourceItem[]> {
  const items: SourceItem[] = [];
  for await (const item of source.frames(new AbortController().signal))
    items.push(item.kind === 'frame' ? { ...item, data: item.data.slice() } : item);
  return items;
}

const frames = (items: readonly SourceItem[]): Frame[] => items.filter((item) => item.kind === 'frame');

describe('a serial recording', () => {
  it('plays the demonstration: eight named channels at 1 Hz, every row in place', async () => {
    const items = await play(demo);
    const format = items[0];
    expect(
      format?.kind === 'format' && format.channels.map((channel) => `${channel.name} ${channel.unit}`),
    ).toEqual([
      'flow L/min',
      'inlet_pressure kPa',
      'outlet_pressure kPa',
      'motor_current A',
      'motor_temperature °C',
      'fluid_temperature °C',
      'vibration mm/s',
      'supply_voltage V',
    ]);
    expect(frames(items).map((frame) => frame.sample)).toEqual(Array.from({ length: 1200 }, (_, i) => i));
    expect(items.filter((item) => item.kind === 'gap')).toEqual([]);
  });

  it('holds the faults its script injects: less flow behind the closed valve, more vibration of the bad bearing', async () => {
    const rows = frames(await play(demo));
    const mean = (channel: number, from: number, to: number) =>
      rows.slice(from, to).reduce((sum, row) => sum + (row.data[channel] as number), 0) / (to - from);
    expect(mean(0, 740, 790)).toBeLessThan(0.75 * mean(0, 0, 700));
    expect(mean(6, 1020, 1080)).toBeGreaterThan(1.5 * mean(6, 0, 700));
  });

  it('gives the same items at another speed, each when its time has come', async () => {
    let nowMs = 5000;
    const pace = {
      clock: { monotonicMs: () => nowMs },
      timer: (delayMs: number, wake: () => void) => {
        nowMs += delayMs;
        queueMicrotask(wake);
        return () => {};
      },
    };
    const paced = new PacedSource(new SerialRecording({ id: 'pump', path: demo }), pace, 20);
    const due = (item: SourceItem) =>
      item.kind === 'frame' ? { ...item, arrivedMs: 5000 + ((item.sample + 1) * 1000) / 20 } : item;
    expect(await play(demo, paced)).toEqual((await play(demo)).map(due));
    expect(nowMs - 5000).toBeCloseTo(60_000, 0);
  });

  it('stops in the middle when told to', async () => {
    const stop = new AbortController();
    let seen = 0;
    for await (const _ of new SerialRecording({ id: 'pump', path: demo }).frames(stop.signal)) {
      seen++;
      stop.abort();
    }
    expect(seen).toBe(1);
  });

  it('starts again at the end, behind a gap, with the sample clock going on', async () => {
    const stop = new AbortController();
    const gaps: Gap[] = [];
    let last = 0;
    for await (const item of new SerialRecording({ id: 'pump', path: demo, loop: true }).frames(
      stop.signal,
    )) {
      if (item.kind === 'gap') gaps.push(item);
      if (item.kind === 'frame') last = item.sample;
      if (last === 2500) stop.abort();
    }
    expect(gaps).toEqual(
      [1200, 2400].map((sample) => ({
        kind: 'gap',
        source: 'pump',
        sample,
        lostSamples: 0,
        reason: 'reset',
      })),
    );
  });

  it('refuses a file in which no board describes itself', async () => {
    const path = join(temporaryFolder(), 'noise.bridge');
    await writeFile(path, Buffer.alloc(5000, 'no board here\0'));
    await expect(play(path)).rejects.toMatchObject({ code: 'SOURCE_FORMAT' });
  });

  it('names the file that is not there', async () => {
    await expect(play('/nowhere/pump.bridge')).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('/nowhere/pump.bridge'),
    });
  });
});
