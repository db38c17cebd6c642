import { expect, it } from 'vitest';
import { runPicture } from '../../../../src/sensor/picture/run-picture.js';

it('draws signal, what was expected, alarms and labels, and stays light however long the recording is', () => {
  const rows = 100_000;
  const wave = Float64Array.from({ length: rows }, (_, row) =>
    row % 5000 < 10 ? Number.NaN : Math.sin(row / 300),
  );
  const svg = runPicture({
    name: 'a <b>',
    channels: [{ name: 'flow', unit: 'L/min' }],
    rowSeconds: 60,
    startMs: Date.UTC(2026, 0, 1),
    rows,
    values: [wave],
    expected: [wave],
    alarms: [{ fromRow: 100, toRow: 300 }],
    labels: [{ fromRow: 90, toRow: 310 }],
  });
  expect(svg).toContain('a &lt;b&gt;');
  expect(svg).toContain('flow (L/min)');
  expect(svg).toContain('2026-01-01 00:00');
  for (const look of ['signal', 'expected', 'alarm', 'label']) expect(svg).toContain(`class="${look}"`);
  expect(svg).not.toContain('NaN');
  expect(svg.length).toBeLessThan(100_000);
});
