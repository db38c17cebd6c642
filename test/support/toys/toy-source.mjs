// A source of one's own: rows of one channel, a stretch that is lost, and more rows.
export const source = {
  schema: (z) => z.strictObject({ rows: z.int().positive(), lost: z.int().positive() }),
  create: ({ rows, lost }, { id }) => ({ id, frames: () => rowsOf(id, rows, lost) }),
};

async function* rowsOf(id, rows, lost) {
  const of = { source: id, rateHz: 10, channels: 1 };
  yield { ...of, kind: 'format', channels: [{ name: 'level', unit: 'mm' }] };
  const data = Float32Array.from({ length: rows }, (_, row) => Math.sin(row));
  yield { ...of, kind: 'frame', sample: 0, data };
  yield { kind: 'gap', source: id, sample: rows, lostSamples: lost, reason: 'lost' };
  yield { ...of, kind: 'frame', sample: rows + lost, data };
}
