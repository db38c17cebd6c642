import { CatnapError } from '../../core/errors.js';
import { wordsOf } from './words.js';

/** A sentence template, parsed. */
export type TemplateNode =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'sequence'; readonly parts: readonly TemplateNode[] }
  | { readonly kind: 'choice'; readonly options: readonly TemplateNode[] }
  | { readonly kind: 'slot'; readonly list: string; readonly slot: string };

/**
 * Parses a sentence template in the manner of Home Assistant's intent sentences: words, `(one|another)`,
 * `[optional]` (also `[one|another]`), and `{list}` or `{list:slot}`.
 * @throws CatnapError `CONFIG_INVALID` naming the place.
 */
export function parseTemplate(text: string): TemplateNode {
  const parser = new Parser(text);
  const node = parser.choice('');
  parser.end();
  return node;
}

class Parser {
  #at = 0;

  constructor(readonly text: string) {}

  /** Alternatives up to `close`, which is consumed. */
  choice(close: '' | ')' | ']'): TemplateNode {
    const options = [this.#sequence()];
    while (this.#next === '|') {
      this.#at += 1;
      options.push(this.#sequence());
    }
    if (close !== '') this.#take(close);
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { kind: 'choice', options };
  }

  end(): void {
    if (this.#at < this.text.length) this.#fail('the end');
  }

  get #next(): string {
    return this.text[this.#at] ?? '';
  }

  #sequence(): TemplateNode {
    const parts: TemplateNode[] = [];
    for (;;) {
      switch (this.#next) {
        case '(':
          this.#at += 1;
          parts.push(this.choice(')'));
          break;
        case '[':
          this.#at += 1;
          parts.push({ kind: 'choice', options: [this.choice(']'), { kind: 'sequence', parts: [] }] });
          break;
        case '{':
          parts.push(this.#slot());
          break;
        case '':
        case '|':
        case ')':
        case ']':
          return { kind: 'sequence', parts };
        default:
          parts.push(...this.#words());
      }
    }
  }

  #words(): TemplateNode[] {
    const start = this.#at;
    while (this.#next !== '' && !'()[]{}|'.includes(this.#next)) this.#at += 1;
    if (this.#at === start) this.#fail('a word');
    return wordsOf(this.text.slice(start, this.#at)).map((word) => ({ kind: 'word', word }));
  }

  #slot(): TemplateNode {
    const close = this.text.indexOf('}', this.#at);
    const inside = close < 0 ? '' : this.text.slice(this.#at + 1, close);
    const [list = '', slot = list] = inside.split(':');
    if (!/^[a-z][a-z0-9_]*$/.test(list) || !/^[a-z][a-z0-9_]*$/.test(slot))
      this.#fail('{list} or {list:slot}');
    this.#at = close + 1;
    return { kind: 'slot', list, slot };
  }

  #take(wanted: string): void {
    if (this.#next !== wanted) this.#fail(`"${wanted}"`);
    this.#at += 1;
  }

  #fail(expected: string): never {
    const found = this.#next === '' ? 'its end' : `"${this.#next}"`;
    throw new CatnapError(
      'CONFIG_INVALID',
      `sentence "${this.text}", character ${this.#at + 1}: expected ${expected}, found ${found}`,
    );
  }
}

/** Every word a template may hold outside its slots. */
export function templateWords(node: TemplateNode): readonly string[] {
  switch (node.kind) {
    case 'word':
      return [node.word];
    case 'sequence':
      return node.parts.flatMap(templateWords);
    case 'choice':
      return node.options.flatMap(templateWords);
    case 'slot':
      return [];
  }
}

/** The slots that a template may fill. */
export function templateSlots(node: TemplateNode): readonly string[] {
  switch (node.kind) {
    case 'word':
      return [];
    case 'sequence':
      return node.parts.flatMap(templateSlots);
    case 'choice':
      return node.options.flatMap(templateSlots);
    case 'slot':
      return [node.slot];
  }
}

/** The shortest way to say a template: the first of alternatives, nothing of what may be left out, slots in braces. */
export function plainExample(node: TemplateNode): string {
  switch (node.kind) {
    case 'word':
      return node.word;
    case 'sequence':
      return node.parts
        .map(plainExample)
        .filter((part) => part !== '')
        .join(' ');
    case 'choice': {
      const isOptional = node.options.some(
        (option) => option.kind === 'sequence' && option.parts.length === 0,
      );
      const [first] = node.options;
      return isOptional || first === undefined ? '' : plainExample(first);
    }
    case 'slot':
      return `{${node.slot}}`;
  }
}
