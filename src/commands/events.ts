import { InvalidArgumentError, Option } from 'commander';
import { CatnapError } from '../core/errors.js';
import type { CascadeEvent } from '../core/events/events.js';
import { type Facets, hasFacets, labelOfEvent, outcomeOfEvent, sourceOfEvent } from '../events/facets.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { journalEvents, newestEvents } from '../events/journal-reading.js';
import { keptLabels } from '../events/labels-file.js';
import { type Condition, conditionOf, meets, rowOf } from '../learning/past/row.js';
import { type AuditRow, auditRows } from '../uplink/accounts/audit.js';
import { openStoreCopy } from '../uplink/queue/store-copy.js';
import { UPLINK_STORE } from '../uplink/uplink.js';
import type { RegisterCommand } from './command.js';
import { csvOf } from './csv.js';
import { registerDisagreements } from './events-disagreements.js';
import { registerExport } from './events-export.js';
import { registerLabel } from './events-label.js';
import { registerReliability } from './events-reliability.js';
import { pastOf } from './past.js';
import { keptIn, stateDirOf } from './state-dir.js';
import { timeOf } from './time-of.js';
import { wholeNumber } from './whole-number.js';

interface Flags {
  readonly config?: string;
  readonly state?: string;
  readonly from?: string;
  readonly to?: string;
  readonly type?: string;
  readonly source?: string;
  readonly label?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly stage?: string;
  readonly detection?: string;
  readonly detections: boolean;
  readonly where: readonly Condition[];
  readonly audit: boolean;
  readonly limit?: number;
  readonly format?: 'text' | 'json' | 'csv';
  readonly json: boolean;
}

type Row = Readonly<Record<string, unknown>>;

const COMMON: readonly string[] = ['wallTime', 'source', 'detection', 'label', 'outcome'];

/** `catnap events`: questions to the journal, and to the audit of what left the device. */
export const registerEvents: RegisterCommand = (program) => {
  const events = program
    .command('events')
    // Its commands take its options.
    .configureHelp({ showGlobalOptions: true })
    .description('query the journal, or with --audit what left the device')
    .option('--config <file>', 'configuration that names the state folder')
    .option('--state <folder>', 'state folder')
    .option('--from <time>', 'from this time on, ISO 8601 or like 15m, 24h, 7d ago', timeOf)
    .option('--to <time>', 'before this time', timeOf)
    .option('--type <type>', 'of this type: verified, refused, verdict, ...')
    .option('--source <id>', 'of this source')
    .option('--label <label>', 'with this label')
    .option(
      '--outcome <outcome>',
      'an event type (settled, label, ...) or an outcome (answered, denied, degraded, right, wrong, ...)',
    )
    .option('--reason <reason>', 'decided for this reason: uncertain, no-match, ...')
    .option('--stage <name>', 'that this stage judged')
    .option('--detection <id>', 'of this detection, <run>/ before it or not')
    .option('--detections', 'a row for each detection, with all that was said, done and paid for it', false)
    .option(
      '--where <condition>',
      'of detections, like heavy.confidence<0.5, money>0.01 or said=wrong; may be given again',
      conditionsOf,
      [],
    )
    .option('--audit', 'audit rows instead of events', false)
    .option('--limit <number>', 'only the newest so many', wholeNumber(1))
    .addOption(new Option('--format <format>', 'how to print them').choices(['text', 'json', 'csv']))
    .option('--json', 'the same as --format json', false)
    .action(run);
  registerLabel(events);
  registerDisagreements(events);
  registerReliability(events);
  registerExport(events);
};

function conditionsOf(text: string, before: readonly Condition[]): readonly Condition[] {
  const condition = conditionOf(text);
  if (condition !== null) return [...before, condition];
  throw new InvalidArgumentError('expected a field, one of < <= = != >= >, and a value');
}

async function run(flags: Flags): Promise<void> {
  const isByDetection = flags.detections || flags.where.length > 0;
  const kind = flags.audit ? 'audit' : isByDetection ? 'detections' : 'events';
  switch (kind) {
    case 'audit':
      print(await auditOf(flags), flags, (row) => row, readable);
      return;
    case 'detections':
      print(await detectionsOf(flags), flags, (row) => row, named);
      return;
    case 'events':
      print(await journalOf(flags), flags, flat, flat);
  }
}

function print(
  rows: readonly Row[],
  flags: Flags,
  columns: (row: Row) => Row,
  told: (row: Row) => Row,
): void {
  const kept = flags.limit === undefined ? rows : rows.slice(-flags.limit);
  switch (flags.format ?? (flags.json ? 'json' : 'text')) {
    case 'json':
      for (const row of kept) process.stdout.write(`${JSON.stringify(row)}\n`);
      return;
    case 'csv':
      process.stdout.write(csvOf(kept.map(columns)));
      return;
    case 'text':
      for (const row of kept.map(told)) process.stdout.write(`${lineOf(row)}\n`);
  }
}

async function journalOf(flags: Flags): Promise<Row[]> {
  const folder = keptIn(flags, JOURNAL_FOLDER);
  const facets = facetsOf(flags);
  const question = { from: flags.from ?? null, to: flags.to ?? null, facets };
  const rows: CascadeEvent[] =
    flags.limit === undefined ? [] : [...(await newestEvents(folder, flags.limit, question))];
  if (flags.limit === undefined) for await (const event of journalEvents(folder, question)) rows.push(event);
  const { from = '', to = '~' } = flags;
  const said = keptLabels(stateDirOf(flags)).filter((event) => {
    const wallTime = event.measured?.wallTime ?? '';
    return wallTime >= from && wallTime < to && hasFacets(event, facets);
  });
  return [...rows, ...said];
}

/** What is asked of single events. */
function facetsOf({ type, source, label, outcome, reason, stage, detection }: Flags): Facets {
  const asked = { type, source, label, outcome, reason, stage, detection };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}

/** Detections with all that belongs to them; the options of single events hold of one of its rows' fields each. */
async function detectionsOf(flags: Flags): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const past of pastOf(flags)) {
    const row = rowOf(past);
    if (rows.length === 0) requireFields(flags.where, row);
    if (!flags.where.every((condition) => meets(row, condition))) continue;
    const { label, outcome, reason, stage, detection } = flags;
    const isWanted =
      isIn(label, past.label) &&
      [past.outcome, past.said?.verdict, past.filed?.verdict].some((found) => isIn(outcome, found)) &&
      (reason === undefined || past.reasons.includes(reason)) &&
      (stage === undefined || past.trail.some((entry) => entry.stage === stage)) &&
      (isIn(detection, past.detection) || past.detection.endsWith(`/${detection}`));
    if (isWanted) rows.push(row);
  }
  return rows;
}

/** A condition on what no detection has would hold of none, without a word. */
function requireFields(conditions: readonly Condition[], row: Row): void {
  const unknown = conditions.find(({ field }) => !Object.hasOwn(row, field));
  if (unknown === undefined) return;
  const known = Object.keys(row).join(', ');
  throw new CatnapError('USAGE', `--where: expected one of ${known}, found "${unknown.field}"`);
}

async function auditOf(flags: Flags): Promise<Row[]> {
  const store = await openStoreCopy(keptIn(flags, UPLINK_STORE));
  try {
    const rows: AuditRow[] = [];
    for await (const row of auditRows(store, flags.from ?? null, flags.to ?? null)) {
      if (
        isIn(flags.source, row.source) &&
        isIn(flags.label, row.label) &&
        isIn(flags.outcome, row.outcome)
      ) {
        rows.push(row);
      }
    }
    return rows;
  } finally {
    await store.close();
  }
}

function isIn(wanted: string | undefined, found: unknown): boolean {
  return wanted === undefined || wanted === found;
}

/** The columns every event can be put in. */
function flat(row: Row): Row {
  const event = row as unknown as CascadeEvent;
  const { detail, text, transcript, was, by, detection = '' } = row;
  const { measured } = event;
  return {
    wallTime: measured?.wallTime ?? '',
    type: event.type,
    source: sourceOfEvent(event),
    detection,
    label: labelOfEvent(event),
    outcome: outcomeOfEvent(event),
    detail: detail ?? text ?? transcript ?? was ?? '',
    by: by ?? '',
    latencyMs: measured?.latencyMs == null ? '' : Math.round(measured.latencyMs * 10) / 10,
    id: event.id,
  };
}

/** An audit row for a person; all of it is in the other formats. */
function readable(row: Row): Row {
  return {
    wallTime: row.wallTime,
    source: row.source,
    label: row.label,
    provider: `to ${row.provider} by rule "${row.rule}"`,
    parts: row.parts === '' ? 'nothing' : row.parts,
    bytes: `${row.bytesUp} B up ${row.bytesDown} B down`,
    tokens: row.tokens === 0 ? '' : `${row.tokens} tokens`,
    money: row.money === 0 ? '' : `money ${(row.money as number).toFixed(4)}`,
    latencyMs: `${Math.round(row.latencyMs as number)} ms`,
    outcome: row.outcome,
    verdict: row.verdict,
    guardrails: row.guardrails,
    judges: row.judges,
    asks: row.asks,
    reasons: row.reasons === '' ? '' : `(${row.reasons})`,
  };
}

/** What every detection has stands by itself, anything else beside the name that `--where` knows it by. */
function named(row: Row): Row {
  const tell = (name: string, value: unknown): unknown => {
    if (value === '' || COMMON.includes(name)) return value;
    return `${name}=${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`;
  };
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, tell(name, value)]));
}

function lineOf(row: Row): string {
  return Object.values(row)
    .filter((value) => value !== '' && value !== null)
    .join('  ');
}
