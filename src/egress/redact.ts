import { CatnapError } from '../core/errors.js';

/** What is taken out of transcripts before they are stored or sent. */
export interface Redaction {
  readonly names: readonly string[];
  readonly patterns: readonly { readonly name: string; readonly regex: string }[];
}

/** A transcript without what it must not tell, and how much was taken out. */
export interface Redacted {
  readonly text: string;
  readonly count: number;
}

/**
 * Makes the function that replaces every match of a pattern by `[its name]` and every listed name by `[name]`.
 * Names match whole words, whatever their case. Throws `CONFIG_INVALID` for a pattern that is no regular expression.
 */
export function createRedactor(redaction: Redaction): (text: string) => Redacted {
  const rules = redaction.patterns.map(({ name, regex }) => ({
    mark: `[${name}]`,
    regex: compile(name, regex),
  }));
  const names = redaction.names.map((name) => name.trim()).filter((name) => name !== '');
  if (names.length > 0) {
    // Longest first, so that "Anna Maria" is not left as "[name] Maria".
    const alternatives = names.toSorted((a, b) => b.length - a.length).map(escapeRegex);
    // \b knows ASCII only; names do not keep to it.
    const regex = new RegExp(`(?<![\\p{L}\\p{N}])(?:${alternatives.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
    rules.push({ mark: '[name]', regex });
  }
  return (text) => {
    let count = 0;
    let redacted = text.normalize('NFC');
    for (const { mark, regex } of rules) {
      redacted = redacted.replace(regex, () => {
        count++;
        return mark;
      });
    }
    return { text: redacted, count };
  };
}

function compile(name: string, regex: string): RegExp {
  try {
    return new RegExp(regex, 'giu');
  } catch (cause) {
    const message = `uplink.egress.redact.patterns.${name}: expected a regular expression, found one that is not`;
    throw new CatnapError('CONFIG_INVALID', message, { cause });
  }
}

function escapeRegex(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\s+/g, '\\s+');
}
