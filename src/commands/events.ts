import { Option } from 'commander';
import { type CascadeEvent, sourceOf } from '../core/events/events.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { journalEvents } from '../events/journal-reading.js';
import { keptLabels } from '../events/labels-file.js';
import { type AuditRow, auditRows } from '../uplink/accounts/audit.js';
import { openStoreCopy } from '../uplink/queue/store-copy.js';
import { UPLINK_STORE } from '../uplink/uplink.js';
import type { RegisterCommand } from './command.js';
import { registerLabel } from './events-label.js';
import { keptIn, stateDirOf } from './state-dir.js';
import { timeOf } from './time-of.js';
import { wholeNumber } from './whole-number.js';

interface Flags {
  readonly config?: string;
  readonly state?: string;
  readonly from?: string;
  readonly to?: string;
  readonly source?: string;
  readonly label?: string;
  readonly outcome?: string;
  readonly audit: boolean;
  readonly limit?: number;
  readonly format?: 'text' | 'json' | 'csv';
  readonly json: boolean;
}

type Row = Readonly<Record<string, unknown>>;

/** `catnap events`: questions to the journal, and to the audit of what left the device. */
export const registerEvents: RegisterCommand = (program) => {
  const events = program
    .command('events')
    .description('query the journal, or with --audit what left the device')
    .option('--config <file>', 'configuration that names the state folder')
    .option('--state <folder>', 'state folder')
    .option('--from <time>', 'from this time on, ISO 8601 or like 15m, 24h, 7d ago', timeOf)
    .option('--to <time>', 'before this time', timeOf)
    .option('--source <id>', 'of this source')
    .option('--label <label>', 'with this label')
    .option(
      '--outcome <outcome>',
      'an event type (settled, label, ...) or an outcome (answered, denied, degraded, right, wrong, ...)',
    )
    .option('--audit', 'audit rows instead of events', false)
    .option('--limit <number>', 'only the newest so many', wholeNumber(1))
    .addOption(new Option('--format <format>', 'how to print them').choices(['text', 'json', 'csv']))
    .option('--json', 'the same as --format json', false)
    .action(run);
  registerLabel(events);
};

async function run(flags: Flags): Promise<void> {
  const rows = flags.audit ? await auditOf(flags) : await journalOf(flags);
  const kept = flags.limit === undefined ? rows : rows.slice(-flags.limit);
  switch (flags.format ?? (flags.json ? 'json' : 'text')) {
    case 'json':
      for (const row of kept) process.stdout.write(`${JSON.stringify(row)}\n`);
      return;
    case 'csv':
      process.stdout.write(csvOf(kept.map(flags.audit ? (row) => row : flat)));
      return;
    case 'text':
      for (const row of kept.map(flags.audit ? readable : flat)) process.stdout.write(`${lineOf(row)}\n`);
  }
}

async function journalOf(flags: Flags): Promise<Row[]> {
  const rows: CascadeEvent[] = [];
  const folder = keptIn(flags, JOURNAL_FOLDER);
  for await (const event of journalEvents(folder, flags.from ?? null, flags.to ?? null)) {
    if (isWanted(event, flags)) rows.push(event);
  }
  const { from = '', to = '~' } = flags;
  const said = keptLabels(stateDirOf(flags)).filter(({ measured }) => {
    const wallTime = measured?.wallTime ?? '';
    return wallTime >= from && wallTime < to;
  });
  rows.push(...said.filter((event) => isWanted(event, flags)));
  return rows;
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

function isWanted(event: CascadeEvent, flags: Flags): boolean {
  const row = flat(event);
  const isOutcome = isIn(flags.outcome, event.type) || isIn(flags.outcome, row.outcome);
  return isIn(flags.source, row.source) && isIn(flags.label, row.label) && isOutcome;
}

function isIn(wanted: string | undefined, found: unknown): boolean {
  return wanted === undefined || wanted === found;
}

/** The columns every event can be put in. */
function flat(event: Row): Row {
  const measured = event.measured as CascadeEvent['measured'];
  const detection = typeof event.detection === 'string' ? event.detection : '';
  return {
    wallTime: measured?.wallTime ?? '',
    type: event.type,
    // Events of the uplink name no source; their detection begins with it.
    source: event.source ?? sourceOf(detection),
    detection,
    label: event.label ?? event.intent ?? '',
    outcome: event.outcome ?? event.state ?? labelled(event) ?? (event.degraded === true ? 'degraded' : ''),
    detail: event.detail ?? event.text ?? event.transcript ?? event.was ?? '',
    by: event.by ?? '',
    latencyMs: measured?.latencyMs == null ? '' : Math.round(measured.latencyMs * 10) / 10,
    id: event.id,
  };
}

/** What somebody said of it. */
function labelled({ verdict }: Row): unknown {
  return typeof verdict === 'string' ? verdict : undefined;
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
    reasons: row.reasons === '' ? '' : `(${row.reasons})`,
  };
}

function lineOf(row: Row): string {
  return Object.values(row)
    .filter((value) => value !== '' && value !== null)
    .join('  ');
}

/** RFC 4180; a value that a spreadsheet would take for a formula is quoted with an apostrophe. */
function csvOf(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => columns.map((column) => cellOf(row[column])).join(','));
  return [columns.join(','), ...lines, ''].join('\r\n');
}

function cellOf(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) && text.length > 1 ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
