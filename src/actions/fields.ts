import type { TrailEntry } from '../core/events/events.js';
import { explanationOf } from '../core/events/steps.js';
import type { Fields } from './placeholders.js';

/** What has no judgement behind it. */
const NO_FIGURES = { channels: '', confidence: '' } as const;

/** What is known of that for which an action is done. */
export interface Occasion {
  readonly source: string;
  readonly label: string | null;
  readonly transcript?: string | null;
  /** When it was, ISO 8601; left out where that is not told. */
  readonly at: string | undefined;
  readonly trail: readonly TrailEntry[] | null;
}

/** The fields that a text of an action may name; what is not known is empty. */
export function fieldsOf(intent: string, { source, label, transcript, at, trail }: Occasion): Fields {
  const about = { intent, source, label: label ?? '', transcript: transcript ?? '', at: at ?? '' };
  return { ...about, ...figuresOf(trail ?? []) };
}

/** What the stages say: the last that judged is the surest, and names the channels that did most. */
function figuresOf(trail: readonly TrailEntry[]): Pick<Fields, 'channels' | 'confidence'> {
  const last = trail.flatMap((entry) => (entry.kind === 'abstain' ? [] : [entry])).at(-1);
  if (last === undefined) return NO_FIGURES;
  const channels = [...new Set(explanationOf(trail).map(({ channel }) => channel))].join(', ');
  return { channels, confidence: last.confidence.toFixed(2) };
}
