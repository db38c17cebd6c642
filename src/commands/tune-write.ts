import type { Document } from 'yaml';
import { thresholdsInForce } from '../bench/wake-candidates.js';
import { editConfig, setWithWhy, voiceCascadeIn } from '../config/edit.js';
import type { Thresholds } from '../core/thresholds.js';
import type { Way } from '../learning/tuning/tune-words.js';
import { tellsRates, type WakeThresholds } from '../learning/tuning/tuning.js';
import type { Wish } from '../learning/tuning/wish.js';
import type { WordsPoint } from '../learning/tuning/word-tuning.js';
import { systemClock } from '../runtime/process/system-clock.js';
import type { VoiceConfig } from '../voice/config.js';
import { nameOfWord } from '../voice/words/config.js';
import { ownWordIn } from './words-file.js';

/** As the schema of own words bounds it. */
const [LEAST_ACCEPT, MOST_ACCEPT] = [0.01, 0.99];

/** What is written, and why. */
export interface Writing {
  /** Name of the cascade. */
  readonly cascade: string;
  readonly config: VoiceConfig;
  readonly chosen: WordsPoint;
  readonly way: Way;
  /** What it was learnt from. */
  readonly from: string;
  readonly wish: Wish;
}

/**
 * Writes the chosen thresholds into the configuration, and beside them when, from what and why.
 * @throws CatnapError as {@link editConfig}.
 */
export async function writeThresholds(file: string, writing: Writing): Promise<void> {
  const { cascade, config, chosen, way } = writing;
  const inForce = await thresholdsInForce(config);
  const stages = ({ notice, accept }: WakeThresholds): Readonly<Record<'tiny' | 'heavy', Thresholds>> => ({
    tiny: { accept: Math.max(inForce.tiny.accept, notice), reject: notice },
    heavy: { accept, reject: Math.min(inForce.heavy.reject, accept) },
  });
  const own = (config.tiny.words ?? []).flatMap((word) =>
    typeof word === 'string' ? [] : [nameOfWord(word)],
  );
  const entries = Object.entries(chosen.thresholds);
  const words = entries.filter(([word]) => !own.includes(word));
  const [first] = words;
  const why = whyOf(writing);
  const change = (document: Document) => {
    const place = voiceCascadeIn(document, cascade);
    for (const [word, { accept }] of entries)
      if (own.includes(word)) setAccept(document, { cascade, word, accept, why });
    for (const stage of ['tiny', 'heavy'] as const) {
      if (way === 'shared') {
        // Of a word alone it would stand before what is written now.
        if (document.hasIn([...place, stage, 'wordThresholds']))
          document.deleteIn([...place, stage, 'wordThresholds']);
        if (first !== undefined)
          setWithWhy(document, [...place, stage, 'thresholds'], stages(first[1])[stage], why);
      } else if (words.length > 0) {
        const value = Object.fromEntries(words.map(([word, its]) => [word, stages(its)[stage]]));
        setWithWhy(document, [...place, stage, 'wordThresholds'], value, why);
      }
    }
  };
  editConfig(file, change);
}

/** A word of the owner's is believed from its own `accept`, and from nothing else. */
function setAccept(
  document: Document,
  { cascade, word, accept, why }: Readonly<Record<'cascade' | 'word' | 'why', string>> & { accept: number },
): void {
  const node = ownWordIn(document, cascade, word);
  if (node === null) return;
  node.set('accept', Number(Math.min(MOST_ACCEPT, Math.max(LEAST_ACCEPT, accept)).toFixed(3)));
  node.comment = ` ${why}`;
}

function whyOf({ from, wish, chosen }: Writing): string {
  const { missed, words, falseAccepts, hours } = chosen;
  const inHours = tellsRates(chosen) ? ` in ${hours.toFixed(2)} h` : '';
  return tunedToday(
    `from ${from}, ${tellWish(wish)}; ${missed} of ${words} missed, ${falseAccepts} false${inHours} there`,
  );
}

/** What stands beside a setting that was found today. */
export function tunedToday(why: string): string {
  return `catnap tune, ${new Date(systemClock.wallMs()).toISOString().slice(0, 10)}: ${why}`;
}

/** A wish in words. */
export function tellWish({ falseAcceptsPerHour, believedPerHour, weights }: Wish): string {
  const parts = [
    ...(falseAcceptsPerHour === null
      ? []
      : [`at most ${Number((falseAcceptsPerHour * 24).toPrecision(3))} false alarms a day`]),
    ...(believedPerHour === null
      ? []
      : [`at most ${Number((believedPerHour * 24).toPrecision(3))} cloud calls a day`]),
    ...(weights === null
      ? []
      : [`weighing cost ${weights.cost}, quality ${weights.quality}, latency ${weights.latency}`]),
  ];
  return parts.join(', ');
}
