import { createHash } from 'node:crypto';
import { appendFileSync, realpathSync, statSync } from 'node:fs';
import { parseJson } from '../core/json.js';
import * as z from '../core/zod.js';
import { linesIfThere } from '../files/lines.js';
import { version } from '../runtime/process/version.js';

const lineSchema = z.looseObject({ key: z.string() });

/**
 * The scores of recordings that were heard before, in a file: a JSON line each, added as soon as it was heard, so that
 * a run that was broken off goes on where it was. A recording is known by its path, size and time; a cascade by its
 * settings, the checksums of its weights, and the version that heard it. A line of another recording or cascade stays
 * where it is, unused.
 */
export class KeptScores {
  readonly #file: string | null;
  readonly #known = new Map<string, unknown>();

  /** @param file where they are kept; null: nowhere */
  constructor(file: string | null) {
    this.#file = file;
    const lines = file === null ? [] : linesIfThere(file);
    // Half a line that was left must not take the next one with it.
    if (file !== null && (lines.at(-1) ?? '') !== '') appendFileSync(file, '\n');
    for (const line of lines) {
      const { data } = lineSchema.safeParse(parseJson(line));
      if (data !== undefined) this.#known.set(data.key, data);
    }
  }

  /**
   * The scores of a recording, as they were heard before with that cascade, or as `hear` gives them.
   * @param schema what they are like; kept ones that are not are heard again
   */
  async of<Scores extends object>(
    cascade: string,
    path: string,
    schema: z.ZodType<Scores>,
    hear: () => Promise<Scores>,
  ): Promise<Scores> {
    if (this.#file === null) return hear();
    const { size, mtimeMs } = statSync(path);
    const key = digestOf([cascade, realpathSync(path), size, mtimeMs]);
    const known = schema.safeParse(this.#known.get(key));
    if (known.success) return known.data;
    const heard = await hear();
    appendFileSync(this.#file, `${JSON.stringify({ key, ...heard })}\n`, { mode: 0o600 });
    return heard;
  }
}

/** What tells a cascade from others: of its settings and its plan, which holds the checksums of its weights. */
export function cascadeKey(config: unknown, plan: unknown): string {
  return digestOf([version, config, plan]);
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}
