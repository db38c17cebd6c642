import type { ErrorCode } from '../core/errors.js';
import type { WordOutlook } from '../core/word-outlook.js';
import { asMeant } from '../core/words.js';
import * as z from '../core/zod.js';

/** Longest that a source is muted for, unless it is until somebody says otherwise. */
export const MUTE_MAX_MS = 24 * 3_600_000;

/** Longest recording of a word, and as base64. */
const TAKE_MAX_SECONDS = 3;
const TAKE_MAX_CHARACTERS = (4 / 3) * TAKE_MAX_SECONDS * 32_000;

const source = z.string().min(1).max(64);
/** A word of the owner's, as it is spelt. */
const say = z
  .string()
  .overwrite(asMeant)
  .min(1)
  .max(60)
  .regex(/\p{L}/u, {
    error: ({ input }) => `expected a word or phrase in letters, found ${JSON.stringify(input)}`,
  });
const ipa = z.array(z.string().trim().min(1).max(120)).max(8).readonly();
/** What a person calls a thing. */
const name = z.string().trim().min(1).max(80);

/**
 * What a visitor may ask for, one line a command. What each does stands in `src/runtime/page/`, in a table over these
 * keys: one that is missing there does not compile.
 */
const COMMANDS = {
  /** Does not listen to a source, or with null to any, for so long; with null until it is unmuted. */
  mute: z.strictObject({
    kind: z.literal('mute'),
    source: source.nullable(),
    forMs: z.int().min(1000).max(MUTE_MAX_MS).nullable(),
  }),
  /** Listens again. */
  unmute: z.strictObject({ kind: z.literal('unmute'), source: source.nullable() }),
  /** Asks no cloud, or may again: what is heard stays on this device and in the house. */
  offline: z.strictObject({ kind: z.literal('offline'), isOn: z.boolean() }),
  /** Says of a detection, by `<run>/<detection>`, that it was right or wrong, and what it was where that is known. */
  label: z.strictObject({
    kind: z.literal('label'),
    detection: z.string().min(1).max(200),
    verdict: z.enum(['right', 'wrong']),
    was: name.nullable(),
  }),
  /** Gives the fault of a detection a name, under which it is known when it comes again. */
  'name-fault': z.strictObject({
    kind: z.literal('name-fault'),
    detection: z.string().min(1).max(200),
    name,
  }),
  /** Calls a known fault otherwise. */
  'rename-fault': z.strictObject({ kind: z.literal('rename-fault'), source, from: name, to: name }),
  /** Forgets the name of a known fault. */
  'forget-fault': z.strictObject({ kind: z.literal('forget-fault'), source, name }),
  /** Asks what faults a source knows by name, and which were confirmed lately. */
  'known-faults': z.strictObject({ kind: z.literal('known-faults'), source }),
  /** Forgets what is normal for a source, and learns it from now on. */
  'learn-again': z.strictObject({ kind: z.literal('learn-again'), source }),
  /** Sets a threshold of a stage, until the next start. */
  threshold: z.strictObject({
    kind: z.literal('threshold'),
    source,
    stage: z.enum(['tiny', 'heavy']),
    bound: z.enum(['accept', 'reject']),
    value: z.number().min(0).max(1),
  }),
  /** Sets the threshold of a source that was set last as it was before. */
  'undo-threshold': z.strictObject({ kind: z.literal('undo-threshold'), source }),
  /** Asks what other thresholds would have made of the last days of a source. */
  'what-if': z.strictObject({
    kind: z.literal('what-if'),
    source,
    days: z.int().min(1).max(366),
    changes: z.strictObject({
      'tiny.reject': z.number().min(0).max(1).optional(),
      'heavy.accept': z.number().min(0).max(1).optional(),
    }),
  }),
  /** Asks how a word of the owner's is said, and what to expect of it. */
  'report-word': z.strictObject({ kind: z.literal('report-word'), source, say, ipa }),
  /** Listens for a word from now on; `anyway`: also where it is too short to work. */
  'add-word': z.strictObject({ kind: z.literal('add-word'), source, say, ipa, anyway: z.boolean() }),
  /** Listens for a word no longer; `anyway`: also where more is said of it, which goes with it. */
  'remove-word': z.strictObject({
    kind: z.literal('remove-word'),
    source,
    label: name,
    anyway: z.boolean().default(false),
  }),
  /** Hands over a recording of a word: mono, 16 kHz, 16 bits, little-endian; `isFirst`: those before are forgotten. */
  take: z.strictObject({
    kind: z.literal('take'),
    source,
    say,
    isFirst: z.boolean(),
    pcm: z
      .string()
      .max(TAKE_MAX_CHARACTERS)
      .regex(/^[\w+/]+={0,2}$/, 'base64'),
  }),
  /** Listens for a word by the takes that were handed over; not `isSpelt`: by them alone. */
  'keep-takes': z.strictObject({ kind: z.literal('keep-takes'), source, say, ipa, isSpelt: z.boolean() }),
  /** Asks for the front of the last days of a source, as a drawing. */
  front: z.strictObject({ kind: z.literal('front'), source, days: z.int().min(1).max(366) }),
  /** Asks whether the stages of a source were as often right as they were sure. */
  reliability: z.strictObject({ kind: z.literal('reliability'), source, days: z.int().min(1).max(366) }),
} as const;

type Commands = typeof COMMANDS;
export type PageCommandKind = keyof Commands;
export type PageCommandOf<Kind extends PageCommandKind> = z.infer<Commands[Kind]>;
/** What a visitor asks for. */
export type PageCommand = PageCommandOf<PageCommandKind>;

/** A source that is not listened to. */
export interface Muted {
  readonly source: string;
  /** ISO 8601 wall time at which it is listened to again; null: when somebody says so. */
  readonly until: string | null;
  readonly by: string;
}

/** What a name stands for, or a fault that was confirmed lately and has none. */
export interface KnownFault {
  readonly name: string | null;
  /** What moved most in each example that was given the name, the newest first; or in the fault that has none. */
  readonly looks: readonly string[];
  /** How many of the faults that were confirmed lately are known by it now. */
  readonly seen: number;
  /** The newest of these as it was told; null where that is not remembered. */
  readonly last: { readonly wallTime: string; readonly detection: string } | null;
}

/** What came of a command. */
export interface Done {
  /** What was done, for a person. */
  readonly detail: string;
  /** Nothing was done: it was a question, which is not written down. */
  readonly isQuestion?: boolean;
  /** A drawing that goes with it. */
  readonly svg?: string;
  readonly word?: WordOutlook;
  /** How many takes of a word there are now; another page may have begun another word meanwhile. */
  readonly takes?: number;
  readonly faults?: readonly KnownFault[];
}

/** Why something was not done. */
export interface Refusal {
  /** So that nobody has to match wording. */
  readonly code: ErrorCode;
  /** For a person. */
  readonly detail: string;
}

/**
 * Does what a visitor asks for.
 * @param by who asked, as it stands in the journal
 * @throws CatnapError with a sentence for the visitor when it is not to be done; its code is told, too.
 */
export type RunCommand = (command: PageCommand, by: string) => Promise<Done>;

/** A command, or in a sentence what is wrong with it. */
export function parseCommand(found: unknown): { readonly command: PageCommand } | { readonly fault: string } {
  const kind = typeof found === 'object' && found !== null && 'kind' in found ? found.kind : undefined;
  if (typeof kind !== 'string' || !Object.hasOwn(COMMANDS, kind)) {
    const known = Object.keys(COMMANDS).join(', ');
    return { fault: `expected a command of ${known}; found ${JSON.stringify(kind)?.slice(0, 40) ?? 'none'}` };
  }
  const checked = COMMANDS[kind as PageCommandKind].safeParse(found);
  if (checked.success) return { command: checked.data };
  const issue = checked.error.issues[0];
  return { fault: `${[kind, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'not understood'}` };
}
