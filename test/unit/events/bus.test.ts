import { describe, expect, it } from 'vitest';
import type { CascadeEvent, Sink } from '../../../src/core/events/events.js';
import { createEventBus } from '../../../src/events/bus.js';
import { gapEvent, healthEvent, levelReading } from '../../support/events.js';

function collector(): Sink & { readonly events: CascadeEvent[]; closed: boolean } {
  const events: CascadeEvent[] = [];
  return {
    events,
    closed: false,
    publish: (event) => events.push(event),
    async close() {
      this.closed = true;
    },
  };
}

describe('the event bus', () => {
  it('keeps the newest events for late joiners and counts the ones it let go', () => {
    const bus = createEventBus({ historyEvents: 3 });
    for (let counter = 0; counter < 5; counter++) bus.publish(gapEvent('mic', counter));
    expect(bus.history().map((event) => event.id)).toEqual(['mic/2', 'mic/3', 'mic/4']);
    expect(bus.evicted()).toBe(2);
    expect(bus.counts()).toEqual({ mic: { gap: 5 } });
  });

  it('begins with what earlier runs left, which nobody is told of or counts', () => {
    const earlier = [gapEvent('mic', 1), gapEvent('mic', 2), healthEvent('mic/source', 'down')];
    const bus = createEventBus({ historyEvents: 2, earlier });
    expect(bus.history()).toEqual(earlier.slice(1));
    expect(bus.counts()).toEqual({});
    expect(bus.health().size).toBe(0);
    expect(bus.evicted()).toBe(0);
  });

  it('tells listeners and late joiners of what is kept elsewhere, and no sink', () => {
    const bus = createEventBus({ historyEvents: 3 });
    const [sink, heard] = [collector(), [] as CascadeEvent[]];
    bus.attach('journal', sink);
    bus.subscribe((event) => heard.push(event));
    bus.tell(gapEvent('mic', 1));
    expect([heard.length, bus.history().length, sink.events.length]).toEqual([1, 1, 0]);
  });

  it('goes on when a sink or a listener throws, and says which', () => {
    const errors: string[] = [];
    const bus = createEventBus({ historyEvents: 3, onError: (where) => errors.push(where) });
    const good = collector();
    bus.attach('bad', {
      publish() {
        throw new Error('full');
      },
      close: async () => {},
    });
    bus.attach('good', good);
    bus.subscribe(() => {
      throw new Error('bug');
    });
    bus.publish(gapEvent('mic', 1));
    expect(good.events).toHaveLength(1);
    expect(errors).toEqual(['bad', 'listener']);
  });

  it('stops calling a listener that has left, even when it leaves while being called', () => {
    const bus = createEventBus({ historyEvents: 3 });
    const seen: string[] = [];
    const leave = bus.subscribe((event) => {
      seen.push(event.id);
      leave();
    });
    bus.publish(gapEvent('mic', 1));
    bus.publish(gapEvent('mic', 2));
    expect(seen).toEqual(['mic/1']);
  });

  it('tells when the first watcher of telemetry comes and the last one goes', () => {
    const told: boolean[] = [];
    const bus = createEventBus({ historyEvents: 0, onWatched: (watched) => told.push(watched) });
    const [first, second] = [bus.subscribeTelemetry(() => {}), bus.subscribeTelemetry(() => {})];
    expect(told).toEqual([true]);
    first();
    first();
    expect(told).toEqual([true]);
    second();
    expect(told).toEqual([true, false]);
  });

  it('remembers each component’s newest health and each source’s recent levels', () => {
    const bus = createEventBus({ historyEvents: 0, historyLevels: 2 });
    bus.publish(healthEvent('source/mic', 'down', 1));
    bus.publish(healthEvent('source/mic', 'ok', 2));
    for (let counter = 0; counter < 4; counter++) bus.telemetry(levelReading('mic', counter));
    expect(bus.health().get('source/mic')?.state).toBe('ok');
    expect(bus.sources().get('mic')?.levels.trace().atMs).toEqual([200, 300]);
  });

  it('closes every sink, also when one fails to, and takes nothing afterwards', async () => {
    const errors: string[] = [];
    const bus = createEventBus({ historyEvents: 3, onError: (where) => errors.push(where) });
    const good = collector();
    bus.attach('bad', {
      publish() {},
      close: async () => {
        throw new Error('disk gone');
      },
    });
    bus.attach('good', good);
    await bus.close();
    bus.publish(gapEvent('mic', 1));
    expect(good.closed).toBe(true);
    expect(good.events).toEqual([]);
    expect(errors).toEqual(['bad']);
  });
});
