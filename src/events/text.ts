import type { Writable } from 'node:stream';
import type { CascadeEvent, EventOf, Sink, TrailEntry } from '../core/events/events.js';
import { describeAsks, describeJudge, describeStep, explanationOf } from '../core/events/steps.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { intoFile } from './file-kind.js';
import type { SinkKind } from './sink-kind.js';

/** A sink that writes one line a person can read for each event; a reader that falls behind loses lines. */
export function createTextSink(stream: Writable): Sink {
  let broken = false;
  stream.on('error', () => {
    broken = true;
  });
  return {
    publish(event) {
      // The verdict holds the whole answer.
      if (event.type === 'answer-part') return;
      if (!broken && !stream.writableNeedDrain) stream.write(`${lineOf(event)}\n`);
    },
    close: async () => {},
  };
}

function lineOf(event: CascadeEvent): string {
  const time = (event.measured?.wallTime ?? '').slice(11, 23);
  return [time, event.type.padEnd(11), ...detailsOf(event)].filter((part) => part !== '').join('  ');
}

function detailsOf(event: CascadeEvent): readonly string[] {
  switch (event.type) {
    case 'noticed':
    case 'verified':
    case 'updated':
    case 'ended':
      return [event.detection, event.label, trailOf(event.trail), channelsOf(event.trail)];
    case 'refused':
      return [event.detection, event.label, trailOf(event.trail), event.reasons.join(', ')];
    case 'near-miss':
      return [event.source, event.label, trailOf(event.trail)];
    case 'shadow': {
      const would = event.believed ? 'would believe it' : 'would refuse it';
      if (event.endSample !== undefined) return [event.detection, event.label, `over for ${event.candidate}`];
      return [event.detection, event.label, trailOf(event.trail), `${event.candidate} ${would}`];
    }
    case 'utterance':
      return [event.detection, event.outcome];
    case 'settled':
      return [event.detection, event.intent, event.transcript ?? '', slotsOf(event.slots), degradedOf(event)];
    case 'escalated':
      return [
        event.detection,
        event.label,
        event.reasons.join(', '),
        event.transcript ?? '',
        degradedOf(event),
      ];
    case 'action':
      return [event.detection, event.action, event.outcome, event.detail];
    case 'sent':
      return [event.detection, event.provider, event.parts.join(', '), `${event.bytesUp} bytes`];
    case 'clip':
      return [event.detection, event.file, `${event.bytes} bytes`];
    case 'answer-part':
      return [event.detection, event.text];
    case 'verdict':
      return [
        event.detection,
        event.provider,
        event.label,
        event.text,
        guardrailsOf(event.guardrails),
        stepsOf(event.steps),
        event.asks === undefined ? '' : `(${describeAsks(event.asks)})`,
      ];
    case 'undelivered':
      return [event.detection, event.outcome, event.code, event.detail];
    case 'gap':
      return [event.source, event.reason, `${event.lostSamples} samples at ${event.sample}`];
    case 'health':
      return [event.component, event.state, event.code, event.detail];
    case 'label':
      return [event.detection, event.label, event.verdict, event.was ?? '', `by ${event.by}`];
    case 'command':
      return [event.command, event.source, event.outcome, event.detail, `by ${event.by}`];
    default:
      return event satisfies never;
  }
}

/** What guardrails did; that they let it pass is no news. */
function guardrailsOf(marks: EventOf<'verdict'>['guardrails'] = []): string {
  const done = marks.filter(({ outcome }) => outcome !== 'passed');
  return done.length === 0 ? '' : `(${done.map(({ name, outcome }) => `${name}: ${outcome}`).join(', ')})`;
}

/** Whom it took beside who answered, and why. */
function stepsOf(steps: EventOf<'verdict'>['steps'] = []): string {
  const others = steps.filter(({ outcome }) => outcome !== 'answered');
  return others.length === 0 ? '' : `(${others.map(describeStep).join(', ')})`;
}

function degradedOf({ degraded }: { readonly degraded: boolean }): string {
  return degraded ? '(degraded)' : '';
}

function trailOf(trail: readonly TrailEntry[]): string {
  return trail
    .map((step) => {
      if (step.kind === 'abstain') return `${step.stage} abstains ${step.code}`;
      const judged = describeJudge(step);
      return `${step.stage} ${step.kind} ${step.confidence.toFixed(2)}${judged === '' ? '' : ` (${judged})`}`;
    })
    .join(' > ');
}

/** What explains it now, as `flow, inlet (stuck)`. */
function channelsOf(trail: readonly TrailEntry[]): string {
  return explanationOf(trail)
    .map(({ channel, feature }) => (feature === undefined ? channel : `${channel} (${feature})`))
    .join(', ');
}

function slotsOf(slots: Readonly<Record<string, string>>): string {
  return Object.entries(slots)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

const schema = (z: Zod) =>
  z.strictObject({
    kind: z
      .literal('text')
      .describe('A line that a person can read for each event, written on to the end of a file.'),
    path: z.string().min(1).describe('File, relative to this file. It grows until somebody cuts it.'),
  });

/** Events as a person reads them. */
export const text = {
  kind: 'text',
  schema,
  ...intoFile(createTextSink),
} as const satisfies SinkKind<z.infer<ReturnType<typeof schema>>>;
