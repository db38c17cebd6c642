import { useCallback } from 'preact/hooks';
import { ChartHost } from '../charts/live-chart.js';
import {
  type ChartContext,
  laneChart,
  levelChart,
  type Marker,
  scoreChart,
} from '../charts/signal-charts.js';
import { contributionsOf, type DetectionView } from '../model/detection.js';
import { percent } from '../model/format.js';
import { outcomeWording, stateWording } from '../model/words.js';
import { detections, type SourceView, sources, windowOf } from '../store.js';
import { ChannelLabels } from './channel-labels.js';
import { Pill } from './pill.js';

/** A source: what it is, what its cascade is doing, and its last minute. */
export function SourceCard({ view }: { readonly view: SourceView }) {
  const { source, description } = view;
  const state = stateWording(view.state);
  const channels = description?.kind === 'sensor' ? description.channels : [];
  const context = useCallback(() => contextOf(source), [source]);
  const makeLevel = useCallback((parent: HTMLElement) => levelChart(parent, context()), [context]);
  const sensor = channels.length > 0;
  const makeScore = useCallback(
    (parent: HTMLElement) => scoreChart(parent, context(), sensor),
    [context, sensor],
  );
  const makeLanes = useCallback(
    (parent: HTMLElement) => laneChart(parent, channels.length, context()),
    [context, channels.length],
  );
  return (
    <article class="card source" data-source={source}>
      <div class="card-head">
        <h2>{source}</h2>
        <span class="muted ellipsis">{subtitle(view)}</span>
        <span class="spacer" />
        <Pill tone={state.tone} text={state.text} hint={state.hint} live={state.tone === 'alert'} />
      </div>
      {sensor ? (
        <>
          <div class="lanes">
            <ChannelLabels source={source} channels={channels} />
            <ChartHost source={source} label={`Channels of ${source}`} make={makeLanes} />
          </div>
          <div class="lanes">
            <Legend name="Tiny: how strange" unit="" keys={['accept', 'uncertain']} />
            <ChartHost source={source} label={`Tiny’s confidence on ${source}`} make={makeScore} />
          </div>
          <Explanation source={source} />
        </>
      ) : (
        <>
          <Legend name="Level" unit="dB" keys={['level', 'floor', 'gate']} />
          <ChartHost source={source} label={`Level of ${source} over its floor`} make={makeLevel} />
          <Legend name="Tiny: confidence" unit="" keys={['accept', 'uncertain']} />
          <ChartHost source={source} label={`Tiny’s confidence on ${source}`} make={makeScore} />
        </>
      )}
    </article>
  );
}

function subtitle({ description }: SourceView): string {
  if (description === null) return '';
  const { title, rateHz, channels } = description;
  const rate = rateHz >= 1000 ? `${rateHz / 1000} kHz` : `${rateHz} Hz`;
  return [title, rate, channels.length > 1 ? `${channels.length} channels` : '']
    .filter((part) => part !== '')
    .join(' · ');
}

function contextOf(source: string): ChartContext {
  return {
    window: () => windowOf(source),
    markers: () =>
      detections
        .peek()
        .filter((detection) => detection.source === source)
        .map(markerOf),
    thresholds: () =>
      sources
        .peek()
        .get(source)
        ?.description?.stages.find((stage) => stage.role === 'tiny')?.thresholds ?? null,
  };
}

function markerOf({ atMs, outcome }: DetectionView): Marker {
  return { timeS: atMs / 1000, tone: outcomeWording(outcome).tone };
}

const KEYS = {
  level: { name: 'level', class: 'key-level' },
  floor: { name: 'floor', class: 'key-floor' },
  gate: { name: 'gate open', class: 'key-gate' },
  accept: { name: 'accepts above', class: 'key-accept' },
  uncertain: { name: 'uncertain band', class: 'key-gate' },
} as const;

function Legend({
  name,
  unit,
  keys,
}: {
  readonly name: string;
  readonly unit: string;
  readonly keys: readonly (keyof typeof KEYS)[];
}) {
  return (
    <div class="legend">
      <span class="legend-name">
        {name} {unit === '' ? null : <span class="muted">{unit}</span>}
      </span>
      {keys.map((key) => (
        <span class="key" key={key}>
          <i class={KEYS[key].class} />
          {KEYS[key].name}
        </span>
      ))}
    </div>
  );
}

/** Which channels explain the newest detection of a sensor, and whether it is known. */
function Explanation({ source }: { readonly source: string }) {
  const newest = detections.value.find((detection) => detection.source === source);
  if (newest === undefined) return null;
  const contributions = contributionsOf(newest);
  if (contributions.length === 0) return null;
  const known = newest.reasons.includes('known-fault');
  const unknown = newest.reasons.includes('unknown-fault');
  return (
    <div class="explanation">
      <div class="legend">
        <span class="legend-name">What explains {newest.label}</span>
        {known ? <Pill tone="good" text="Known fault" /> : null}
        {unknown ? <Pill tone="bad" text="Unknown fault" /> : null}
      </div>
      <Contributions contributions={contributions} />
    </div>
  );
}

/** Channels' shares as bars, the largest six. */
export function Contributions({
  contributions,
}: {
  readonly contributions: readonly { readonly channel: string; readonly share: number }[];
}) {
  return (
    <ul class="contributions">
      {contributions.slice(0, 6).map(({ channel, share }) => (
        <li key={channel}>
          <span class="ellipsis">{channel}</span>
          <span class="bar">
            <i style={{ width: `${Math.max(1, share * 100)}%` }} />
          </span>
          <span class="number">{percent(share)}</span>
        </li>
      ))}
    </ul>
  );
}
