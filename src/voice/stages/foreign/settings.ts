import { existsSync } from 'node:fs';
import type { SettingFault, SettingsSchema, Zod } from '../../../core/kind.js';
import { readWakeFile, type WakeFamily } from '../../../models/wake-file.js';

/** A model of somebody else's, and what its file does not say. */
export interface ForeignModel {
  /** Its file. */
  readonly model: string;
  readonly name?: string | undefined;
  /** As it is spelt, for the verifier; null: nobody verifies it. */
  readonly say?: string | null | undefined;
  readonly ipa?: readonly string[] | undefined;
}

/** Settings of a stage that listens through models of one family. */
export interface ForeignSettings {
  readonly kind: WakeFamily;
  readonly models: readonly (string | ForeignModel)[];
}

/** The models of a setting, each with what is said of it. */
export function modelsOf({ models }: ForeignSettings): readonly ForeignModel[] {
  return models.map((model) => (typeof model === 'string' ? { model } : model));
}

/** What a configuration says of them. */
export function foreignSchema(z: Zod, kind: WakeFamily, about: string): SettingsSchema<ForeignSettings> {
  const file = z.string().min(1).describe('File of the wake word, relative to this file.');
  return z.strictObject({
    kind: z.literal(kind).describe(about),
    models: z
      .array(
        z.union([
          file,
          z.strictObject({
            model: file,
            name: z.string().min(1).optional().describe('Label in events; omitted, as the file says.'),
            say: z
              .string()
              .regex(/\p{L}/u, 'a word or phrase in letters')
              .nullable()
              .optional()
              .describe('The word as it is spelt, for the verifier; null: it is not verified.'),
            ipa: z.array(z.string().min(1)).min(1).optional().describe('How it is said, in IPA.'),
          }),
        ]),
      )
      .min(1)
      .describe('Files of wake words, any number; what they compute alike is computed once.'),
  });
}

/** Label in events of a model's word; without its file, what the setting says. */
export function labelOfModel({ model, name }: ForeignModel): string {
  return name ?? readWakeFile(model).name;
}

/** What is wrong with a model's file before it is read. */
export function faultsOfFile(path: string, at: readonly PropertyKey[]): readonly SettingFault[] {
  if (existsSync(path)) return [];
  return [{ path: at, message: `expected a model at ${path}, found none` }];
}
