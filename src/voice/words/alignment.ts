import type { Phones } from './phones.js';
import { type Emissions, type Match, SKIP_COST } from './search.js';

/**
 * How far each phone of a word is behind the best path where the word was found: a Viterbi path through the steps of
 * the match, from its first phone or the second to the last or the one before. 0 at best; a phone that is left out has
 * what the search asks for that.
 */
export function phoneScores(emissions: Emissions, phones: Phones, { start, end }: Match): readonly number[] {
  emissions.prepare(phones);
  const none = phones.map(() => 0);
  let paths: readonly (Path | null)[] = phones.map((phone, i) =>
    i > 1
      ? null
      : heard(
          i === 0 ? { sum: 0, scores: none } : skipped({ sum: 0, scores: none }, 0),
          i,
          emissions.of(start, phone),
        ),
  );
  for (let step = start + 1; step < end; step++) {
    const before = paths;
    const quiet = emissions.silence(step);
    paths = phones.map((phone, i) => {
      const stays = before[i] ?? null;
      const [last, further] = [before[i - 1] ?? null, before[i - 2] ?? null];
      const entered = surer(last, further === null ? null : skipped(further, i - 1));
      const sounds = emissions.of(step, phone);
      // What is neither this phone nor the one before is the silence between them.
      return surer(
        stays === null ? null : heard(stays, i, Math.max(sounds, quiet)),
        entered === null ? null : heard(entered, i, sounds),
      );
    });
  }
  const [whole, short] = [paths.at(-1) ?? null, phones.length < 2 ? null : (paths.at(-2) ?? null)];
  return (
    surer(whole, short === null ? null : heard(short, phones.length - 1, -emissions.endCost))?.scores ?? none
  );
}

/** A way through the phones so far: what it lacks in all, and at each phone. */
interface Path {
  readonly sum: number;
  readonly scores: readonly number[];
}

function heard(path: Path, phone: number, score: number): Path {
  return { sum: path.sum + score, scores: path.scores.with(phone, (path.scores[phone] ?? 0) + score) };
}

function skipped(path: Path, phone: number): Path {
  return heard(path, phone, -SKIP_COST);
}

function surer(one: Path | null, other: Path | null): Path | null {
  if (one === null || other === null) return one ?? other;
  return other.sum > one.sum ? other : one;
}
