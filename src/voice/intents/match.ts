import type { TemplateNode } from './template.js';
import { editDistance, numberAt } from './words.js';

/** What may stand in a slot, compiled. */
export type SlotList =
  | {
      readonly kind: 'entries';
      readonly entries: readonly { readonly said: TemplateNode; readonly value: string }[];
    }
  | { readonly kind: 'range'; readonly least: number; readonly most: number }
  | { readonly kind: 'wildcard' };

export type SlotLists = ReadonlyMap<string, SlotList>;

/** One way a template fits the words from the start up to `at`. */
export interface Fit {
  readonly at: number;
  /** Words (or shares of them) that differ. */
  readonly cost: number;
  /** Words of the template that were met. */
  readonly met: number;
  readonly slots: Readonly<Record<string, string>>;
}

/** Words that people and recognisers add or lose without changing what is meant, and what one costs. */
const FILLERS = new Set(
  'please the a an uh um er oh well so now just then okay hey and to for my can could will would you i want like us'.split(
    ' ',
  ),
);
const FILLER_COST = 0.2;
const WORD_COST = 1;
/** Words that turn a sentence round: never passed over. */
const NEGATIONS = new Set('not no never without except unless'.split(' '));
/** A word is heard as another when at most this share of its characters differ, and it has this many. */
const MOST_DIFFERENT = 0.34;
const LEAST_LENGTH = 4;
/** What it costs besides that share. */
const MISHEARD_COST = 0.1;
/** Words passed over in one place. */
const MOST_PASSED = 2;
/** A wildcard takes at most this many words. */
const MOST_WILD = 12;
/** A wildcard meets nothing that was asked for, so that a sentence that names it wins. */
const WILD_COST = 0.05;

/**
 * Every way, up to `budget` in cost, in which a template fits the words from `fit.at` on. Words may be misheard
 * by a few characters, passed over, or missing; the cost says how much.
 */
export function fits(
  node: TemplateNode,
  words: readonly string[],
  from: readonly Fit[],
  lists: SlotLists,
  budget: number,
): readonly Fit[] {
  switch (node.kind) {
    case 'word':
      return cheapest(from.flatMap((fit) => fitWord(node.word, words, fit, budget)));
    case 'sequence':
      return node.parts.reduce((reached, part) => fits(part, words, reached, lists, budget), from);
    case 'choice':
      return cheapest(node.options.flatMap((option) => fits(option, words, from, lists, budget)));
    case 'slot': {
      const list = lists.get(node.list);
      if (list === undefined) return [];
      return cheapest(from.flatMap((fit) => fitSlot(list, node.slot, words, fit, lists, budget)));
    }
  }
}

/** The fits that reach the last word, words passed over at the end included. */
export function complete(reached: readonly Fit[], words: readonly string[], budget: number): readonly Fit[] {
  return reached.flatMap((fit) => passing(words, fit, budget)).filter((fit) => fit.at === words.length);
}

function fitWord(word: string, words: readonly string[], fit: Fit, budget: number): readonly Fit[] {
  const found: Fit[] = [];
  for (const here of passing(words, fit, budget)) {
    const heard = words[here.at];
    const cost = heard === undefined ? null : misheard(word, heard);
    if (cost !== null && here.cost + cost <= budget) {
      found.push({ ...here, at: here.at + 1, cost: here.cost + cost, met: here.met + 1 });
    }
  }
  const missing = fit.cost + (FILLERS.has(word) ? FILLER_COST : WORD_COST);
  if (missing <= budget) found.push({ ...fit, cost: missing });
  return found;
}

function fitSlot(
  list: SlotList,
  slot: string,
  words: readonly string[],
  fit: Fit,
  lists: SlotLists,
  budget: number,
): readonly Fit[] {
  const fill = (at: number, cost: number, met: number, value: string): Fit => ({
    at,
    cost,
    met,
    slots: { ...fit.slots, [slot]: value },
  });
  switch (list.kind) {
    case 'entries':
      return list.entries.flatMap(({ said, value }) =>
        fits(said, words, [fit], lists, budget)
          .filter((end) => end.met > fit.met)
          .map((end) => fill(end.at, end.cost, end.met, value)),
      );
    case 'range':
      return passing(words, fit, budget).flatMap((here) => {
        const number = numberAt(words, here.at);
        if (number === null || number.value < list.least || number.value > list.most) return [];
        return [fill(here.at + number.length, here.cost, here.met + 1, String(number.value))];
      });
    case 'wildcard': {
      const longest = Math.min(MOST_WILD, words.length - fit.at);
      return Array.from({ length: longest }, (_, i) => {
        const taken = words.slice(fit.at, fit.at + i + 1);
        return fill(fit.at + i + 1, fit.cost + WILD_COST, fit.met + 1, taken.join(' '));
      });
    }
  }
}

/** The fit itself, and with the next word or two passed over. */
function passing(words: readonly string[], fit: Fit, budget: number): readonly Fit[] {
  const found = [fit];
  let { at, cost } = fit;
  for (let i = 0; i < MOST_PASSED; i++) {
    const word = words[at];
    if (word === undefined || NEGATIONS.has(word)) break;
    cost += FILLERS.has(word) ? FILLER_COST : WORD_COST;
    if (cost > budget) break;
    at += 1;
    found.push({ ...fit, at, cost });
  }
  return found;
}

/** Cost of hearing `heard` for `word`; null where they are different words. */
function misheard(word: string, heard: string): number | null {
  if (word === heard) return 0;
  const longest = Math.max(word.length, heard.length);
  if (Math.min(word.length, heard.length) < LEAST_LENGTH) return null;
  const share = editDistance(word, heard) / longest;
  return share <= MOST_DIFFERENT ? MISHEARD_COST + share : null;
}

/** Keeps, of the fits that reach the same place with the same slots, the cheapest. */
function cheapest(found: readonly Fit[]): readonly Fit[] {
  const best = new Map<string, Fit>();
  for (const fit of found) {
    const key = `${fit.at} ${JSON.stringify(fit.slots)}`;
    const known = best.get(key);
    if (known === undefined || fit.cost < known.cost) best.set(key, fit);
  }
  return [...best.values()];
}
