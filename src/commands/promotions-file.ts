import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../core/json.js';
import * as z from '../core/zod.js';
import { linesIfThere } from '../files/lines.js';
import { makePrivateFolderSync } from '../files/private-folder.js';

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

/** Adds one. Throws what the file system throws. */
export function keepPromotion(stateDir: string, promotion: Promotion): void {
  makePrivateFolderSync(stateDir);
  appendFileSync(join(stateDir, PROMOTIONS_FILE), `${JSON.stringify(promotion)}\n`, { mode: 0o600 });
}

/** All of a state folder, oldest first; none where there is no file. What is damaged is left out. */
export function keptPromotions(stateDir: string): readonly Promotion[] {
  return linesIfThere(join(stateDir, PROMOTIONS_FILE)).flatMap(
    (line) => promotionSchema.safeParse(parseJson(line)).data ?? [],
  );
}
