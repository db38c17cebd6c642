import { signal } from '@preact/signals';
import type { CascadeEvent } from '../../../core/events/events.js';
import type { FeedEntry } from '../model/feed.js';
import { count, counted, moment } from '../model/format.js';
import { evicted, feed } from '../model/store.js';
import { gapText, sentence } from '../model/words.js';
import { DetectionCard } from './detection-card.js';
import { Unknown } from './unknown.js';

const FILTERS = {
  all: { name: 'All', shows: () => true },
  local: { name: 'Settled', shows: (entry: FeedEntry) => outcomeOf(entry) === 'settled' },
  cloud: {
    name: 'Cloud',
    shows: (entry: FeedEntry) =>
      ['escalated', 'answered', 'undelivered', 'unanswered'].includes(outcomeOf(entry)),
  },
  refused: { name: 'Refused', shows: (entry: FeedEntry) => outcomeOf(entry) === 'refused' },
  health: { name: 'Health', shows: (entry: FeedEntry) => entry.kind !== 'detection' },
} as const;

const filter = signal<keyof typeof FILTERS>('all');

function outcomeOf(entry: FeedEntry): string {
  return entry.kind === 'detection' ? entry.detection.outcome : '';
}

/** What happened, newest first. */
export function FeedPanel() {
  const entries = feed.value.filter(FILTERS[filter.value].shows);
  return (
    <section class="feed" aria-label="Events">
      <div class="feed-head">
        <h2>Events</h2>
        <span class="spacer" />
        <fieldset class="filters" aria-label="Show">
          {(Object.keys(FILTERS) as (keyof typeof FILTERS)[]).map((key) => (
            <button
              type="button"
              key={key}
              aria-pressed={filter.value === key}
              onClick={() => {
                filter.value = key;
              }}
            >
              {FILTERS[key].name}
            </button>
          ))}
        </fieldset>
      </div>
      <ol class="entries">
        {entries.length === 0 ? (
          <li class="empty card">Nothing yet. It naps until something matters.</li>
        ) : (
          entries.map((entry) => (
            <li key={entry.key}>
              <Entry entry={entry} />
            </li>
          ))
        )}
      </ol>
      {evicted.value > 0 ? (
        <p class="muted small">{counted(evicted.value, 'older event')} in the journal.</p>
      ) : null}
    </section>
  );
}

function Entry({ entry }: { readonly entry: FeedEntry }) {
  switch (entry.kind) {
    case 'detection':
      return <DetectionCard detection={entry.detection} />;
    case 'health': {
      const { component, state, detail, code } = entry.event;
      const tone =
        code === 'OK' ? (state === 'ok' ? 'good' : 'quiet') : state === 'degraded' ? 'alert' : 'bad';
      return (
        <Line tone={tone} event={entry.event} title={`${component} is ${state}`}>
          {code === 'OK' ? detail : `${detail} (${code})`}
        </Line>
      );
    }
    case 'command': {
      const { command, source, by, outcome, detail } = entry.event;
      const isDone = outcome === 'done';
      const what = [sentence(command), source === '' ? 'everything' : source].join(' ');
      return (
        <Line
          tone={isDone ? 'quiet' : 'alert'}
          event={entry.event}
          title={isDone ? what : `${what}: refused`}
        >
          {detail}, by {by}
        </Line>
      );
    }
    case 'gap': {
      const { source, lostSamples, reason } = entry.event;
      const what = lostSamples === 0 ? gapText(reason) : `${counted(lostSamples, 'sample')} missing`;
      const why = lostSamples === 0 ? [] : [gapText(reason)];
      const times = entry.times > 1 ? [`${count(entry.times)} times`] : [];
      return (
        <Line tone="alert" event={entry.event} title={`${source}: ${what}`}>
          {[...why, ...times].join(', ')}
        </Line>
      );
    }
    case 'other':
      return <Unknown event={entry.event} />;
  }
}

function Line({
  tone,
  event,
  title,
  children,
}: {
  readonly tone: string;
  readonly event: CascadeEvent;
  readonly title: string;
  readonly children: preact.ComponentChildren;
}) {
  return (
    <article class="card line">
      <span class={`dot tone-${tone}`} />
      <span class="line-title">{title}</span>
      <span class="muted ellipsis">{children}</span>
      <span class="spacer" />
      <time class="muted small">{event.measured === null ? '' : moment(event.measured.wallTime)}</time>
    </article>
  );
}
