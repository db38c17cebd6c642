import { realpathSync, statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { type Document, isCollection, parse } from 'yaml';
import { CatnapError } from '../core/errors.js';
import { holdFile } from '../files/hold-file.js';
import { replaceFile } from '../files/replace-file.js';
import { writing } from '../files/unwritable.js';
import { keepLines } from './kept-lines.js';
import { documentOf, type MissingRule, needsNothing, parseConfig, textOf } from './load.js';

/**
 * Changes a configuration file, all that is not changed kept as it was written, and checks it before it takes the place
 * of the old one. Changes of several processes come one after the other; a link leads to the same file still.
 * @throws ConfigError where it would be none; CatnapError `CONFIG_UNREADABLE`, `OUTPUT_UNWRITABLE`, and what `change`
 * throws; then the file is as it was.
 */
export function editConfig(
  file: string,
  change: (document: Document) => void,
  rule: MissingRule = needsNothing,
): void {
  // What is not there is said by name, and needs no holding.
  textOf(file);
  const place = realpathSync(file);
  const letGo = writing(`config ${file}`, 'to write it', () => holdFile(place));
  try {
    const changed = changedConfig(file, change, rule);
    writing(`config ${file}`, 'to write it', () => replaceFile(place, changed, statSync(place).mode & 0o777));
  } finally {
    letGo();
  }
}

function changedConfig(file: string, change: (document: Document) => void, rule: MissingRule): string {
  const text = textOf(file);
  const { document } = documentOf(text, file);
  const changed = changedText(text, document, () => {
    try {
      change(document);
    } catch (error) {
      // What cannot be changed may have been no configuration to begin with.
      if (!(error instanceof CatnapError)) parseConfig(text, file, process.env, rule);
      throw error;
    }
  });
  parseConfig(changed, file, process.env, rule);
  return changed;
}

function changedText(text: string, document: Document, change: () => void): string {
  const style = { lineWidth: 0, indent: indentOf(text) };
  const rewritten = document.toString(style);
  change();
  const changed = document.toString(style);
  const kept = keepLines(text, rewritten, changed);
  return saysTheSame(kept, changed) ? kept : changed;
}

/** Columns by which a text indents what stands below something. */
function indentOf(text: string): number {
  return /^[^\s#].*:[^\S\n]*(?:#.*)?\n(?:\s*#.*\n)*( +)[^\s#-]/mu.exec(text)?.[1]?.length ?? 2;
}

/** Whether two texts say the same; lines of both may not fit together where one is indented in several ways. */
function saysTheSame(one: string, other: string): boolean {
  try {
    return isDeepStrictEqual(parse(one), parse(other));
  } catch {
    return false;
  }
}

/** Sets what stands at a place, in maps that are made where they are missing, and writes why beside it. */
export function setWithWhy(
  document: Document,
  path: readonly (string | number)[],
  value: unknown,
  why: string,
): void {
  for (const depth of path.keys()) {
    const above = path.slice(0, depth);
    if (depth > 0 && !isCollection(document.getIn(above, true)))
      document.setIn(above, document.createNode({}));
  }
  const node = document.createNode(value, { flow: true });
  node.comment = ` ${why}`;
  document.setIn(path, node);
}

/** Where a voice cascade stands in a configuration; one that is standard and not named there is named. */
export function voiceCascadeIn(document: Document, name: string): readonly string[] {
  const place = ['cascades', name];
  if (!document.hasIn(place)) document.setIn(place, document.createNode({ kind: 'voice' }));
  return place;
}
