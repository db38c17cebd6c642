import { dirname } from 'node:path';
import { type Document, isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { editConfig, voiceCascadeIn } from '../config/edit.js';
import { CatnapError } from '../core/errors.js';
import type { ListenedWords } from '../runtime/plan.js';
import { labelOfListed, nameOfWord, type OwnWordConfig, ownWordSchema } from '../voice/words/config.js';
import { forgetTakes, type TakesLeft } from '../voice/words/forget-takes.js';

/** Which words of a configuration. */
interface Place {
  readonly config: string;
  readonly cascade: string;
}

/**
 * Writes a word into the configuration, in place of one of its label.
 * @param listened what is listened for until now, which goes on where the configuration names no words; null: nobody
 *   knows.
 */
export function writeWord(word: OwnWordConfig, { config, cascade }: Place, listened: ListenedWords): void {
  editConfig(config, (document) => {
    const at = voiceCascadeIn(document, cascade);
    const known = document.getIn([...at, 'tiny', 'words'], true);
    const node = document.createNode(word, { flow: true });
    if (!isSeq(known)) {
      const others = listened?.filter((other) => other !== nameOfWord(word)) ?? [];
      document.setIn([...at, 'tiny', 'words'], document.createNode([...others, node]));
      return;
    }
    const index = known.items.findIndex((item) => labelOf(item) === nameOfWord(word));
    if (index === -1) known.add(node);
    else known.set(index, node);
  });
}

/** What came of taking a word out. */
export interface WordRemoved {
  /** It was the last: all that the model knows is listened for. */
  readonly isLast: boolean;
  /** Null: it had none. */
  readonly takes: TakesLeft | null;
}

/**
 * Takes a word out of the configuration, by its label or spelling, and deletes the takes that Catnap recorded of it.
 * @param takes whether these are kept
 * @param listened what is listened for where the configuration names no words; null: nobody knows.
 * @throws CatnapError `USAGE` where there is none.
 */
export function removeWord(
  called: string,
  { config, cascade }: Place,
  takes: 'keep' | 'delete' = 'delete',
  listened: ListenedWords = null,
): WordRemoved {
  let removed: unknown = null;
  let isLast = false;
  let others: readonly OwnWordConfig[] = [];
  editConfig(config, (document) => {
    const place = [...voiceCascadeIn(document, cascade), 'tiny', 'words'];
    if (!document.hasIn(place) && listened !== null) document.setIn(place, document.createNode(listened));
    const words = document.getIn(place, true);
    const index = isSeq(words) ? indexOfWord(words, called) : -1;
    if (!isSeq(words) || index === -1) {
      const known = isSeq(words) ? words.items.map(labelOf).join(', ') : 'none by name';
      throw new CatnapError('USAGE', `"${called}": expected one of the words of ${config} (${known})`);
    }
    const item = words.items[index];
    if (isMap(item)) removed = item.toJSON();
    isLast = words.items.length === 1;
    if (isLast) document.deleteIn(place);
    else words.delete(index);
    others = ownWordsIn(document);
  });
  const own = ownWordSchema.safeParse(removed);
  return { isLast, takes: own.success ? forgetTakes(own.data, dirname(config), others, takes) : null };
}

/** Words of the owner's of every cascade. */
function ownWordsIn(document: Document): readonly OwnWordConfig[] {
  const cascades = document.get('cascades');
  if (!isMap(cascades)) return [];
  return cascades.items.flatMap(({ value }) => {
    const words = isMap(value) ? value.getIn(['tiny', 'words']) : null;
    const found = isSeq(words) ? (words.toJSON() as readonly unknown[]) : [];
    return found.flatMap((word) => {
      const own = ownWordSchema.safeParse(word);
      return own.success ? [own.data] : [];
    });
  });
}

/** Writes from which confidence words of a configuration are believed; one that is not there is passed over. */
export function writeAccepts(
  points: readonly { readonly name: string; readonly accept: number }[],
  { config, cascade }: Place,
): void {
  editConfig(config, (document) => {
    for (const { name, accept } of points) ownWordIn(document, cascade, name)?.set('accept', accept);
  });
}

/** A word of the owner's as it stands in a configuration; null where there is none, or it is spelt alone. */
export function ownWordIn(document: Document, cascade: string, called: string): YAMLMap | null {
  const words = document.getIn(['cascades', cascade, 'tiny', 'words'], true);
  const word = isSeq(words) ? words.items[indexOfWord(words, called)] : null;
  return isMap(word) ? word : null;
}

function labelOf(item: unknown): string {
  return labelOfListed((isScalar(item) || isMap(item) ? item.toJSON() : '') as string | OwnWordConfig);
}

/**
 * Index in a list of the word that has this label, else of the one that is spelt so, whatever its capitals and signs;
 * -1 where the list has neither.
 */
function indexOfWord(words: YAMLSeq, called: string): number {
  const label = nameOfWord({ say: called });
  const byLabel = words.items.findIndex((item) => [called, label].includes(labelOf(item)));
  return byLabel === -1 ? words.items.findIndex((item) => spellingOf(item) === label) : byLabel;
}

/** The label that a word would have by its spelling; null where it has none. */
function spellingOf(item: unknown): string | null {
  const say: unknown = isMap(item) ? item.get('say') : null;
  return typeof say === 'string' ? nameOfWord({ say }) : null;
}
