import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CascadeEvent } from '../../../src/core/events/events.js';
import { PackedEvents } from '../../../src/events/packed-events.js';
import { healthEvent } from '../../support/events.js';

const told = (detail: string): CascadeEvent => ({ ...healthEvent('source/mic', 'ok'), detail });
const heldBy = (packed: PackedEvents) => Array.from(packed.texts(), (text) => JSON.parse(text));

describe('packed events', () => {
  it('are the newest ones, whatever their lengths and whenever some were taken', () => {
    const step = fc.oneof(
      { weight: 20, arbitrary: fc.string({ unit: 'grapheme', maxLength: 3000 }).map(told) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 9 }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), fc.array(step, { maxLength: 60 }), (maxEvents, steps) => {
        const packed = new PackedEvents(maxEvents);
        let expected: CascadeEvent[] = [];
        for (const event of steps) {
          if (typeof event === 'number') {
            expect(packed.take(event).map((text) => JSON.parse(text))).toEqual(expected.slice(0, event));
            expected = expected.slice(event);
          } else {
            const hadRoom = expected.length < maxEvents;
            expect(packed.push(event)).toBe(hadRoom);
            expected = maxEvents === 0 ? [] : [...expected, event].slice(-maxEvents);
          }
          expect(packed.length).toBe(expected.length);
          expect(heldBy(packed)).toEqual(expected);
        }
      }),
      { numRuns: 60 },
    );
  });
});
