import type { Escalation } from '../core/cascade/escalation.js';

export const SOURCES = 8;

const POISON_EVERY = 199;

/** Event `index` of a fault run: a few hundred bytes of one of eight sources; some are poison. */
export function faultEscalation(index: number): Escalation {
  const source = `source-${index % SOURCES}`;
  const detection = `${source}/d${index}`;
  return {
    key: `bench/${index}`,
    detection,
    source,
    sample: index * 16_000,
    wallTime: new Date(0).toISOString(),
    label: isPoison(index) ? 'poison' : 'computer',
    reasons: ['no-match'],
    trail: [],
    priority: 5,
    features: {},
    answeredHere: false,
    transcript: `what is the weather like in place number ${index}`,
    summary: null,
    clip: null,
  };
}

export function isPoison(index: number): boolean {
  return index % POISON_EVERY === POISON_EVERY - 1;
}
