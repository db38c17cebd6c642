import { readFileSync, statSync } from 'node:fs';
import { type Document, isCollection, parseDocument } from 'yaml';
import { CatnapError } from '../core/errors.js';
import { replaceFile } from '../files/replace-file.js';

/**
 * Changes a configuration file, comments and order kept, and checks it before it takes the place of the old one.
 * @param check throws for a text that is no configuration.
 * @throws CatnapError `CONFIG_UNREADABLE`, `OUTPUT_UNWRITABLE`, and what `check` throws; then the file is as it was.
 */
export function editConfig(
  file: string,
  change: (document: Document) => void,
  check: (text: string) => void,
): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CatnapError('CONFIG_UNREADABLE', `config ${file}: expected a readable file`, { cause });
  }
  const document = parseDocument(text);
  change(document);
  const changed = document.toString({ lineWidth: 0 });
  check(changed);
  try {
    replaceFile(file, changed, statSync(file).mode & 0o777);
  } catch (cause) {
    throw new CatnapError('OUTPUT_UNWRITABLE', `config ${file}: expected to write it`, { cause });
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
