import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Framer } from '../../../../src/core/signal/framer.js';
import { Ring } from '../../../../src/core/signal/ring.js';
import { frame } from '../../../support/cascade.js';

const HOP = 4;

/** A hop whose values are its sample indices. */
function hop(startSample: number, channels = 1): Float32Array {
  return Float32Array.from(
    { length: HOP * channels },
    (_, i) => startSample + Math.floor(i / channels) + (i % channels) / 10,
  );
}

function filled(hops: number, capacityHops = 3, channels = 1): Ring {
  const ring = new Ring(HOP, channels, capacityHops);
  for (let i = 0; i < hops; i++) ring.write(hop(i * HOP, channels));
  return ring;
}

describe('the ring', () => {
  it('keeps the newest samples and counts those that had to go', () => {
    const ring = filled(5);
    expect([ring.startSample, ring.endSample]).toEqual([8, 20]);
  });

  it('copies any stretch, over the seam, clipped to what is held', () => {
    const ring = filled(5);
    expect(ring.copy(10, 14)).toEqual({ startSample: 10, data: Float32Array.of(10, 11, 12, 13) });
    expect(ring.copy(0, 10)).toEqual({ startSample: 8, data: Float32Array.of(8, 9) });
    expect(ring.copy(18, 99)).toEqual({ startSample: 18, data: Float32Array.of(18, 19) });
    expect(ring.copy(40, 50).data).toHaveLength(0);
  });

  it('keeps channels together', () => {
    expect(filled(2, 3, 2).copy(3, 5).data).toEqual(Float32Array.of(3, 3.1, 4, 4.1));
  });

  it('gives a hop back as a view, or nothing when it is gone', () => {
    const ring = filled(5);
    expect(ring.hopAt(12)).toEqual(hop(12));
    expect(ring.hopAt(4)).toBeNull();
    expect(ring.hopAt(20)).toBeNull();
  });

  it('holds nothing from before it was cleared', () => {
    const ring = filled(2);
    ring.clear(100);
    ring.write(hop(100));
    expect([ring.startSample, ring.endSample]).toEqual([100, 104]);
    expect(ring.copy(0, 200)).toEqual({ startSample: 100, data: hop(100) });
  });
});

describe('the framer', () => {
  it('cuts the same hops from any chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 })), (lengths) => {
        const framer = new Framer(HOP, 1);
        const hops: number[][] = [];
        let sample = 0;
        for (const length of lengths) {
          framer.offer(
            frame(
              Float32Array.from({ length }, (_, i) => sample + i),
              sample,
            ),
          );
          sample += length;
          while (framer.take()) hops.push([framer.hopSample, ...framer.hop]);
        }
        expect(hops).toEqual(
          Array.from({ length: Math.floor(sample / HOP) }, (_, i) => [i * HOP, ...hop(i * HOP)]),
        );
      }),
    );
  });

  it('skips samples it has seen already', () => {
    const framer = new Framer(HOP, 1);
    framer.offer(frame(hop(0), 0));
    expect(framer.take()).toBe(true);
    framer.offer(frame(Float32Array.of(2, 3, 4, 5, 6, 7), 2));
    expect(framer.take()).toBe(true);
    expect([framer.hopSample, ...framer.hop]).toEqual([4, 4, 5, 6, 7]);
    framer.offer(frame(hop(0), 0));
    expect(framer.take()).toBe(false);
  });

  it('begins anew where it is cut', () => {
    const framer = new Framer(HOP, 1);
    framer.offer(frame(Float32Array.of(0, 1), 0));
    expect(framer.take()).toBe(false);
    framer.cut(50);
    framer.offer(frame(hop(50), 50));
    expect(framer.take()).toBe(true);
    expect(framer.hopSample).toBe(50);
  });
});
