import type { CascadeEvent, EventOf } from '../core/events/events.js';
import type { Telemetry } from '../core/metering/telemetry.js';
import * as z from '../core/zod.js';
import type { EventCounts } from '../events/tally.js';
import type { BudgetUse } from '../uplink/accounts/budget.js';
import type { Done, Muted, PageCommand, Refusal } from './commands.js';

/** Recent level readings, column by column; all columns are equally long. Not finite numbers travel as null. */
export interface LevelColumns {
  readonly atMs: readonly number[];
  readonly levelDb: readonly (number | null)[];
  readonly floorDb: readonly (number | null)[];
  readonly gateOpen: readonly (0 | 1)[];
  readonly confidence: readonly (number | null)[];
  /** One row a reading, one value a channel; empty rows for audio. */
  readonly values: readonly (readonly (number | null)[])[];
}

/** A source as a late joiner needs it. */
export interface SourceSnapshot {
  readonly source: string;
  readonly description: Extract<Telemetry, { type: 'source' }> | null;
  readonly counters: Extract<Telemetry, { type: 'counters' }> | null;
  /** Cascade state of the newest reading, null before the first. */
  readonly state: string | null;
  readonly levels: LevelColumns;
}

/** A word of the owner's that is listened for. */
export interface OwnWordFacts {
  /** In events. */
  readonly label: string;
  /** As it is spelt; null: by its takes alone. */
  readonly say: string | null;
  readonly hasTakes: boolean;
  /** Confidence from which it is believed. */
  readonly accept: number;
}

/** What a visitor may want to know of the house. */
export interface HouseFacts {
  /** Name of the device. */
  readonly device: string;
  /** By source: the words it wakes for. */
  readonly words: Readonly<Record<string, readonly string[]>>;
  /** By source: those of the owner's; empty where none can be written, for the configuration stands nowhere. */
  readonly ownWords: Readonly<Record<string, readonly OwnWordFacts[]>>;
  /** How many takes of a word are recorded. */
  readonly takes: { readonly fewest: number; readonly most: number };
  /** What may be said after a word, one sentence an intent; slots stand in braces. */
  readonly sentences: readonly { readonly intent: string; readonly say: string }[];
}

/** What the server sends, one JSON text message each. `hello` comes first, once. */
export type ServerMessage =
  | {
      readonly type: 'hello';
      readonly protocol: number;
      readonly eventVersion: number;
      readonly run: string;
      readonly version: string;
      /** ISO 8601 wall time of the server. */
      readonly wallTime: string;
      /** Whether there is a provider to ask, and it may be asked. */
      readonly hasCloud: boolean;
      readonly history: readonly CascadeEvent[];
      /** Events of this run that are older than `history`. */
      readonly evicted: number;
      readonly sources: readonly SourceSnapshot[];
      readonly counts: EventCounts;
      /** Newest health event of each component. */
      readonly health: readonly EventOf<'health'>[];
      readonly muted: readonly Muted[];
      readonly budget: readonly BudgetUse[];
      readonly house: HouseFacts;
    }
  | { readonly type: 'event'; readonly event: CascadeEvent }
  | { readonly type: 'telemetry'; readonly reading: Telemetry }
  /** Which sources are muted from now on. */
  | { readonly type: 'muted'; readonly muted: readonly Muted[] }
  /** What is true of the house from now on. */
  | { readonly type: 'house'; readonly house: HouseFacts }
  /** What of every budget is used, whenever that changes. */
  | { readonly type: 'budget'; readonly budget: readonly BudgetUse[] }
  | CommandReply;

/** What came of the visitor's own command of that id, in a sentence. */
export type CommandReply =
  | ({ readonly type: 'done'; readonly id: number } & Omit<Done, 'isQuestion'>)
  | ({ readonly type: 'refused'; readonly id: number } & Refusal);

/** What a visitor may send. Anything else closes the connection with 1008. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  /** Telemetry on or off: a page nobody looks at switches it off. */
  z.strictObject({ type: z.literal('watch'), telemetry: z.boolean() }),
  /** Something to be done. One that is not understood is refused in a sentence, for who knows its id. */
  z.strictObject({
    type: z.literal('command'),
    id: z.int(),
    /** What the visitor calls itself. */
    as: z.string().max(40).optional(),
    command: z.unknown(),
  }),
]);

/** What a page sends. */
export type ClientMessage =
  | Extract<z.infer<typeof clientMessageSchema>, { type: 'watch' }>
  | { readonly type: 'command'; readonly id: number; readonly as?: string; readonly command: PageCommand };

/**
 * Close codes the server gives (RFC 6455 section 7.4.1 and IANA's registry); 1009, too big, is the library's
 * to give.
 */
export const CLOSE = {
  goingAway: 1001,
  policy: 1008,
  tryAgainLater: 1013,
} as const;
