import { basename, dirname } from 'node:path';
import { CatnapError } from '../core/errors.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import { padded, seededRandom, spokenPart } from './audio.js';
import { type Order, readOrder } from './cost-orders.js';
import type { Recording } from './dataset.js';

/** One recording of an order with what is asked for in it. */
export interface OrderRecording {
  readonly path: string;
  readonly order: Order;
}

/** What an hour is made of. */
export interface HourParts {
  /** Said after a wake word. */
  readonly orders: readonly OrderRecording[];
  /** Wake words alone. */
  readonly wakes: readonly Recording[];
  /** Speech that nobody is meant to answer. */
  readonly chatter: readonly Recording[];
  readonly noises: readonly Recording[];
  /** Noises that last. */
  readonly backgrounds: readonly Recording[];
}

/** The next stretch of the hour. */
export interface Stretch {
  readonly samples: Float32Array;
  /** The order said in it, and which samples of the hour hold its words. */
  readonly order: (OrderRecording & { readonly startSample: number; readonly endSample: number }) | null;
  readonly kind: 'order' | 'chatter' | 'noise' | 'background' | 'quiet';
}

/** How often each kind of stretch is drawn, of 1: a busy room. */
const SHARES: readonly (readonly [share: number, kind: Stretch['kind']])[] = [
  [0.35, 'order'],
  [0.15, 'chatter'],
  [0.2, 'noise'],
  [0.1, 'background'],
  [0.2, 'quiet'],
];
/** Seconds, drawn evenly from the range. */
const WAKE_TO_ORDER = [0.2, 0.6] as const;
const PAUSE = [1.5, 4] as const;
const QUIET = [10, 40] as const;
const BACKGROUND = [20, 40] as const;

/**
 * Strings recordings together until `seconds` are full, the same for the same seed: orders after a wake word, speech
 * nobody is meant to answer, noises, and quiet that is not digital.
 * @throws CatnapError what reading the recordings throws.
 */
export async function* strungTogether(
  parts: HourParts,
  seconds: number,
  seed: number,
): AsyncGenerator<Stretch> {
  const random = seededRandom(`hour ${seed}`);
  const between = ([least, most]: readonly [number, number]) =>
    Math.round((least + random() * (most - least)) * VOICE_RATE_HZ);
  const bags = {
    orders: bag(parts.orders, random),
    wakes: bag(parts.wakes, random),
    chatter: bag(parts.chatter, random),
    noises: bag(parts.noises, random),
    backgrounds: bag(parts.backgrounds, random),
  };
  let at = 0;
  while (at < seconds * VOICE_RATE_HZ) {
    const kind = draw(random());
    const stretch = await next(kind, at);
    yield stretch;
    at += stretch.samples.length;
  }

  async function next(kind: Stretch['kind'], startSample: number): Promise<Stretch> {
    const quietly = (samples: Float32Array) => padded(samples, 0, between(PAUSE), random);
    switch (kind) {
      case 'order':
        return ordered(startSample);
      case 'chatter':
        return { kind, order: null, samples: quietly(await readAudio(bags.chatter().path)) };
      case 'noise':
        return { kind, order: null, samples: quietly(await readAudio(bags.noises().path)) };
      case 'background': {
        const noise = await readAudio(bags.backgrounds().path);
        return { kind, order: null, samples: repeated(noise, between(BACKGROUND)) };
      }
      case 'quiet':
        return { kind, order: null, samples: padded(new Float32Array(0), 0, between(QUIET), random) };
    }
  }

  async function ordered(startSample: number): Promise<Stretch> {
    const wake = await readAudio(bags.wakes().path);
    const recording = bags.orders();
    const order = await readAudio(recording.path);
    const [gap, pause] = [between(WAKE_TO_ORDER), between(PAUSE)];
    const { samples, start, end } = saidAfter(wake, order, { gap, pause, random });
    return {
      kind: 'order',
      samples,
      order: { ...recording, startSample: startSample + start, endSample: startSample + end },
    };
  }
}

/**
 * A wake word and what is said after it, so many samples later and before a pause: all of it, and from which sample to
 * which the second is heard.
 */
export function saidAfter(
  word: Float32Array,
  order: Float32Array,
  { gap, pause, random }: { readonly gap: number; readonly pause: number; readonly random: () => number },
): { readonly samples: Float32Array; readonly start: number; readonly end: number } {
  const [wake, said] = [spokenPart(word), spokenPart(order)];
  const start = wake.length + gap;
  const samples = padded(said, start, pause, random);
  samples.set(wake);
  return { samples, start, end: start + said.length };
}

function repeated(noise: Float32Array, length: number): Float32Array {
  return Float32Array.from({ length }, (_, at) => noise[at % noise.length] ?? 0);
}

function draw(drawn: number): Stretch['kind'] {
  let upTo = 0;
  for (const [share, kind] of SHARES) {
    upTo += share;
    if (drawn < upTo) return kind;
  }
  return 'quiet';
}

/** Takes things out in random order, and puts all back once it is empty. */
function bag<T>(all: readonly T[], random: () => number): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = [...all];
    const [taken] = left.splice(Math.floor(random() * left.length), 1);
    return taken as T;
  };
}

/**
 * Sorts a folder's recordings into what an hour is made of.
 * @throws CatnapError `USAGE` when orders, wake words, speech or noises are missing.
 */
export function partsOfHour(recordings: readonly Recording[], words: readonly string[]): HourParts {
  const of = (...corpora: readonly Recording['corpus'][]) =>
    recordings.filter(({ corpus }) => corpora.includes(corpus));
  const noises = of('noise');
  const lasting = noises.filter(({ path }) => basename(dirname(path)) === 'background');
  const parts = {
    orders: of('orders').flatMap(({ path, label }) =>
      label === '' ? [] : [{ path, order: readOrder(label) }],
    ),
    wakes: of('wake').filter(({ keywords }) => keywords.some((word) => words.includes(word))),
    chatter: of('wuw', 'commands'),
    noises,
    // Short noises go round and round where the folder has none that last.
    backgrounds: lasting.length > 0 ? lasting : noises,
  };
  for (const [name, found] of Object.entries(parts)) {
    if (found.length === 0) throw new CatnapError('USAGE', `--data: expected ${name}, found none`);
  }
  return parts;
}
