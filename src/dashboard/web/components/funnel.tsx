import { count, percent } from '../model/format.js';
import { type FunnelStep, funnel } from '../model/funnel.js';
import { counts, hasCloud, sources } from '../model/store.js';

/** How little of what is heard goes how far. */
export function FunnelPanel() {
  const counters = [...sources.value.values()].flatMap((view) =>
    view.counters === null ? [] : [view.counters],
  );
  if (counters.length === 0) return null;
  const steps = funnel(counters, counts.value);
  const most = Math.max(1, ...steps.map((step) => step.count));
  return (
    <section class="card funnel" aria-label="Funnel">
      <div class="card-head">
        <h2>How far it goes</h2>
        <span class="muted">of all that is heard; each longer stroke is ten times as much</span>
      </div>
      <ol>
        {steps.map((step, index) => (
          <Step key={step.name} step={step} before={steps[index - 1]} most={most} />
        ))}
      </ol>
    </section>
  );
}

function Step({
  step,
  before,
  most,
}: {
  readonly step: FunnelStep;
  readonly before: FunnelStep | undefined;
  readonly most: number;
}) {
  const width = (Math.log10(1 + step.count) / Math.log10(1 + most)) * 100;
  const share = before === undefined || before.count === 0 ? '' : percent(step.count / before.count);
  return (
    <li data-step={step.name.toLowerCase()} class={step.name === 'Cloud' && !hasCloud.value ? 'off' : ''}>
      <span class="step-name">{step.name}</span>
      <span class="bar">
        <i style={{ width: `${width}%` }} />
      </span>
      <span class="number">{count(step.count)}</span>
      <span class="number muted">{share}</span>
      <span class="muted small step-hint">{step.hint}</span>
    </li>
  );
}
