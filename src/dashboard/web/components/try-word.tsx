import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { TrailEntry } from '../../../core/events/events.js';
import type { StageDescription } from '../../../core/metering/telemetry.js';
import type { DetectionView } from '../model/detection.js';
import { detections, onLevel, type SourceView, windowOf } from '../model/store.js';
import { sentence } from '../model/words.js';

const TRIAL_MS = 30_000;
/** The score shown is the highest of so many readings: a word is over before anybody has read it. */
const SHOWN_READINGS = 10;

/** Which source a word is tried on, and what had been detected before. */
const trial = signal<{
  readonly source: string;
  readonly place: Place;
  readonly before: ReadonlySet<string>;
} | null>(null);

/** Where on the page it is shown. */
type Place = 'source' | 'words';

interface Here {
  readonly place: Place;
}

/** Begins or ends half a minute in which the score of a word is shown while it is said. */
export function TryButton({ source, place }: Here & { readonly source: string }) {
  const isOn = trial.value?.source === source && trial.value.place === place;
  return (
    <button
      type="button"
      class="plain"
      aria-pressed={isOn}
      onClick={() => {
        const before = new Set(detections.value.map(({ key }) => key));
        trial.value = isOn ? null : { source, place, before };
      }}
    >
      Try a word
    </button>
  );
}

/** The score of what is said now against its threshold, and what came of each try. */
export function Trial({ view, place }: Here & { readonly view: SourceView }) {
  return trial.value?.source === view.source && trial.value.place === place ? (
    <RunningTrial view={view} before={trial.value.before} />
  ) : null;
}

function RunningTrial({ view, before }: { readonly view: SourceView; readonly before: ReadonlySet<string> }) {
  const { source, description } = view;
  const [score, setScore] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => {
      trial.value = null;
    }, TRIAL_MS);
    const leave = onLevel((changed) => {
      if (changed !== source) return;
      const newest = windowOf(source).confidence.slice(-SHOWN_READINGS);
      setScore(Math.max(0, ...newest.map((value) => value ?? 0)));
    });
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [source]);
  const needed = description?.stages.find(({ role }) => role === 'tiny')?.thresholds?.reject ?? null;
  const tries = detections.value.filter((each) => each.source === source && !before.has(each.key));
  return (
    <div class="trial">
      <p class="small">
        Say a wake word: <b class="number">{score.toFixed(2)}</b>
        {needed === null ? null : (
          <span class="muted"> of {needed.toFixed(2)} that the small model needs to wake the large one</span>
        )}
      </p>
      <span class="meter-track wide">
        <i style={{ width: `${Math.min(100, score * 100)}%` }} />
        {needed === null ? null : <b class="tick" style={{ left: `${needed * 100}%` }} />}
      </span>
      <ul>
        {tries.map((each) => (
          <Try key={each.key} detection={each} stages={description?.stages ?? []} />
        ))}
      </ul>
    </div>
  );
}

function Try({
  detection,
  stages,
}: {
  readonly detection: DetectionView;
  readonly stages: readonly StageDescription[];
}) {
  const { label, trail, outcome } = detection;
  const isHeard = outcome !== 'noticed' && outcome !== 'refused';
  return (
    <li class="small">
      <b>{sentence(label)}</b> {isHeard ? 'is heard' : outcome === 'refused' ? 'was not believed' : '…'}:{' '}
      <span class="muted">{trail.map((entry) => scoreText(entry, stages)).join(', ')}</span>
    </li>
  );
}

function scoreText(entry: TrailEntry, stages: readonly StageDescription[]): string {
  if (entry.kind === 'abstain') return `${entry.stage} could not say`;
  const stage = stages.find((each) => each.stage === entry.stage);
  const thresholds = entry.thresholds ?? stage?.thresholds;
  const needed = stage?.role === 'tiny' ? thresholds?.reject : thresholds?.accept;
  const of = needed === undefined ? '' : ` of ${needed.toFixed(2)}`;
  return `${stage?.role ?? entry.stage} ${entry.confidence.toFixed(2)}${of}`;
}
