import { describe, expect, it } from 'vitest';
import type { CascadeEvent } from '../../../../src/core/events/events.js';
import { Replay } from '../../../../src/learning/tuning/what-if.js';
import { asked, said, wake } from '../../../support/past.js';

function replayed(...events: readonly CascadeEvent[]): Replay {
  const replay = new Replay();
  for (const event of events) replay.take(event);
  return replay;
}

const past = [
  wake(1, 0.9, 0.95, true),
  ...asked(1, 0.02),
  wake(2, 0.2, 0.7, true),
  ...asked(2, 0.03),
  wake(3, 0.5, 0.6, true),
  wake(4, 0.5, 0.4, false),
  said(1, 'right', 30),
  said(2, 'wrong', 31),
];

describe('other thresholds in the past', () => {
  it('say what would be gone, what people said of it, and what it cost', () => {
    const { believed, gone, added } = replayed(...past).with({ 'heavy.accept': 0.8 });
    expect(believed).toMatchObject({ detections: 3, right: 1, wrong: 1, unsaid: 1, cloudCalls: 2 });
    expect(believed.money).toBeCloseTo(0.05, 6);
    expect(gone).toEqual({ detections: 2, right: 0, wrong: 1, unsaid: 1, cloudCalls: 1, money: 0.03 });
    expect(added.detections).toBe(0);
  });

  it('say what would be believed besides', () => {
    const { gone, added } = replayed(...past).with({ 'heavy.accept': 0.3 });
    expect(gone.detections).toBe(0);
    expect(added).toMatchObject({ detections: 1, unsaid: 1, cloudCalls: 0 });
  });

  it('count for both stages together, and change nothing where nothing changes', () => {
    expect(replayed(...past).with({ 'tiny.reject': 0.3 }).gone.detections).toBe(1);
    const both = replayed(...past).with({ 'tiny.reject': 0.3, 'heavy.accept': 0.65 });
    expect(both.gone.detections).toBe(2);
    const same = replayed(...past).with({});
    expect([same.gone.detections, same.added.detections]).toEqual([0, 0]);
  });

  it('let the newest word of a detection stand, in whichever order it comes', () => {
    const { believed } = replayed(...past, said(3, 'right', 40), said(3, 'wrong', 35)).with({});
    expect(believed).toMatchObject({ right: 2, wrong: 1, unsaid: 0 });
  });

  it('keep a wake a wake, though what was said after it came to nothing', () => {
    const nothingSaid = { ...wake(1, 0.9, 0.95, false), id: 'kitchen/9' };
    expect(replayed(wake(1, 0.9, 0.95, true), nothingSaid).with({}).believed.detections).toBe(1);
  });
});
