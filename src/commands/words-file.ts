import { dirname } from 'node:path';
import { type Document, isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { editConfig, voiceCascadeIn } from '../config/edit.js';
import { CatnapError } from '../core/errors.js';
import type { RemovedWord } from '../runtime/page/page-command.js';
import type { ListenedWords } from '../runtime/plan.js';
import { labelOfListed, nameOfWord, type OwnWordConfig, ownWordSchema } from '../voice/words/config.js';
import { forgetTakes } from '../voice/words/forget-takes.js';
import { labelOf } from '../voice/words/labels.js';

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
    const index = known.items.findIndex((item) => listedLabelOf(item) === nameOfWord(word));
    if (index === -1) known.add(node);
    else known.set(index, node);
  });
}

/** How a word is taken out. */
export interface RemovalWish {
  /** Whether the takes that Catnap recorded of it are kept. */
  readonly takes: 'keep' | 'delete';
  /** Also where the configuration says more of it, which goes with it. */
  readonly anyway: boolean;
  /** What is listened for where the configuration names no words; null: nobody knows. */
  readonly listened: ListenedWords;
}

/** What came of taking a word out. */
export interface WordRemoved extends RemovedWord {
  /** It was the last: all that the model knows is listened for. */
  readonly isLast: boolean;
}

/**
 * Takes a word out of the configuration, by its label or spelling, and deletes the takes that Catnap recorded of it.
 * @throws CatnapError `USAGE` where there is none; `WORD_IN_USE` where the configuration says more of it, which is not
 * to go with it.
 */
export function removeWord(
  called: string,
  { config, cascade }: Place,
  { takes, anyway, listened }: RemovalWish,
): WordRemoved {
  let removed: unknown = null;
  let isLast = false;
  let along: readonly string[] = [];
  let others: readonly OwnWordConfig[] = [];
  editConfig(config, (document) => {
    const at = voiceCascadeIn(document, cascade);
    const place = [...at, 'tiny', 'words'];
    if (!document.hasIn(place) && listened !== null) document.setIn(place, document.createNode(listened));
    const words = document.getIn(place, true);
    const index = isSeq(words) ? indexOfWord(words, called) : -1;
    if (!isSeq(words) || index === -1) {
      const known = isSeq(words) ? words.items.map(listedLabelOf).join(', ') : 'none by name';
      throw new CatnapError('USAGE', `"${called}": expected one of the words of ${config} (${known})`);
    }
    const item = words.items[index];
    if (isMap(item)) removed = item.toJSON();
    isLast = words.items.length === 1;
    if (isLast) document.deleteIn(place);
    else words.delete(index);
    // A trained word that was the last is listened for again.
    if (isMap(item) || !isLast) along = takeOutSaid(document, at, listedLabelOf(item));
    if (along.length > 0 && !anyway)
      throw new CatnapError(
        'WORD_IN_USE',
        `"${called}": expected nothing else about it in ${config}, found ${along.join(' and ')}`,
      );
    others = ownWordsIn(document);
  });
  const own = ownWordSchema.safeParse(removed);
  return { isLast, along, takes: own.success ? forgetTakes(own.data, dirname(config), others, takes) : null };
}

/** Where a voice cascade says more of single words. */
const SAID_BY_WORD = [
  ['leadsTo'],
  ['wakeActions'],
  ['heavy', 'specialists'],
  ['tiny', 'wordThresholds'],
  ['heavy', 'wordThresholds'],
] as const;

/**
 * Takes out what a cascade says of a word beside listening for it.
 * @returns each as it stood there.
 */
function takeOutSaid(document: Document, cascade: readonly string[], label: string): readonly string[] {
  return SAID_BY_WORD.flatMap((part) => {
    const path = [...cascade, ...part];
    const byWord = document.getIn(path, true);
    if (!isMap(byWord)) return [];
    const its = byWord.items.map(({ key }) => String(key)).filter((key) => labelOf(key, [label]) !== null);
    return its.map((key) => {
      const value: unknown = byWord.get(key);
      byWord.delete(key);
      if (byWord.items.length === 0) document.deleteIn(path);
      return [...path, key].join('.') + (typeof value === 'string' ? `: ${value}` : '');
    });
  });
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

function listedLabelOf(item: unknown): string {
  return labelOfListed((isScalar(item) || isMap(item) ? item.toJSON() : '') as string | OwnWordConfig);
}

/**
 * Index in a list of the word that has this label, else of the one that is spelt so, whatever its capitals and signs;
 * -1 where the list has neither.
 */
function indexOfWord(words: YAMLSeq, called: string): number {
  const label = nameOfWord({ say: called });
  const byLabel = words.items.findIndex((item) => [called, label].includes(listedLabelOf(item)));
  return byLabel === -1 ? words.items.findIndex((item) => spellingOf(item) === label) : byLabel;
}

/** The label that a word would have by its spelling; null where it has none. */
function spellingOf(item: unknown): string | null {
  const say: unknown = isMap(item) ? item.get('say') : null;
  return typeof say === 'string' ? nameOfWord({ say }) : null;
}
