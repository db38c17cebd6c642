import { valueAt } from '../core/json.js';
import type { FleetDevice } from '../edge/fleet/overseer.js';

const COLUMNS = [
  'device',
  'there',
  'version',
  'health',
  'config',
  'believed',
  'refused',
  'drift',
  'cost today',
];

/** Devices as a table. */
export function asTable(devices: readonly FleetDevice[]): string {
  if (devices.length === 0) return '';
  const rows = [COLUMNS, ...devices.map(rowOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** Devices as a page of its own. */
export function asPage(devices: readonly FleetDevice[]): string {
  const cells = (row: readonly string[], tag: 'td' | 'th') =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  const style =
    'body{font:16px system-ui;margin:1rem}table{border-collapse:collapse;display:block;overflow-x:auto}' +
    'td,th{text-align:left;padding:.3rem .8rem;border-bottom:1px solid #8884}:root{color-scheme:light dark}';
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>Catnap fleet</title><style>${style}</style><h1>Catnap fleet</h1><table>`,
    cells(COLUMNS, 'th'),
    ...devices.map((device) => cells(rowOf(device), 'td')),
    '</table></html>\n',
  ].join('\n');
}

/** One thing in which devices differ, and what it is at each. */
export interface FleetDifference {
  readonly what: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** In what devices differ that should be alike, and the figures of all. */
export function compared(devices: readonly FleetDevice[]): readonly FleetDifference[] {
  const known = devices.flatMap(({ device, about, state }) =>
    about === null ? [] : [{ device, parts: partsOf(about), state }],
  );
  const of = (what: string, pick: (device: (typeof known)[number]) => unknown): FleetDifference => ({
    what,
    values: Object.fromEntries(known.map((each) => [each.device, pick(each) ?? null])),
  });
  const names = new Set(known.flatMap(({ parts }) => [...parts.keys()]));
  const alike = [...names].map((what) => of(what, ({ parts }) => parts.get(what)));
  const figures = ['believed', 'refused', 'escalated', 'calledWrong', 'latencyMs', 'energyJ', 'costToday'];
  const differing = alike.filter(
    ({ values }) => new Set(Object.values(values).map((v) => JSON.stringify(v))).size > 1,
  );
  return [...differing, ...figures.map((what) => of(what, ({ state }) => state?.[what]))];
}

/** What should be alike, each model and the thresholds of each source by itself. */
function partsOf(about: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  const { version, config, models, thresholds } = about;
  const eachModel = (Array.isArray(models) ? models : []).map((model: unknown): [string, unknown] => [
    `model ${String(valueAt(model, ['source']))} ${String(valueAt(model, ['name']))}`,
    { version: valueAt(model, ['version']), sha256: valueAt(model, ['sha256']) },
  ]);
  const eachSource = Object.entries(thresholds ?? {}).map(([source, its]): [string, unknown] => [
    `thresholds ${source}`,
    its,
  ]);
  return new Map([['version', version], ['config', config], ...eachModel, ...eachSource]);
}

function rowOf({ device, isThere, about, state }: FleetDevice): string[] {
  const text = (value: unknown): string => (value === undefined || value === null ? '-' : String(value));
  const drift = Array.isArray(state?.drift) ? state.drift : [];
  return [
    device,
    isThere ? 'yes' : 'no',
    text(about?.version),
    isThere ? text(state?.health) : '-',
    text(about?.config).slice(0, 8) + (about?.pending === true ? ' (not confirmed)' : ''),
    text(state?.believed),
    text(state?.refused),
    drift.length === 0 ? '-' : drift.join(' '),
    text(state?.costToday),
  ];
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
