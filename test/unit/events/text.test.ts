import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { cascadeEventSchema } from '../../../src/core/events/event-schema.js';
import { createTextSink } from '../../../src/events/text.js';

/** A fault as it is told while it lasts. */
const updated = cascadeEventSchema.parse({
  type: 'updated',
  v: 1,
  id: 'pump/3',
  source: 'pump',
  sample: 900,
  atMs: 900_000,
  measured: null,
  detection: 'pump/d1',
  label: 'valve',
  trail: [
    {
      kind: 'accept',
      stage: 'anomaly-tiny',
      label: 'anomaly',
      score: 6,
      confidence: 0.98,
      contributions: [
        { channel: 'temp', share: 0.02 },
        { channel: 'inlet', feature: 'stuck', share: 0.3 },
        { channel: 'flow', share: 0.68 },
      ],
      sample: 899,
      measured: null,
    },
  ],
});

describe('the lines that a person reads', () => {
  it('name the channels that explain a fault now, the first one first, and what is wrong with them', () => {
    const stream = new PassThrough();
    createTextSink(stream).publish(updated);
    expect(String(stream.read())).toMatch(
      /pump\/d1 {2}valve {2}anomaly-tiny accept 0\.98 {2}flow, inlet \(stuck\)\n$/,
    );
  });
});
