import { CatnapError } from '../core/errors.js';
import { parseJson } from '../core/json.js';

/** Values that texts of an action are filled with: slots of a sentence, or parameters of an answer. */
export type Slots = Readonly<Record<string, string>>;

/** What every request knows of what it is done for, whoever asks; `{name}` in a text stands for it. */
export const FIELDS = ['intent', 'transcript', 'source', 'label', 'channels', 'at', 'confidence'] as const;
export type Fields = Readonly<Record<(typeof FIELDS)[number], string>>;

const SLOT = /\{([\w.-]+)\}/g;

/**
 * Replaces each `{slot}` by its value, as `encode` writes it; a slot without a value is empty.
 * Throws `USAGE` when `encode` refuses a value.
 */
export function fill(text: string, slots: Slots, encode: (value: string, slot: string) => string): string {
  return text.replace(SLOT, (_match, slot: string) => {
    const value = Object.hasOwn(slots, slot) ? (slots[slot] ?? '') : '';
    return encode(value, slot);
  });
}

/** A `{name}` of a text, and where in the settings the text stands. */
export interface Placeholder {
  readonly path: readonly PropertyKey[];
  readonly name: string;
}

/** Every `{name}` in texts within a value, wherever they stand in it. */
export function placeholdersIn(value: unknown, path: readonly PropertyKey[] = []): readonly Placeholder[] {
  if (typeof value === 'string') return [...value.matchAll(SLOT)].map(([, name = '']) => ({ path, name }));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => placeholdersIn(inner, [...path, key]));
}

/** The slots that texts within a value name: what whoever asks has to give beside the {@link FIELDS}. */
export function slotsIn(value: unknown): readonly string[] {
  const known: readonly string[] = FIELDS;
  return [...new Set(placeholdersIn(value).map(({ name }) => name))].filter((name) => !known.includes(name));
}

/**
 * A message with its values filled in. One that is JSON stays JSON, whatever characters the values have; one that is
 * anything else has them as they are.
 */
export function fillMessage(text: string, slots: Slots): string {
  return fill(text, slots, parseJson(text) === undefined ? asText : asJsonText);
}

function asJsonText(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** Values stand in messages as they are. */
export function asText(value: string): string {
  return value;
}

/** Values are one piece of a path or query, whatever characters they have. */
export function asUrlPart(value: string): string {
  return encodeURIComponent(value);
}

/** A value may not reach beyond its level of a topic (MQTT 5, 4.7). */
export function asTopicLevel(value: string, slot: string): string {
  if (/[+#/\0]/.test(value)) throw refusal(slot, 'a single level of a topic');
  return value;
}

/** A value may not turn into an option of the program. */
export function asArgument(value: string, slot: string): string {
  if (value.startsWith('-') || value.includes('\0')) throw refusal(slot, 'a value that is no option');
  return value;
}

function refusal(slot: string, expected: string): CatnapError {
  return new CatnapError('USAGE', `slot ${slot}: expected ${expected}, found something else`);
}
