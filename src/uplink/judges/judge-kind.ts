import type { SettingFault, Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import type { Opinion } from '../../learning/judges/opinion.js';
import type { Answer } from '../providers/answer.js';
import type { Upload } from '../queue/upload.js';

/** A judge as the uplink knows it; the rest of its settings is its kind's own. */
export interface JudgeConfig {
  readonly kind: string;
  /** Confidence from which on an answer is good enough. */
  readonly accept: number;
}

/** What a judge may ask for beside the answer. */
export interface JudgeEdges {
  /**
   * A second answer to the same question, of a provider or of the one that gave the first. Null where it cannot be had:
   * nobody there, or no budget.
   */
  another(provider: string | null): Promise<Answer | null>;
}

/** Looks at an answer that passed its schema and the guardrails: whether it will do. Never throws. */
export interface Judge {
  judge(answer: Answer, upload: Upload, edges: JudgeEdges): Opinion | Promise<Opinion>;
}

/** Where a judge stands. */
export interface JudgePlace {
  /** What relative paths are relative to. */
  readonly folder: string;
  /** Names of the providers there are. */
  readonly providers: readonly string[];
}

/** A kind of judge: its settings and its code. */
export interface JudgeKind<Config extends JudgeConfig> {
  readonly kind: Config['kind'];
  /** The settings, for a configuration. */
  schema(z: Zod): z.ZodType<Config>;
  /** What is wrong with the settings on this machine, whenever they are tried. */
  faults?(config: Config, place: JudgePlace): readonly SettingFault[];
  /** Makes the judge. Throws `CONFIG_INVALID` for what the schema could not see. */
  create(config: Config, place: Pick<JudgePlace, 'folder'>): Judge;
}

/** The bar that every judge has. */
export const acceptSetting = (z: Zod, fallback: number) =>
  z
    .number()
    .min(0)
    .max(1)
    .default(fallback)
    .describe('Confidence from which on an answer is good enough; below it the next provider is asked.');
