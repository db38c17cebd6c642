import { describe, expect, it } from 'vitest';
import type { ActionConfig, ActionRequest } from '../../../src/actions/action-kind.js';
import { createLocalActions } from '../../../src/actions/local.js';
import type { CascadeEvent, EventOf } from '../../../src/core/events/events.js';

const act = (command: string) => ({ kind: 'serial', source: 'board', command }) as ActionConfig;
const ALARM = act('alarm');
const CLEAR = act('clear');
const WAKE = act('wake');
const LAMP = act('lamp');

const ANSWERING = {
  sources: [
    { id: 'kitchen', cascade: 'voice' },
    { id: 'hall', cascade: 'voice' },
    { id: 'pump', cascade: 'sensor' },
  ],
  cascades: {
    voice: { kind: 'voice', wakeActions: { computer: WAKE } },
    sensor: {
      kind: 'sensor',
      faults: { anomaly: ALARM, valve: 'lamp' },
      allClear: CLEAR,
    },
  },
};

/** Listens to events and keeps what they ask for. */
function listening() {
  const asked: ActionRequest[] = [];
  let nowMs = 0;
  const run = async (request: ActionRequest) => {
    asked.push(request);
    return { detection: request.detection, action: request.name, outcome: 'done', detail: '' } as const;
  };
  const clock = { monotonicMs: () => nowMs, wallMs: () => nowMs };
  const actionOfIntent = (intent: string) => (intent === 'lamp' ? LAMP : null);
  const deps = { clock, run: 'r', publish: () => {} };
  const tell = createLocalActions(ANSWERING, actionOfIntent, { run }, deps);
  const later = (ms: number): void => {
    nowMs += ms;
  };
  return { asked, tell, later };
}

const judged = {
  kind: 'accept',
  stage: 'heavy',
  label: 'anomaly',
  score: 9,
  confidence: 0.987,
  sample: 1,
  measured: null,
  contributions: [
    { channel: 'pressure', share: 0.2 },
    { channel: 'flow', share: 0.75 },
    { channel: 'noise', share: 0.05 },
  ],
} as const;

const base = (source: string, label: string) =>
  ({
    v: 1,
    id: `${source}/1`,
    measured: { wallTime: '2026-01-01T10:00:00.000Z', run: 'r', latencyMs: 1 },
    source,
    sample: 1,
    atMs: 1,
    detection: `${source}/d1`,
    label,
  }) as const;
const verified = (source: string, label: string, more: object = {}): CascadeEvent =>
  ({
    type: 'verified',
    ...base(source, label),
    trail: [judged],
    degraded: false,
    startSample: 0,
    ...more,
  }) as EventOf<'verified'>;
const ended = (more: object = {}): CascadeEvent =>
  ({ type: 'ended', ...base('pump', 'anomaly'), startSample: 0, endSample: 1, ...more }) as EventOf<'ended'>;
const settled = (source: string, label: string, intent: string): CascadeEvent =>
  ({
    type: 'settled',
    ...base(source, label),
    trail: [judged],
    reasons: [],
    degraded: false,
    transcript: source === 'kitchen' ? 'lamp on' : null,
    intent,
    slots: { value: label },
    features: {},
  }) as EventOf<'settled'>;

describe('what the device does by itself', () => {
  it('knows of a fault what it is, where, since when and how sure', () => {
    const { asked, tell } = listening();
    tell(settled('pump', 'anomaly', 'anomaly'));
    expect(asked).toEqual([
      {
        detection: 'pump/d1',
        name: 'anomaly',
        action: ALARM,
        slots: { value: 'anomaly' },
        fields: {
          intent: 'anomaly',
          transcript: '',
          source: 'pump',
          label: 'anomaly',
          channels: 'flow, pressure',
          at: '2026-01-01T10:00:00.000Z',
          confidence: '0.99',
        },
      },
    ]);
  });

  it('takes the action of an intent for a sentence, and for a fault that names it', () => {
    const { asked, tell } = listening();
    tell(settled('kitchen', 'computer', 'lamp'));
    tell(settled('pump', 'valve', 'lamp'));
    tell(settled('kitchen', 'computer', 'unknown'));
    expect(asked.map(({ action, fields }) => [action, fields.transcript])).toEqual([
      [LAMP, 'lamp on'],
      [LAMP, ''],
    ]);
  });

  it('gives the all-clear when a fault is seen to end, once, and never when it was cut off', () => {
    const { asked, tell } = listening();
    tell(ended());
    tell(verified('pump', 'anomaly'));
    tell(ended({ interrupted: true }));
    expect(asked).toEqual([]);
    tell(verified('pump', 'anomaly', { resumed: true }));
    tell(ended());
    tell(ended());
    expect(asked).toMatchObject([
      {
        name: 'all-clear',
        action: CLEAR,
        fields: { source: 'pump', label: 'anomaly', channels: 'flow, pressure' },
      },
    ]);
  });

  it('does what a wake word asks for once, however many sources hear it, and again when it is said again', () => {
    const { asked, tell, later } = listening();
    tell(verified('kitchen', 'computer'));
    later(300);
    tell(verified('hall', 'computer'));
    tell(verified('hall', 'alexa'));
    expect(asked).toMatchObject([{ name: 'computer', action: WAKE, fields: { source: 'kitchen' } }]);
    later(5000);
    tell(verified('hall', 'computer'));
    expect(asked).toHaveLength(2);
  });
});
