import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CascadeEvent, EventOf, TrailEntry } from '../../src/core/events/events.js';
import type { Stamped } from '../../src/core/events/stamp.js';
import { EVENT_VERSION } from '../../src/core/events/version.js';
import { temporaryFolder } from './temporary-folder.js';

type Judged = Exclude<TrailEntry, { readonly kind: 'abstain' }>;

const entry = (stage: string, confidence: number): Judged => ({
  kind: 'accept',
  stage,
  label: 'alexa',
  score: confidence,
  confidence,
  contributions: [],
  sample: 1,
  measured: null,
});

const stamped = (id: string, minute: number): Stamped => ({
  v: EVENT_VERSION,
  id,
  measured: {
    wallTime: `2026-01-31T08:${String(minute).padStart(2, '0')}:00.000Z`,
    run: 'r',
    latencyMs: null,
  },
});

/** That a wake word was believed, or refused, in the n-th minute of a run `r`, and how sure tiny and heavy were. */
export function wake(n: number, tiny: number, heavy: number, believed: boolean) {
  const of = {
    ...stamped(`kitchen/${n}`, n),
    source: 'kitchen',
    sample: n,
    atMs: n * 60_000,
    detection: `kitchen/${n}`,
    label: 'alexa',
    trail: [entry('wake-tiny', tiny), entry('wake-heavy', heavy)],
  };
  return believed
    ? ({ ...of, type: 'verified', degraded: false, startSample: 0 } satisfies EventOf<'verified'>)
    : ({ ...of, type: 'refused', reasons: ['refused'] } satisfies EventOf<'refused'>);
}

/** That a candidate beside would have believed the n-th, or refused it, so much later on the sample clock. */
export function beside(n: number, believed: boolean, laterMs = 0, candidate = 'strict@1'): EventOf<'shadow'> {
  return {
    ...stamped(`kitchen~shadow/${n}`, n),
    type: 'shadow',
    source: 'kitchen',
    sample: n,
    atMs: n * 60_000 + laterMs,
    detection: `kitchen~shadow/${n}`,
    label: 'alexa',
    trail: [entry('wake-tiny', 0.9), entry('wake-heavy', 0.9)],
    candidate,
    believed,
  };
}

/** That the n-th detection was sent, and what was answered, at a price. */
export function asked(n: number, money: number): readonly [EventOf<'sent'>, EventOf<'verdict'>] {
  const of = { ...stamped(`uplink/${n}`, n), detection: `kitchen/${n}`, provider: 'cloud' };
  const cost = { bytesUp: 1, bytesDown: 1, tokens: 1, money, latencyMs: 1 };
  return [
    { ...of, type: 'sent', parts: ['label'], bytesUp: 1 },
    { ...of, type: 'verdict', label: 'x', text: 'x', cost },
  ];
}

/** What somebody said of the n-th detection in another minute. */
export function said(n: number, verdict: 'right' | 'wrong', minute: number): EventOf<'label'> {
  return {
    ...stamped(`page/${minute}`, minute),
    type: 'label',
    detection: `r/kitchen/${n}`,
    source: 'kitchen',
    label: 'alexa',
    at: '',
    verdict,
    was: null,
    by: 'ann',
  };
}

/** That what was said after the n-th was settled on the device, on so sure a transcript. */
export function settled(n: number, recognition: number): EventOf<'settled'> {
  const { v, id, measured, source, sample, atMs, detection, label, trail } = wake(n, 0.9, 0.9, true);
  const of = { v, id, measured, source, sample, atMs, detection, label, trail };
  const order = { transcript: 'lights on', intent: 'light.on', slots: {}, features: { recognition } };
  return { ...of, type: 'settled', reasons: [], degraded: false, ...order };
}

/** A house with that journal, whose configuration has comments that must survive. */
export function journalled(events: readonly CascadeEvent[], cascades: string): string {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'catnap-state', 'journal'), { recursive: true });
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  writeFileSync(join(cwd, 'catnap-state', 'journal', '000000000000.jsonl'), lines.join(''));
  writeFileSync(join(cwd, 'catnap.yaml'), `# the kitchen\n${cascades}`);
  return cwd;
}

/** That tiny almost noticed something in the n-th minute, as sure as that where it takes .2. */
export function nearMiss(n: number, confidence: number): EventOf<'near-miss'> {
  const { v, id, measured, source, sample, atMs, label } = wake(n, 0.9, 0.9, true);
  const thresholds = { accept: 0.9, reject: 0.2 };
  const tiny: Judged = { ...entry('wake-tiny', confidence), kind: 'reject', thresholds };
  return { v, id, measured, source, sample, atMs, label, type: 'near-miss', trail: [tiny], skipped: 0 };
}
