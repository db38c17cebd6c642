import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Frame, SourceItem } from '../../src/core/frame.js';
import { SerialRecording } from '../../src/sources/serial-recording.js';
import { root } from '../support/tools.js';

const demo = join(root, 'fixtures/demo/pump.bridge');
const clock = { monotonicMs: () => performance.now() };

async function play(path: string, speed = 0, signal = new AbortController().signal): Promise<SourceItem[]> {
  const items: SourceItem[] = [];
  const recording = new SerialRecording({ id: 'pump', path, speed, hopRows: null }, clock);
  for await (const item of recording.frames(signal))
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

  it('gives the same items at another speed', async () => {
    expect(await play(demo, 20_000)).toEqual(await play(demo, 0));
  });

  it('stops in the middle when told to', async () => {
    const stop = new AbortController();
    const recording = new SerialRecording({ id: 'pump', path: demo, speed: 1, hopRows: null }, clock);
    let seen = 0;
    for await (const _ of recording.frames(stop.signal)) {
      seen++;
      stop.abort();
    }
    expect(seen).toBe(1);
  });

  it('refuses a file in which no board describes itself', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'catnap-')), 'noise.bridge');
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
