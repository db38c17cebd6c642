import type { ActionConfig } from '../../actions/action-kind.js';
import type { Settle, Settlement } from '../../core/cascade/settle.js';
import { CatnapError } from '../../core/errors.js';
import { SHIPPED_INTENTS } from './defaults.js';
import { complete, type Fit, fits, type SlotList, type SlotLists } from './match.js';
import type { IntentConfig, IntentsConfig, ListConfig } from './schema.js';
import { parseTemplate, type TemplateNode, templateWords } from './template.js';
import { numberAt, wordsOf } from './words.js';

/** A sentence that was understood. */
export interface IntentMatch {
  readonly intent: string;
  readonly slots: Readonly<Record<string, string>>;
  readonly action: ActionConfig;
  /** Share of the sentence that was met, 0 to 1. */
  readonly match: number;
}

interface Sentence {
  readonly template: TemplateNode;
  readonly config: IntentConfig;
}

/** Another intent this close to the best one makes a sentence ambiguous. */
const LEAST_MARGIN = 0.1;
/** A sentence of any length may differ from its template by so many words. */
const MOST_COST = 1.5;
/** A sentence of one word has to be that word; the cost of a "please" beside it. */
const MOST_COST_OF_ONE = 0.2;

/** Matches transcripts against sentence templates. Built once; matching touches nothing outside. */
export class IntentMatcher {
  readonly #sentences: readonly Sentence[];
  readonly #lists: SlotLists;
  readonly #vocabulary: ReadonlySet<string>;
  readonly #minMatch: number;

  /**
   * @param only names of the intents that are matched; null: all.
   * @throws CatnapError `CONFIG_INVALID` for a template that cannot be parsed or names no known list.
   */
  constructor(config: IntentsConfig, only: readonly string[] | null = null) {
    const lists: Record<string, ListConfig> = {
      ...(config.shipped ? SHIPPED_INTENTS.lists : {}),
      ...config.lists,
    };
    const all = [...config.sentences, ...(config.shipped ? SHIPPED_INTENTS.sentences : [])];
    const intents = only === null ? all : all.filter(({ intent }) => only.includes(intent));
    this.#minMatch = config.minMatch;
    this.#lists = new Map(Object.entries(lists).map(([name, list]) => [name, compileList(list)]));
    this.#sentences = intents.flatMap((intent) =>
      intent.sentences.map((text) => ({ template: parseTemplate(text), config: intent })),
    );
    for (const { template, config: intent } of this.#sentences) this.#checkSlots(template, intent);
    this.#vocabulary = new Set([
      ...this.#sentences.flatMap(({ template }) => templateWords(template)),
      ...[...this.#lists.values()].flatMap((list) =>
        list.kind === 'entries' ? list.entries.flatMap(({ said }) => templateWords(said)) : [],
      ),
    ]);
  }

  /** What a transcript means, or null where that is nothing or several things. */
  match(transcript: string): IntentMatch | null {
    const words = wordsOf(transcript);
    if (words.length === 0) return null;
    const found = this.#sentences.flatMap((sentence) => this.#matches(sentence, words));
    found.sort((a, b) => b.match - a.match);
    const [best, ...others] = found;
    if (best === undefined) return null;
    const rival = others.find((other) => other.intent !== best.intent);
    const clear = best.match === 1 || rival === undefined || best.match - rival.match >= LEAST_MARGIN;
    return clear ? best : null;
  }

  /** As the cascade asks: settled, or why not. */
  readonly settle: Settle = (transcript): Settlement => {
    const found = this.match(transcript.text);
    if (found !== null) return { kind: 'settled', intent: found.intent, slots: found.slots };
    const words = wordsOf(transcript.text);
    const isKnown = (word: string, at: number) => this.#vocabulary.has(word) || numberAt(words, at) !== null;
    const unknownWords = words.filter((word, at) => !isKnown(word, at)).length;
    return { kind: 'unsettled', reason: unknownWords === 0 ? 'no-match' : 'unknown-words', unknownWords };
  };

  /** What is to be done for an intent; the first that names it decides. */
  actionOf(intent: string): ActionConfig | null {
    return this.#sentences.find(({ config }) => config.intent === intent)?.config.action ?? null;
  }

  #matches({ template, config }: Sentence, words: readonly string[]): readonly IntentMatch[] {
    const start: Fit = { at: 0, cost: 0, met: 0, slots: {} };
    const budget = Math.min(MOST_COST, words.length * (1 - this.#minMatch));
    return complete(fits(template, words, [start], this.#lists, budget), words, budget).flatMap((fit) => {
      const match = fit.met === 0 ? 0 : fit.met / (fit.met + fit.cost);
      if (match < this.#minMatch || (fit.met < 2 && fit.cost > MOST_COST_OF_ONE)) return [];
      return [
        { intent: config.intent, slots: { ...config.slots, ...fit.slots }, action: config.action, match },
      ];
    });
  }

  #checkSlots(node: TemplateNode, intent: IntentConfig): void {
    switch (node.kind) {
      case 'word':
        return;
      case 'sequence':
        for (const part of node.parts) this.#checkSlots(part, intent);
        return;
      case 'choice':
        for (const option of node.options) this.#checkSlots(option, intent);
        return;
      case 'slot': {
        if (this.#lists.has(node.list)) return;
        const known = [...this.#lists.keys()].join(', ');
        throw new CatnapError(
          'CONFIG_INVALID',
          `intent ${intent.intent}: expected a list among ${known}, found {${node.list}}`,
        );
      }
    }
  }
}

function compileList(list: ListConfig): SlotList {
  if ('range' in list) return { kind: 'range', least: list.range[0], most: list.range[1] };
  if ('wildcard' in list) return { kind: 'wildcard' };
  const entries = list.map((entry) => {
    const { in: said, out: value } = typeof entry === 'string' ? { in: entry, out: entry } : entry;
    return { said: parseTemplate(said), value };
  });
  return { kind: 'entries', entries };
}
