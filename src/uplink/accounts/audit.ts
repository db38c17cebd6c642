import type { SpeechStart } from '../../core/cascade/escalation.js';
import { sourceOf } from '../../core/events/events.js';
import { parseJson } from '../../core/json.js';
import * as z from '../../core/zod.js';
import type { Passed } from '../../egress/way-out.js';
import { endOf, type Op, type Store } from '../queue/store.js';
import type { Asks, Upload } from '../queue/upload.js';
import { partsOf } from '../queue/upload.js';

/** One attempt to have something leave the device, whether it came to that or not. */
const auditRowSchema = z.strictObject({
  /** ISO 8601 wall time. */
  wallTime: z.string(),
  key: z.string(),
  detection: z.string(),
  source: z.string(),
  label: z.string().nullable(),
  /** Where it went, `-` where it did not. */
  provider: z.string(),
  /** Egress rule that let it out, or why none did. */
  rule: z.string(),
  reasons: z.string(),
  /** `stage:kind:confidence` of each step, in order. */
  trail: z.string(),
  /** `now`, `later` or `settle`, and the features that was decided on, as JSON. */
  route: z.string(),
  features: z.string(),
  /** What left: label, features, transcript, summary, audio. */
  parts: z.string(),
  redactions: z.int(),
  bytesUp: z.int(),
  bytesDown: z.int(),
  tokens: z.int(),
  money: z.number(),
  latencyMs: z.number(),
  /**
   * `blocked`: a guardrail refused the answer. `passed-on`: a judge found it wanting, and a dearer provider was asked.
   * `compared`: asked for only to be held beside another. `sent`: a message of an action or a guardrail, or to the
   * edge. `streamed`: speech that left while it was being said. `abandoned`: that, or a question, that nobody wanted an
   * answer to in the end. Else an upload's.
   */
  outcome: z.enum([
    'answered',
    'passed-on',
    'compared',
    'failed',
    'blocked',
    'rejected',
    'denied',
    'over-budget',
    'settled',
    'sent',
    'streamed',
    'abandoned',
  ]),
  /** Label of the verdict, or the code of the failure. */
  verdict: z.string(),
  /** `name:outcome` of each guardrail that judged the answer. */
  guardrails: z.string().default(''),
  /** `kind:confidence` of each judge that looked at the answer. */
  judges: z.string().default(''),
  /** Where among providers it began and why, where somebody decided that. */
  asks: z.string().default(''),
});

export type AuditRow = z.infer<typeof auditRowSchema>;

/** Whether something of a detection left for a provider: no greeting, no message of an action or a guardrail. */
export function isSent({ bytesUp, parts }: AuditRow): boolean {
  return bytesUp > 0 && !['', 'guardrail', 'webhook', 'mqtt', 'edge'].includes(parts);
}

const PREFIX = 'a!';

/** Writes audit rows: as a change, so that a row is kept together with what it is about. */
export class Audit {
  #count = 0;

  constructor(private readonly maxRows: number) {}

  /** The change that keeps a row. */
  row(row: AuditRow): Op {
    this.#count++;
    const rounded = { ...row, latencyMs: Math.round(row.latencyMs * 10) / 10 };
    const value = Buffer.from(JSON.stringify(rounded));
    return { type: 'put', key: keyOf(row.wallTime, this.#count), value };
  }

  /** Forgets the oldest rows beyond the bound. */
  async bound(store: Store): Promise<void> {
    const keys: string[] = [];
    for await (const [key] of store.range(PREFIX, endOf(PREFIX))) keys.push(key);
    const surplus = keys.slice(0, Math.max(0, keys.length - this.maxRows));
    if (surplus.length > 0)
      await store.write(
        surplus.map((key) => ({ type: 'del', key })),
        false,
      );
  }
}

/** Audit rows of `[from, to)` (ISO 8601 times; null is open), oldest first. */
export async function* auditRows(
  store: Store,
  from: string | null,
  to: string | null,
): AsyncIterable<AuditRow> {
  const start = from === null ? PREFIX : `${PREFIX}${from}`;
  const end = to === null ? endOf(PREFIX) : `${PREFIX}${to}`;
  for await (const [, value] of store.range(start, end)) {
    const row = auditRowSchema.safeParse(parseJson(value.toString('utf8')));
    if (row.success) yield row.data;
  }
}

/** What an audit row says of an upload itself. */
export function describeUpload(
  upload: Upload,
): Pick<
  AuditRow,
  | 'key'
  | 'detection'
  | 'source'
  | 'label'
  | 'rule'
  | 'reasons'
  | 'trail'
  | 'parts'
  | 'redactions'
  | 'route'
  | 'features'
  | 'asks'
> {
  const { key, detection, source, label, rule, reasons, trail, redactions } = upload;
  return {
    key,
    detection,
    source,
    label,
    rule,
    redactions,
    route: upload.routing.route,
    features: JSON.stringify(upload.routing.features),
    asks: describeAsks(upload.routing.asks),
    reasons: (reasons ?? []).join(' '),
    trail: (trail ?? []).map(describeEntry).join(' '),
    parts: partsOf(upload).join(' '),
  };
}

/** What is the same of all that is no upload. */
const NO_UPLOAD = {
  label: null,
  reasons: '',
  trail: '',
  route: 'now',
  features: '{}',
  redactions: 0,
  bytesDown: 0,
  tokens: 0,
  money: 0,
  guardrails: '',
  judges: '',
  asks: '',
} as const;

/** The audit row of what an action or a guardrail sent; the configuration that names it is the rule it leaves by. */
export function describePassed(passed: Passed): AuditRow {
  const { detection, rule, passage, wallMs, latencyMs, outcome, verdict } = passed;
  return {
    ...NO_UPLOAD,
    wallTime: new Date(wallMs).toISOString(),
    key: detection,
    detection,
    source: sourceOf(detection),
    provider: passage.to,
    rule,
    parts: passage.what,
    bytesUp: outcome === 'denied' ? 0 : passage.bytes,
    latencyMs,
    outcome,
    verdict,
  };
}

/** The audit row of speech that left while it was being said, or was kept from leaving. */
export function describeSpeech(
  { key, detection, source, label }: SpeechStart,
  rest: Pick<
    AuditRow,
    'provider' | 'rule' | 'bytesUp' | 'tokens' | 'money' | 'latencyMs' | 'outcome' | 'verdict'
  >,
  wallMs: number,
): AuditRow {
  const wallTime = new Date(wallMs).toISOString();
  return { ...NO_UPLOAD, wallTime, key, detection, source, parts: 'audio', ...rest, label };
}

/** The audit row of a connection that was opened ahead and that nothing was then said on: its greeting left. */
export function describeSpeculation(provider: string, bytesUp: number, wallMs: number): AuditRow {
  return {
    ...NO_UPLOAD,
    wallTime: new Date(wallMs).toISOString(),
    key: '-',
    detection: '-',
    source: '-',
    provider,
    rule: 'opened ahead',
    parts: '',
    bytesUp,
    latencyMs: 0,
    outcome: 'abandoned',
    verdict: 'nothing asked',
  };
}

function describeAsks({ specialists, begin, because, beside }: Asks): string {
  const whom = specialists.length === 0 ? [] : [`specialists: ${specialists.join(' ')}`];
  const would = beside === undefined ? [] : [`${beside.candidate} would ${beside.begin}: ${beside.because}`];
  return [...whom, ...(because === '' ? [] : [`${begin}: ${because}`]), ...would].join('; ');
}

function describeEntry(entry: NonNullable<Upload['trail']>[number]): string {
  return entry.kind === 'abstain'
    ? `${entry.stage}:abstain:${entry.code}`
    : `${entry.stage}:${entry.kind}:${entry.confidence.toFixed(2)}`;
}

/** ISO times sort as text; the counter keeps rows of one millisecond apart and in order. */
function keyOf(wallTime: string, count: number): string {
  return `${PREFIX}${wallTime}!${String(count % 1_000_000).padStart(6, '0')}`;
}
