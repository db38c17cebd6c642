import { bucketOf, SHAPE_NAMES, type TextFeatures, textFeatures } from './text-features.js';

/** What is known of a question before anybody is asked. */
export interface Situation {
  /** Null where there was none, or it may not leave. */
  readonly transcript: string | null;
  /** What the policy on the device decided on: confidences, milliseconds of speech, unknown words. */
  readonly local: Readonly<Record<string, number>>;
  readonly source: string;
  /** ISO 8601. */
  readonly wallTime: string;
}

const HOURS = 24;

const FIGURES = {
  'how sure tiny was': ({ local }: Situation) => local.tiny ?? 0,
  'how sure heavy was': ({ local }: Situation) => local.heavy ?? 0,
  'how sure the recogniser was': ({ local }: Situation) => local.recognition ?? 0,
  'length of the speech': ({ local }: Situation) => Math.log1p(local.utteranceMs ?? 0),
  'words that no order has': ({ local }: Situation) => Math.log1p(local.unknownWords ?? 0),
  'other sources': ({ local }: Situation) => local.otherSources ?? 0,
  'time of day': (situation: Situation) => Math.sin(angleOf(situation)),
  'day or night': (situation: Situation) => Math.cos(angleOf(situation)),
} as const;

/** What the figures of {@link eventFeatures} are called, in their order: of the text, then of the situation. */
export const EVENT_NAMES: readonly string[] = [...SHAPE_NAMES, ...Object.keys(FIGURES)];

/** A question as a router sees it: what was said, how sure the stages were, when and where. */
export function eventFeatures(situation: Situation): TextFeatures {
  const text = textFeatures(situation.transcript ?? '');
  const figures = Object.values(FIGURES).map((figure) => figure(situation));
  return {
    shape: Float64Array.from([...text.shape, ...figures]),
    // No word of a text has a space in it.
    words: [...text.words, bucketOf(`source ${situation.source}`)],
  };
}

/** The hour on a circle, by UTC: a house keeps its hours from one day to the next. */
function angleOf({ wallTime }: Situation): number {
  const date = new Date(wallTime);
  const hours = date.getUTCHours() + date.getUTCMinutes() / 60;
  return Number.isFinite(hours) ? (2 * Math.PI * hours) / HOURS : 0;
}
