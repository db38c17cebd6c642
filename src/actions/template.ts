import { CatnapError } from '../core/errors.js';

/** Values that texts of an action are filled with: slots of a sentence, or parameters of an answer. */
export type Slots = Readonly<Record<string, string>>;

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

/** The slots that texts within a value name, wherever they stand in it. */
export function slotsIn(value: unknown): string[] {
  if (typeof value === 'string') return [...new Set([...value.matchAll(SLOT)].map(([, slot = '']) => slot))];
  if (typeof value !== 'object' || value === null) return [];
  return [...new Set(Object.values(value).flatMap(slotsIn))];
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
