import { logit, sigmoid } from '../../core/cascade/calibration.js';
import { type CascadeEvent, type EventOf, wholeDetectionOf } from '../../core/events/events.js';
import { mostPerHour } from '../../core/intervals.js';
import type { OwnWordConfig } from './config.js';
import { EVEN_ACCEPT } from './own-word.js';

/** What asking for more costs: of 162 recordings of nine words, the share missed that is not at {@link EVEN_ACCEPT}. */
const COSTS: readonly (readonly [accept: number, missedMore: number])[] = [
  [0.5, 0],
  [0.7, 0.012],
  [0.8, 0.031],
  [0.9, 0.043],
];
/** More is not asked: the word would be missed too often. */
const MOST_ACCEPT = 0.9;
/** As far above the surest of what was none, in logits: the room has not said its worst in so short a time. */
const MARGIN = 0.5;

/** From which confidence a word is believed, and what stands behind it. */
export interface OperatingPoint {
  readonly accept: number;
  /** How often something in the room came into question; nobody said the word. */
  readonly nearWakes: number;
  /** The surest of them; null for none. */
  readonly highest: number | null;
  /** As many of them would be believed. */
  readonly falseAccepts: number;
  /** The highest rate that was heard so seldom by chance in one of twenty rooms. */
  readonly mostFalseAcceptsPerHour: number;
  /** Share of the times it is said that is missed on top. */
  readonly missedMore: number;
  /** Of what was said to be right, as many would no longer be believed. */
  readonly rightLost: number;
}

/** A word in a room. */
export interface Heard {
  /** Confidences of what was not the word. */
  readonly wrong: readonly number[];
  /** Confidences of what somebody said was the word. */
  readonly right: readonly number[];
  readonly hours: number;
  /** From where it is believed where nothing comes near it. */
  readonly least: number;
}

/**
 * Sets a word's operating point so that nothing that the room said would be believed, with a margin, as far as the word
 * can bear it, and never below the least: a room that was still for a while promises nothing.
 */
export function operatingPoint({ wrong, right, hours, least }: Heard): OperatingPoint {
  const highest = wrong.length === 0 ? null : Math.max(...wrong);
  const wanted = highest === null ? least : Math.ceil(100 * sigmoid(logit(highest) + MARGIN)) / 100;
  const accept = Math.max(least, Math.min(MOST_ACCEPT, wanted));
  const falseAccepts = wrong.filter((confidence) => confidence >= accept).length;
  return {
    accept,
    nearWakes: wrong.length,
    highest,
    falseAccepts,
    mostFalseAcceptsPerHour: mostPerHour(falseAccepts, hours),
    missedMore: costOf(accept),
    rightLost: right.filter((confidence) => confidence < accept).length,
  };
}

/**
 * From where a word is believed in a room where nothing comes near it: the point of all words, or what takes set below
 * it. What only takes judge stays where it is, for how much is asked of it is up to how like each other they are.
 */
export function leastAccept(word: OwnWordConfig): number {
  const { accept = EVEN_ACCEPT } = word;
  return 'say' in word ? Math.min(accept, EVEN_ACCEPT) : accept;
}

/** Between the operating points that were measured, on a line. */
function costOf(accept: number): number {
  const above = COSTS.findIndex(([point]) => point >= accept);
  const [high, highCost] = COSTS[above] ?? [MOST_ACCEPT, 0];
  const [low, lowCost] = COSTS[above - 1] ?? [high, highCost];
  return high === low ? highCost : lowCost + ((accept - low) / (high - low)) * (highCost - lowCost);
}

interface Wake {
  readonly label: string;
  readonly confidence: number;
  readonly isBelieved: boolean;
  said: 'right' | 'wrong' | null;
  saidAt: string;
}

/** Wakes kept; the oldest go first, and with them what was said of them. */
const MOST_WAKES = 10_000;

/** Reads events in their order for what woke Catnap, or nearly did. */
export class NearWakes {
  readonly #wakes = new Map<string, Wake>();

  /** @param isWordless nobody said a word: what was believed was wrong, too */
  constructor(private readonly isWordless: boolean) {}

  /** Takes the next event. */
  take(event: CascadeEvent): void {
    const detection = wholeDetectionOf(event);
    if (detection === null) return;
    if (event.type === 'verified' || event.type === 'refused') this.#judged(detection, event);
    // What a folder of clips says is to be tuned on, and moves no word by itself.
    if (event.type === 'label' && event.witness !== 'folder') this.#said(detection, event);
  }

  /** What the room said of a word. */
  of(label: string): Pick<Heard, 'wrong' | 'right'> {
    const wakes = [...this.#wakes.values()].filter((wake) => wake.label === label);
    const confidences = (kept: (wake: Wake) => boolean) =>
      wakes.filter(kept).map(({ confidence }) => confidence);
    return {
      wrong: confidences(({ said, isBelieved }) => said === 'wrong' || (said === null && !isBelieved)),
      right: confidences(({ said }) => said === 'right'),
    };
  }

  #judged(detection: string, { type, label, trail }: EventOf<'verified' | 'refused'>): void {
    // What is refused after it was believed, as an order nobody gave, was a wake all the same.
    if (this.#wakes.has(detection)) return;
    const [, ...later] = trail;
    const sure = later.flatMap((entry) => (entry.kind === 'abstain' ? [] : [entry.confidence]));
    if (sure.length === 0) return;
    const isBelieved = type === 'verified' && !this.isWordless;
    this.#wakes.set(detection, { label, confidence: Math.max(...sure), isBelieved, said: null, saidAt: '' });
    const [oldest] = this.#wakes.keys();
    if (this.#wakes.size > MOST_WAKES && oldest !== undefined) this.#wakes.delete(oldest);
  }

  #said(detection: string, { verdict, measured }: EventOf<'label'>): void {
    const wake = this.#wakes.get(detection);
    const saidAt = measured?.wallTime ?? '';
    if (wake === undefined || saidAt < wake.saidAt) return;
    wake.said = verdict;
    wake.saidAt = saidAt;
  }
}
