import { useCallback } from 'preact/hooks';
import type { Contribution } from '../../../core/cascade/stage.js';
import { FAST_RATE_HZ } from '../../../core/metering/telemetry.js';
import { ChartHost } from '../charts/live-chart.js';
import {
  type ChartContext,
  laneChart,
  levelChart,
  type Marker,
  scoreChart,
} from '../charts/signal-charts.js';
import { contributionsOf, type DetectionView, endMsOf, goesOn } from '../model/detection.js';
import { duration, percent } from '../model/format.js';
import { detections, type SourceView, sources, windowOf } from '../model/store.js';
import { outcomeWording, sentence } from '../model/words.js';
import { ChannelLabels } from './channel-labels.js';
import { Faults } from './faults.js';
import { StatePill } from './glance.js';
import { LearnAgain } from './learn-again.js';
import { MuteControl } from './mute.js';
import { Pill } from './pill.js';
import { Trial, TryButton } from './try-word.js';
import { WhatIf } from './what-if.js';

/** A source: what it is, what its cascade is doing, and its last minute. */
export function SourceCard({ view }: { readonly view: SourceView }) {
  const { source, description } = view;
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
        <StatePill view={view} />
        {sensor ? <LearnAgain source={source} /> : <TryButton source={source} place="source" />}
        <MuteControl source={source} />
      </div>
      <Trial view={view} place="source" />
      {sensor ? (
        <>
          <div class="lanes">
            <ChannelLabels
              source={source}
              channels={channels}
              isFast={(description?.rateHz ?? 0) > FAST_RATE_HZ}
            />
            <ChartHost source={source} label={`Channels of ${source}`} make={makeLanes} />
          </div>
          <div class="lanes">
            <Legend name="How strange" unit="" keys={['accept', 'uncertain']} />
            <ChartHost source={source} label={`Tiny’s confidence on ${source}`} make={makeScore} />
          </div>
          <Explanation source={source} />
          <Faults source={source} />
        </>
      ) : (
        <>
          <Legend name="Level" unit="dB" keys={['level', 'floor', 'gate']} />
          <ChartHost source={source} label={`Level of ${source} over its floor`} make={makeLevel} />
          <Legend name="How sure the small model is" unit="" keys={['accept', 'uncertain']} />
          <ChartHost source={source} label={`Tiny’s confidence on ${source}`} make={makeScore} />
          <WhatIf view={view} />
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
    explaining: () => explainingOf(source),
  };
}

function markerOf(detection: DetectionView): Marker {
  const { atMs, outcome, startMs } = detection;
  const endMs = endMsOf(detection);
  const lasts = startMs !== null && (endMs !== null || goesOn(detection));
  return {
    timeS: atMs / 1000,
    tone: outcomeWording(outcome).tone,
    span: lasts ? { fromS: startMs / 1000, toS: endMs === null ? null : endMs / 1000 } : null,
  };
}

/** The channels that together make up most of the fault that goes on now. */
function explainingOf(source: string): ReadonlySet<number> {
  const fault = detections.peek().find((detection) => detection.source === source);
  const channels = sources.peek().get(source)?.description?.channels ?? [];
  if (fault === undefined || !goesOn(fault)) return new Set();
  const most = contributionsOf(fault).filter(({ share }) => share >= LEAST_SHARE);
  return new Set(most.map(({ channel }) => channels.findIndex(({ name }) => name === channel)));
}

/** A channel with less of a fault than this is not marked for it. */
const LEAST_SHARE = 0.15;

const KEYS = {
  level: { name: 'level', class: 'key-level' },
  floor: { name: 'usual noise', class: 'key-floor' },
  gate: { name: 'loud enough to be judged', class: 'key-gate' },
  accept: { name: 'believed above', class: 'key-accept' },
  uncertain: { name: 'not sure yet', class: 'key-gate' },
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
        <span class="legend-name">{sentence(newest.label)}: what explains it</span>
        {known ? <Pill tone="good" text="Known fault" /> : null}
        {unknown ? <Pill tone="bad" text="Unknown fault" /> : null}
        <span>{lastingOf(newest)}</span>
      </div>
      <Contributions contributions={contributions} />
    </div>
  );
}

/** How long a fault has lasted, or lasted. */
function lastingOf(detection: DetectionView): string {
  const { startMs } = detection;
  const endMs = endMsOf(detection);
  if (startMs === null) return '';
  if (endMs !== null) return `over after ${duration(endMs - startMs)}`;
  const nowMs = (windowOf(detection.source).timeS.at(-1) ?? 0) * 1000;
  return goesOn(detection) && nowMs > startMs ? `for ${duration(nowMs - startMs)} so far` : '';
}

/** Channels' shares as bars, the largest six, with what about each strayed most where that is known. */
export function Contributions({ contributions }: { readonly contributions: readonly Contribution[] }) {
  return (
    <ul class="contributions">
      {contributions.slice(0, 6).map(({ channel, share, feature }) => (
        <li key={channel}>
          <span class="ellipsis" title={feature === undefined ? channel : `${channel}: ${feature}`}>
            {channel}
            {feature === undefined ? null : <small class="feature">{feature}</small>}
          </span>
          <span class="bar">
            <i style={{ width: `${Math.max(1, share * 100)}%` }} />
          </span>
          <span class="number">{percent(share)}</span>
        </li>
      ))}
    </ul>
  );
}
