import type { EventOf } from '../../src/core/events/events.js';
import { EVENT_VERSION } from '../../src/core/events/version.js';
import type { Telemetry } from '../../src/core/metering/telemetry.js';

/** A health event of a component. */
export function healthEvent(
  component: string,
  state: EventOf<'health'>['state'],
  counter = 1,
): EventOf<'health'> {
  return {
    v: EVENT_VERSION,
    type: 'health',
    id: `${component}/${counter}`,
    component,
    state,
    code: 'SOURCE_LOST',
    detail: 'unplugged',
    measured: null,
  };
}

/** A gap event of a source. */
export function gapEvent(source: string, counter: number): EventOf<'gap'> {
  return {
    v: EVENT_VERSION,
    type: 'gap',
    id: `${source}/${counter}`,
    source,
    sample: counter * 320,
    atMs: counter * 20,
    lostSamples: 320,
    reason: 'overrun',
    measured: null,
  };
}

/** A level reading of a source. */
export function levelReading(source: string, counter: number): Extract<Telemetry, { type: 'level' }> {
  return {
    type: 'level',
    source,
    sample: counter * 1600,
    atMs: counter * 100,
    levelDb: -40,
    floorDb: -55,
    gateOpen: true,
    confidence: 0.25,
    label: 'alexa',
    state: 'listening',
    learningMs: 0,
    values: [],
  };
}
