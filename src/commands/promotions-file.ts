import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../core/json.js';
import * as z from '../core/zod.js';
import { linesIfThere } from '../files/lines.js';
import { makePrivateFolderSync } from '../files/private-folder.js';
import { systemClock } from '../runtime/process/system-clock.js';

/** Below the state folder: which cascades took which one's place, oldest first. */
const PROMOTIONS_FILE = 'promotions.jsonl';

const promotionSchema = z.strictObject({
  /** ISO 8601 wall time. */
  at: z.string(),
  source: z.string(),
  /** What the source went by before, and from then on. */
  from: z.string(),
  to: z.string(),
  /** It took back an earlier one. */
  isRollback: z.boolean(),
});

export type Promotion = z.infer<typeof promotionSchema>;

/** One that is made now. */
export function promotionNow(promotion: Omit<Promotion, 'at'>): Promotion {
  return { at: new Date(systemClock.wallMs()).toISOString(), ...promotion };
}

/** Adds one. Throws what the file system throws. */
export function keepPromotion(stateDir: string, promotion: Promotion): void {
  makePrivateFolderSync(stateDir);
  appendFileSync(join(stateDir, PROMOTIONS_FILE), `${JSON.stringify(promotion)}\n`, { mode: 0o600 });
}

/**
 * The newest promotion of a source, for it to be taken back; null where there is none, it was taken back already, or
 * the source goes by something else now.
 */
export function promotionToTakeBack(
  stateDir: string,
  source: string,
  now: string | undefined,
): Promotion | null {
  const newest = keptPromotions(stateDir).findLast((promotion) => promotion.source === source);
  return newest === undefined || newest.isRollback || newest.to !== now ? null : newest;
}

/** All of a state folder, oldest first; none where there is no file. What is damaged is left out. */
function keptPromotions(stateDir: string): readonly Promotion[] {
  return linesIfThere(join(stateDir, PROMOTIONS_FILE)).flatMap(
    (line) => promotionSchema.safeParse(parseJson(line)).data ?? [],
  );
}
