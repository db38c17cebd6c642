import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { CatnapError } from '../core/errors.js';
import { refusalOfTake, type TakesGathered, type TakesJudges } from '../voice/words/gather-takes.js';
import type { Take } from '../voice/words/takes.js';
import { oddOf } from '../voice/words/takes-point.js';
import { type MicrophoneOptions, openCapture, record } from './record.js';

const TAKE_SECONDS = 2.5;
/** Said wrong so often, something else is wrong. */
const MOST_TRIES = 3;

/** What is recorded. */
export interface TakesAsked extends MicrophoneOptions {
  /** How many takes. */
  readonly takes: number;
}

/** Asks for one take after the other, and again for one that is of something else than the others. */
export async function recordTakes(
  to: string,
  asked: TakesAsked,
  { network, judge }: TakesJudges,
): Promise<TakesGathered> {
  const capture = await openCapture(asked);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const takes: Take[] = [];
  let recorded = 0;
  let tries = 0;
  const again = (why: string): void => {
    tries += 1;
    if (tries === MOST_TRIES) throw new CatnapError('SOURCE_FORMAT', `take ${takes.length + 1}: ${why}`);
    process.stderr.write(`${why}; once more.\n`);
  };
  try {
    for (;;) {
      await terminal.question(
        `Take ${takes.length + 1} of ${asked.takes}: press Enter, then say it once within ${TAKE_SECONDS} s. `,
      );
      recorded += 1;
      const file = join(to, `${String(recorded).padStart(2, '0')}.wav`);
      await record(file, capture, TAKE_SECONDS);
      const why = await refusalOfTake(file, takes, network);
      if (why !== null) {
        rmSync(file);
        again(why);
        continue;
      }
      if (takes.length < asked.takes) {
        tries = 0;
        continue;
      }
      const point = await judge(takes);
      const odd = oddOf(point.confidences);
      if (odd === null) return { leftOut: [], point };
      for (const { file: of } of takes.splice(odd, 1)) rmSync(of);
      again(`take ${odd + 1} is of something else than the others`);
    }
  } finally {
    terminal.close();
  }
}
