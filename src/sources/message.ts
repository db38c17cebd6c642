import { parseJson } from '../core/json.js';
import { quantityIn } from './quantity.js';
import { numericTimeMs } from './times.js';

/** What one message or line says at one instant. */
export interface Message {
  /** A number or text, a list of values, or values by name, perhaps below other names. */
  readonly content: unknown;
  /** When, where the form of the message has a place for it; else NaN. */
  readonly timeMs: number;
}

/** Times in SenML before this are relative to when it arrives (RFC 8428, 4.5.3). */
const SENML_RELATIVE = 2 ** 28;
/** Parts of a line that are left, for messages to a person. */
const SHOWN = 8;
const pair = /([a-z_][\w./-]*)\s*[=:]\s*([+-]?(?:\d+(?:[.,]\d+)?|\.\d+)(?:e[+-]?\d+)?[^\s;,=:]*|[a-z]+)/gi;

/**
 * What a text says: JSON (with the `NaN` and `Infinity` of Python), SenML, `flow=12.3 temp=20.1` or `flow:12.3`,
 * values between commas, semicolons, tabs or blanks, or one value alone. Null where it says none of these.
 */
export function messagesOf(text: string): readonly Message[] | null {
  const bare = text.trim();
  if (bare === '') return null;
  const json = parseLooseJson(bare);
  if (json !== undefined)
    return isSenml(json) ? senmlMessages(json) : [{ content: json, timeMs: Number.NaN }];
  if (/^[[{"]/.test(bare)) return null;
  const content = quantityIn(bare) !== null ? bare : (pairsIn(bare) ?? listIn(bare));
  return content === null ? null : [{ content, timeMs: Number.NaN }];
}

/**
 * What stands at a place in a message: below a name or at a path as `a.b.0`; of a message without names at the place of
 * the channel itself. Undefined where nothing does.
 */
export function contentAt(content: unknown, path: string | null, name: string, place: Place): unknown {
  if (path === null) {
    if (Array.isArray(content)) return content.length === place.channels ? content[place.index] : undefined;
    if (content === null || typeof content !== 'object') return place.channels === 1 ? content : undefined;
  }
  const wanted = path ?? name;
  return owned(content, wanted) ?? wanted.split('.').reduce(owned, content);
}

/** Which of how many channels is looked for. */
export interface Place {
  readonly index: number;
  readonly channels: number;
}

/** Where values stand in a message, for a person who looks for theirs. */
export function placesIn(content: unknown): string {
  const places = leaves(content, '');
  if (places.length === 0) return 'nothing';
  const more = places.length > SHOWN ? ` and ${places.length - SHOWN} more` : '';
  return places.slice(0, SHOWN).join(', ') + more;
}

function leaves(content: unknown, above: string): readonly string[] {
  if (content === null || typeof content !== 'object') {
    return [above === '' ? JSON.stringify(content).slice(0, 40) : above];
  }
  return Object.entries(content)
    .slice(0, 4 * SHOWN)
    .flatMap(([key, value]) => leaves(value, above === '' ? key : `${above}.${key}`));
}

function owned(content: unknown, key: string): unknown {
  const isParent = content !== null && typeof content === 'object' && Object.hasOwn(content, key);
  return isParent ? (content as Record<string, unknown>)[key] : undefined;
}

/** JSON in which a number may be NaN or infinite, as Python and others write it: those are missing. */
function parseLooseJson(text: string): unknown {
  const strict = parseJson(text);
  if (strict !== undefined || !/^[[{]/.test(text)) return strict;
  return parseJson(
    text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|nan|Infinity|inf)\b/g, (part) =>
      part.startsWith('"') ? part : 'null',
    ),
  );
}

interface SenmlRecord {
  readonly [field: string]: unknown;
}

function isSenml(json: unknown): json is readonly SenmlRecord[] {
  if (!Array.isArray(json) || json.length === 0) return false;
  const isRecord = (each: unknown) =>
    each !== null &&
    typeof each === 'object' &&
    ['bn', 'n', 'bt', 'bv'].some((field) => Object.hasOwn(each, field));
  return json.every(isRecord);
}

/** The records of a SenML pack (RFC 8428), by their resolved times and names, each also without the base name. */
function senmlMessages(records: readonly SenmlRecord[]): readonly Message[] {
  const byTime = new Map<number, Record<string, unknown>>();
  const base = { n: '', t: 0, v: 0 };
  for (const record of records) {
    if (typeof record.bn === 'string') base.n = record.bn;
    if (typeof record.bt === 'number') base.t = record.bt;
    if (typeof record.bv === 'number') base.v = record.bv;
    const value = record.v;
    const said = typeof value === 'number' ? base.v + value : (record.vb ?? record.vs);
    if (said === undefined) continue;
    const time = base.t + (typeof record.t === 'number' ? record.t : 0);
    const values = byTime.get(time) ?? {};
    const own = typeof record.n === 'string' ? record.n : '';
    values[base.n + own] = said;
    if (own !== '') values[own] = said;
    byTime.set(time, values);
  }
  return [...byTime]
    .sort(([a], [b]) => a - b)
    .map(([time, content]) => ({
      content,
      timeMs: time < SENML_RELATIVE ? Number.NaN : numericTimeMs(time, 1),
    }));
}

function pairsIn(text: string): Readonly<Record<string, string>> | null {
  const pairs = [...text.matchAll(pair)].map(([, name, value]) => [name, value] as const);
  return pairs.length === 0 ? null : Object.fromEntries(pairs);
}

/** Values one behind the other; null where one of them is none. */
function listIn(text: string): readonly string[] | null {
  const parts = partsOf(text);
  return parts.every((part) => quantityIn(part) !== null) && parts.some((part) => /\d/.test(part))
    ? parts
    : null;
}

/** The parts of a line: between semicolons or tabs, else commas, else blanks. */
export function partsOf(text: string): readonly string[] {
  const separator = /[;\t]/.test(text) ? /[;\t]/ : text.includes(',') ? ',' : /\s+/;
  const parts = text.split(separator).map((part) => part.trim());
  return parts.at(-1) === '' ? parts.slice(0, -1) : parts;
}
