import type { ComponentChildren } from 'preact';
import { count, counted, duration, energy } from '../model/format.js';
import { counts, hasCloud, isOffline, type SourceView, sources } from '../model/store.js';
import { Basis } from './pill.js';

/** The run so far in six figures. */
export function Summary() {
  const counters = [...sources.value.values()].flatMap((view) =>
    view.counters === null ? [] : [view.counters],
  );
  const listenedMs = listened([...sources.value.values()]);
  const energyMj = counters.reduce((sum, source) => sum + source.totals.energyMj, 0);
  const modelled = counters.some((source) => source.stages.some((stage) => stage.basis === 'modelled'));
  const events = (type: string): number =>
    Object.values(counts.value).reduce((sum, ofSource) => sum + (ofSource[type] ?? 0), 0);
  const refused = events('refused');
  const hours = listenedMs / 3_600_000;
  return (
    <section class="summary" aria-label="The run so far">
      <Figure name="Listened" value={duration(listenedMs)} hint="signal time" />
      <Figure name="Noticed" value={count(events('noticed'))} hint="by the small model" />
      <Figure
        name="Refused"
        value={count(refused)}
        hint={hours >= 0.5 ? `${(refused / hours).toFixed(1)} an hour` : 'nothing to act on'}
      />
      <Figure name="Settled here" value={count(events('settled'))} hint="cost nothing" />
      <Figure
        name="Sent to the cloud"
        isOff={!hasCloud.value || isOffline.value}
        value={count(events('sent'))}
        hint={cloudHint(events('verdict'))}
      />
      <Figure
        name="Energy"
        value={energy(energyMj)}
        hint={
          <>
            above idle <Basis basis={modelled || counters.length === 0 ? 'modelled' : 'measured'} />
          </>
        }
      />
    </section>
  );
}

function cloudHint(answered: number): string {
  if (isOffline.value) return 'offline: nothing leaves';
  return hasCloud.value ? `${counted(answered, 'question')} answered` : 'no cloud: nothing leaves';
}

/** The longest any source was heard; a voice's where there is one, for recordings of slow sensors are played fast. */
function listened(views: readonly SourceView[]): number {
  const voices = views.filter(({ description }) => description?.kind === 'voice');
  const asked = voices.length > 0 ? voices : views;
  return Math.max(0, ...asked.map(({ counters }) => counters?.listenedMs ?? 0));
}

function Figure({
  name,
  value,
  hint,
  isOff = false,
}: {
  readonly name: string;
  /** It is about something there is none of here. */
  readonly isOff?: boolean;
  readonly value: string;
  readonly hint: ComponentChildren;
}) {
  return (
    <div class={isOff ? 'figure card off' : 'figure card'}>
      <div class="figure-name">{name}</div>
      <div class="figure-value">{value}</div>
      <div class="figure-hint">{hint}</div>
    </div>
  );
}
