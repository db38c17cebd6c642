import { parseJson } from '../core/json.js';
import * as z from '../core/zod.js';
import type { IntentsInput } from '../runtime/config.js';
import { wordsOf } from '../voice/intents/words.js';

/** What is asked for in an order: an intent and its slots, named as templates name them. */
export interface Order {
  readonly intent: string;
  readonly slots: Readonly<Record<string, string>>;
}

/** An order as JSON. */
export const orderSchema = z.object({
  intent: z.string(),
  slots: z.record(z.string(), z.string()).default({}),
});

/**
 * Reads a label of `orders.csv`: an order as JSON, its slots named as the data names them.
 * @throws z.ZodError for anything else.
 */
export function readOrder(label: string): Order {
  const { intent, slots } = orderSchema.parse(parseJson(label));
  const named = Object.entries(slots).map(([slot, value]) => [snakeCase(slot), value.trim()]);
  return { intent, slots: Object.fromEntries(named) };
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Whether an answer has the intent and every slot of an order, and no other slot. */
export function isSameOrder(order: Order, answer: Order): boolean {
  const wanted = Object.entries(order.slots);
  return (
    order.intent === answer.intent &&
    wanted.length === Object.keys(answer.slots).length &&
    wanted.every(([slot, value]) => answer.slots[slot] === value)
  );
}

interface Entry {
  readonly in: string;
  readonly out: string;
}

/** Each value with what else the recogniser writes for it, as was heard on orders that are not measured. */
const ROASTS: readonly Entry[] = [
  { in: 'dark (roast|rose|gross|grossed|roasted)', out: 'dark roast' },
  { in: '(light|late) (roast|rose|roasted)', out: 'light roast' },
  { in: 'medium (roast|rose|roasted)', out: 'medium roast' },
];
const SHOTS: readonly Entry[] = [
  { in: '(single (shot|short)|singleshot)', out: 'single shot' },
  { in: 'double (shot|short)', out: 'double shot' },
  { in: 'triple (shot|short|shop)', out: 'triple shot' },
];
const OUNCES = '(ounce|ounces)';
const SIZES: readonly Entry[] = [
  { in: 'small', out: 'small' },
  { in: 'medium', out: 'medium' },
  { in: 'large', out: 'large' },
  { in: `(eight|8) ${OUNCES}`, out: 'eight ounce' },
  { in: `(twelve|12) ${OUNCES}`, out: 'twelve ounce' },
  { in: `(sixteen|16) ${OUNCES}`, out: 'sixteen ounce' },
  { in: `(twenty|20) ${OUNCES}`, out: 'twenty ounce' },
];
const MOCHA = '(mocha|mocker|moka|mocca|moga|moco)';
const DRINKS: readonly Entry[] = [
  { in: 'latte', out: 'latte' },
  { in: '(espresso|expresso|as prasso)', out: 'espresso' },
  { in: '(americano|americana|maricano|to maricano|to maricana)', out: 'americano' },
  { in: '(cappuccino|capuchino|cap a chino)', out: 'cappuccino' },
  { in: `${MOCHA}`, out: 'mocha' },
  { in: `(iced|ice) ${MOCHA}`, out: 'iced mocha' },
  { in: 'coffee', out: 'coffee' },
  { in: '(iced|ice) coffee', out: 'iced coffee' },
  { in: 'house coffee', out: 'house coffee' },
  { in: '(drip|trope) coffee', out: 'drip coffee' },
];
const AMOUNTS = ['', 'some', 'a bit of', 'a little bit of', 'a lot of', 'lots of'];
const MILKS = ['milk', 'whole milk', 'skim milk', 'soy milk', 'almond milk', 'cream'];
const SUGARS = ['sugar', 'brown sugar', 'sweetener'];

function amountsOf(things: readonly string[]): Entry[] {
  return things.flatMap((thing) =>
    AMOUNTS.map((amount) => ({ in: `${amount} ${thing}`.trim(), out: `${amount} ${thing}`.trim() })),
  );
}

const ASKED = '[(can i have|can i get|may i have|give me|get me|make me|i want|i would like|brew)] [a|an]';
const TRAITS = ['[{size}]', '[{shots:number_of_shots}]', '[{roast}]'];
const EXTRAS = ['{milk:milk_amount}', '{sugar:sugar_amount}'];
const WITH = [
  '',
  ...EXTRAS.map((extra) => `with ${extra}`),
  `with ${EXTRAS.join(' and ')}`,
  `with ${EXTRAS.toReversed().join(' and ')}`,
];

/**
 * A coffee machine's sentences, for the orders of the benchmark's data. Strict: a word that is left over or missing
 * leaves an order to the cloud, since a wrong coffee is worse than a slow one.
 */
export const ORDER_INTENTS: IntentsInput = {
  shipped: false,
  minMatch: 0.94,
  lists: {
    roast: [...ROASTS],
    shots: [...SHOTS],
    size: [...SIZES],
    drink: [...DRINKS],
    milk: amountsOf(MILKS),
    sugar: amountsOf(SUGARS),
  },
  sentences: [
    {
      intent: 'orderDrink',
      sentences: permutations(TRAITS).flatMap((traits) =>
        WITH.map((extras) => `${ASKED} ${traits.join(' ')} {drink:coffee_drink} ${extras}`.trim()),
      ),
    },
  ],
};

/** How an order begins, for a device that hears its own name in one breath with it. */
const ASKING = /\b(can i|may i|give me|get me|make me|i want|i'd like|i would like|brew)\b/i;

/** A transcript without what comes before the asking: the name the device was called by, however it was written. */
export function afterTheName(transcript: string): string {
  return transcript.slice(Math.max(0, transcript.search(ASKING)));
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

/** What stands in a transcript word by word, longest first. */
const LITERALS: readonly {
  readonly slot: string;
  readonly words: readonly string[];
  readonly value: string;
}[] = (
  [
    ['roast', ROASTS],
    ['number_of_shots', SHOTS],
    ['size', SIZES],
    ['coffee_drink', DRINKS],
    ['milk_amount', amountsOf(MILKS)],
    ['sugar_amount', amountsOf(SUGARS)],
  ] as const
)
  .flatMap(([slot, entries]) => entries.map(({ out }) => ({ slot, words: wordsOf(out), value: out })))
  .sort((a, b) => b.words.length - a.words.length);

const NUMBERS: Readonly<Record<string, string>> = { 8: 'eight', 12: 'twelve', 16: 'sixteen', 20: 'twenty' };

/**
 * What a reader without any understanding takes from a transcript: the values that literally stand in it. A
 * language model reads at least that much, and at most what was really said.
 */
export function readLiterally(transcript: string): Order {
  const words = wordsOf(transcript).map((word) => NUMBERS[word] ?? word);
  const slots: Record<string, string> = {};
  for (const { slot, words: wanted, value } of LITERALS) {
    const at = words.findIndex((_, start) => wanted.every((word, index) => words[start + index] === word));
    if (at < 0) continue;
    // Words once taken belong to no other value: "medium" of "medium roast" is no size.
    words.fill('', at, at + wanted.length);
    slots[slot] ??= value;
  }
  return { intent: 'orderDrink', slots };
}
