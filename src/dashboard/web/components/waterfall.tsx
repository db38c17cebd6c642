import type { StageDescription } from '../../../core/metering/telemetry.js';
import type { DetectionView } from '../model/detection.js';
import { duration, energy } from '../model/format.js';
import { type WaterfallRow, waterfall } from '../model/waterfall.js';
import { sentence } from '../model/words.js';

const KINDS = {
  accept: { sign: '✓', word: 'accepts' },
  reject: { sign: '✗', word: 'rejects' },
  uncertain: { sign: '~', word: 'is uncertain' },
  abstain: { sign: '⊘', word: 'abstains' },
  speech: { sign: '', word: '' },
  cloud: { sign: '', word: '' },
} as const;

/** A detection's trail in time: a bar for each stage, beside its confidence, latency and energy. */
export function WaterfallView({
  detection,
  stages,
}: {
  readonly detection: DetectionView;
  readonly stages: readonly StageDescription[];
}) {
  const { rows, spanMs } = waterfall(detection, stages);
  if (rows.length === 0) return null;
  return (
    <>
      <Waterfall rows={rows} spanMs={spanMs} />
      {rows.map(({ name, confidence, note }) =>
        confidence === null || note === '' ? null : (
          <p class="muted small" key={name}>
            {sentence(name)} by {note}
          </p>
        ),
      )}
      {rows
        .filter(({ isCutShort }) => isCutShort === true)
        .map(({ name }) => (
          <p class="muted small" key={`${name} cut short`}>
            {sentence(name)} had no time to ask more: the device is busy
          </p>
        ))}
    </>
  );
}

function Waterfall({ rows, spanMs }: { readonly rows: readonly WaterfallRow[]; readonly spanMs: number }) {
  return (
    <table class="waterfall">
      <colgroup>
        <col class="col-stage" />
        <col class="col-confidence" />
        <col />
        <col class="col-figure" />
        <col class="col-figure" />
      </colgroup>
      <thead class="visually-hidden">
        <tr>
          <th>Stage</th>
          <th>Confidence</th>
          <th>Time</th>
          <th>Latency</th>
          <th>Energy</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <Row key={`${row.name}-${index}`} row={row} spanMs={spanMs} />
        ))}
      </tbody>
    </table>
  );
}

/** What each row is, for who wants to know. */
const MEANINGS: Readonly<Record<string, string>> = {
  tiny: 'The small model, always on',
  heavy: 'The large model, asleep until the small one notices something',
  speech: 'What was said after the wake word',
  recogniser: 'Turns what was said into words',
  cloud: 'Asked over the network',
};

function Row({ row, spanMs }: { readonly row: WaterfallRow; readonly spanMs: number }) {
  const { sign, word } = KINDS[row.kind];
  const left = Math.min(99, (row.startMs / spanMs) * 100);
  const width = row.durationMs === null ? 100 - left : Math.min(100 - left, (row.durationMs / spanMs) * 100);
  return (
    <tr class={`kind-${row.kind}`}>
      <th scope="row" title={MEANINGS[row.name] ?? ''}>
        {sentence(row.name)}
        {sign === '' || row.durationMs === null ? null : (
          <span class="sign" title={`${row.name} ${word}`}>
            {sign}
          </span>
        )}
      </th>
      <td class="confidence">
        {row.confidence === null ? <span class="muted small">{row.note}</span> : <Confidence row={row} />}
      </td>
      <td class="time">
        <span
          class={row.durationMs === null ? 'span pending' : 'span'}
          style={{ left: `${left}%`, width: `${width}%` }}
        />
      </td>
      <td class="number">{row.durationMs === null ? '…' : duration(row.durationMs)}</td>
      <td class="number muted energy" title={row.basis ?? ''}>
        {row.energyMj === null ? '' : energy(row.energyMj)}
      </td>
    </tr>
  );
}

/** Confidence from 0 to 1 with the two thresholds as ticks. */
function Confidence({ row }: { readonly row: WaterfallRow }) {
  const { confidence, thresholds } = row;
  const value = confidence ?? 0;
  const hint =
    thresholds === null
      ? `confidence ${value.toFixed(2)}`
      : `confidence ${value.toFixed(2)}; rejects below ${thresholds.reject}, accepts from ${thresholds.accept}`;
  return (
    <span class="meter" title={hint}>
      <span class="meter-track">
        <i style={{ width: `${Math.min(100, value * 100)}%` }} />
        {thresholds === null ? null : (
          <>
            <b class="tick" style={{ left: `${thresholds.reject * 100}%` }} />
            <b class="tick" style={{ left: `${thresholds.accept * 100}%` }} />
          </>
        )}
      </span>
      <span class="number">{value.toFixed(2)}</span>
    </span>
  );
}
