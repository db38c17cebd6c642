import type { CascadeEvent } from '../../core/events/events.js';
import type { BareEvent } from '../../core/events/stamp.js';
import type { StageThresholds } from '../../core/thresholds.js';
import type { WordOutlook } from '../../core/word-outlook.js';
import type { Done, PageCommandKind, PageCommandOf } from '../../dashboard/commands.js';
import type { WakeThresholds } from '../../learning/tuning/tuning.js';
import type { TakesLeft } from '../../voice/words/forget-takes.js';
import type { TakesKept } from '../../voice/words/gather-takes.js';
import type { WordAsked } from '../../voice/words/word-report.js';
import type { WordPoints } from './false-wake.js';
import type { Mutes } from './mutes.js';
import type { OfflineSwitch } from './offline-switch.js';

type ThresholdOfPage = Omit<PageCommandOf<'threshold'>, 'kind' | 'value'>;

/** Sets thresholds while Catnap runs. */
interface Thresholding {
  of(source: string): StageThresholds;
  set(name: ThresholdOfPage, value: number): Promise<{ readonly before: number; readonly isSet: boolean }>;
  undo(source: string): Promise<{ readonly name: ThresholdOfPage; readonly value: number }>;
}

/** Knows what other thresholds would have made of the past. */
interface Past {
  ask(source: string, days: number, changes: PageCommandOf<'what-if'>['changes']): Promise<string>;
  reliability(source: string, days: number): Promise<string>;
  front(
    source: string,
    days: number,
    inForce: WakeThresholds,
  ): Promise<{ readonly detail: string; readonly svg: string }>;
}

/** What went with a word that is listened for no longer. */
export interface RemovedWord {
  /** What else was said of it, as it stood there: `cascades.voice.leadsTo.hey_pumpkin: lights`. */
  readonly along: readonly string[];
  /** What became of its takes; null: it had none. */
  readonly takes: TakesLeft | null;
}

/** Does with words of the owner's what `catnap words` does; each throws a sentence for the visitor. */
export interface OwnWordsDesk {
  report(source: string, asked: WordAsked): Promise<WordOutlook>;
  /** @returns its label. */
  add(source: string, asked: WordAsked, anyway: boolean): Promise<string>;
  remove(source: string, label: string, anyway: boolean): RemovedWord;
  /** @returns how many takes there are, and why this one is none of them where it is not. */
  take(
    say: string,
    samples: Int16Array,
    isFirst: boolean,
  ): Promise<{ readonly count: number; readonly refusal: string | null }>;
  keep(source: string, asked: WordAsked, isSpelt: boolean): Promise<TakesKept>;
}

/** What commands may touch. */
export interface House {
  /** Ids of the sources. */
  readonly sources: readonly string[];
  /** Of these, those that learn what is normal. */
  readonly sensors: readonly string[];
  readonly mutes: Mutes;
  readonly offline: OfflineSwitch;
  readonly thresholds: Thresholding;
  readonly past: Past;
  readonly words: WordPoints;
  readonly ownWords: OwnWordsDesk;
  readonly stateDir: string;
  /** The newest events, oldest first, as far as a visitor can see them. */
  readonly history: () => readonly CascadeEvent[];
  /** Tells of something, in the journal too. */
  readonly publish: (event: BareEvent) => void;
}

/**
 * Does a command.
 * @param by who asked
 * @throws CatnapError with a sentence for the visitor when it is not to be done.
 */
export type CommandOfPage<Kind extends PageCommandKind> = (
  command: PageCommandOf<Kind>,
  house: House,
  by: string,
) => Done | Promise<Done>;
