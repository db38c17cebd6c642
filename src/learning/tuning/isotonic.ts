import type { Calibration } from '../../core/cascade/calibration.js';

/** A score, and whether what bore it was what it was taken for. */
export interface Scored {
  readonly score: number;
  readonly isRight: boolean;
}

interface Block {
  readonly first: number;
  readonly last: number;
  readonly right: number;
  readonly weight: number;
}

/** Nothing is surer than this, however well a few recordings are told apart. */
const SUREST = 0.98;

/**
 * Fits confidences that never fall as scores rise (isotonic regression by pooling adjacent violators: Zadrozny and
 * Elkan, 2002). Both kinds count alike in sum, however many there are of each, so that 0.5 lies where one is as
 * likely as the other.
 * @param scored of both kinds.
 */
export function isotonicFit(scored: readonly Scored[]): Calibration {
  const rights = scored.filter(({ isRight }) => isRight).length;
  const weightOf = (isRight: boolean) => 1 / (isRight ? rights : scored.length - rights);
  const blocks: Block[] = [];
  for (const { score, isRight } of [...scored].sort((a, b) => a.score - b.score)) {
    const weight = weightOf(isRight);
    let block: Block = { first: score, last: score, right: isRight ? weight : 0, weight };
    for (let below = blocks.at(-1); below !== undefined && joins(below, block); below = blocks.at(-1)) {
      blocks.pop();
      block = {
        first: below.first,
        last: block.last,
        right: below.right + block.right,
        weight: below.weight + block.weight,
      };
    }
    blocks.push(block);
  }
  const points = blocks.flatMap((block) => {
    const y = Math.min(SUREST, Math.max(1 - SUREST, shareOf(block)));
    return block.first === block.last
      ? [[block.first, y] as const]
      : [[block.first, y] as const, [block.last, y] as const];
  });
  return { kind: 'isotonic', x: points.map(([x]) => x), y: points.map(([, y]) => y) };
}

function joins(below: Block, above: Block): boolean {
  return below.last === above.first || shareOf(below) >= shareOf(above);
}

function shareOf({ right, weight }: Block): number {
  return right / weight;
}
