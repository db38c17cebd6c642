/**
 * What Catnap takes of Zod, as the namespace that Zod's manual calls `z`. The build makes one file of this
 * module and of the parts of Zod behind these names: as a package, Zod is 120 modules in 50 languages that a
 * process would hold for as long as it runs.
 *
 * ```ts
 * import * as z from './zod.js';
 * ```
 */
export type { core, infer, input, RefinementCtx, ZodType } from 'zod';
export {
  array,
  boolean,
  custom,
  discriminatedUnion,
  enum,
  exactOptional,
  fromJSONSchema,
  int,
  literal,
  looseObject,
  number,
  object,
  preprocess,
  prettifyError,
  record,
  strictObject,
  string,
  toJSONSchema,
  tuple,
  union,
  unknown,
  url,
  ZodError,
} from 'zod';
