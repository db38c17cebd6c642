import { type CascadeEvent, type EventOf, wholeDetectionOf } from '../../../core/events/events.js';
import { type DetectionView, isBeside, withEvent } from './detection.js';

/** Entries kept; the oldest go first. */
export const FEED_MAX = 200;

/** One line of the feed. */
export type FeedEntry =
  | { readonly kind: 'detection'; readonly key: string; readonly detection: DetectionView }
  | { readonly kind: 'gap'; readonly key: string; readonly event: EventOf<'gap'>; readonly times: number }
  | { readonly kind: 'health'; readonly key: string; readonly event: EventOf<'health'> }
  | { readonly kind: 'command'; readonly key: string; readonly event: EventOf<'command'> }
  | { readonly kind: 'other'; readonly key: string; readonly event: CascadeEvent };

/** The feed, newest entry first; a detection stays where it began. */
export type Feed = readonly FeedEntry[];

/** The feed after one more event. Types this page does not know become entries of their own. */
export function feedWith(feed: Feed, event: CascadeEvent): Feed {
  if (event.type === 'shadow') return withShadow(feed, event);
  const whole = wholeDetectionOf(event);
  if (whole !== null) return withDetection(feed, whole, event);
  switch (event.type) {
    case 'health':
      return [{ kind: 'health' as const, key: event.id, event }, ...feed].slice(0, FEED_MAX);
    case 'gap':
      return withGap(feed, event);
    case 'command':
      // Shown where it belongs.
      if (event.command === 'label' && event.outcome === 'done') return feed;
      return [{ kind: 'command' as const, key: event.id, event }, ...feed].slice(0, FEED_MAX);
    default:
      return [{ kind: 'other' as const, key: (event as CascadeEvent).id, event }, ...feed].slice(0, FEED_MAX);
  }
}

function withDetection(feed: Feed, whole: string, event: CascadeEvent): Feed {
  const key = `detection/${whole}`;
  const index = feed.findIndex((entry) => entry.key === key);
  const before = feed[index];
  if (before?.kind === 'detection') {
    return feed.with(index, { ...before, detection: withEvent(before.detection, whole, event) });
  }
  // What somebody said of a detection that is not remembered is nothing to show.
  if (event.type === 'label') return feed;
  return [{ kind: 'detection' as const, key, detection: withEvent(undefined, whole, event) }, ...feed].slice(
    0,
    FEED_MAX,
  );
}

/** Beside what it is about; alone where only the candidate would believe it. */
function withShadow(feed: Feed, event: EventOf<'shadow'>): Feed {
  const index = feed.findIndex((entry) => entry.kind === 'detection' && isBeside(entry.detection, event));
  const before = feed[index];
  if (before?.kind === 'detection') {
    const { key } = before.detection;
    return feed.with(index, { ...before, detection: withEvent(before.detection, key, event) });
  }
  return event.believed ? withDetection(feed, wholeDetectionOf(event) ?? event.id, event) : feed;
}

/** Gaps in a row of one source and reason are one entry, so that a bad line does not push everything else out. */
function withGap(feed: Feed, event: EventOf<'gap'>): Feed {
  const newest = feed[0];
  if (
    newest?.kind === 'gap' &&
    newest.event.source === event.source &&
    newest.event.reason === event.reason
  ) {
    const joined = { ...event, lostSamples: newest.event.lostSamples + event.lostSamples };
    return feed.with(0, { ...newest, event: joined, times: newest.times + 1 });
  }
  return [{ kind: 'gap' as const, key: event.id, event, times: 1 }, ...feed].slice(0, FEED_MAX);
}
