import { signal } from '@preact/signals';
import type { StageCounters, Telemetry } from '../../../core/metering/telemetry.js';
import { bytes, count, duration, energy, percent } from '../model/format.js';
import { addStages } from '../model/funnel.js';
import { sources } from '../model/store.js';
import { sentence } from '../model/words.js';
import { Basis } from './pill.js';

type Counters = Extract<Telemetry, { type: 'counters' }>;

const chosen = signal('');

/** Latency, CPU time, energy and memory of each stage, of one source or all; the board's idle power apart. */
export function StagesPanel() {
  const counters = [...sources.value.values()].flatMap((view) =>
    view.counters === null ? [] : [view.counters],
  );
  if (counters.length === 0) return null;
  const shown = counters.filter((source) => chosen.value === '' || source.source === chosen.value);
  return (
    <section class="card stages" aria-label="Stages">
      <div class="card-head">
        <h2>Stages</h2>
        <span class="muted">latency and energy of every decision</span>
        <span class="spacer" />
        {counters.length > 1 ? (
          <SourceChoice names={counters.map((source) => source.source).toSorted()} />
        ) : null}
      </div>
      <p class="muted small glossary">
        Gate: is it loud enough? Tiny: a small model, always on. Heavy: a larger one, asleep until tiny
        notices something. p50, p90, p99: 50, 90 and 99 of 100 decisions took no longer. Duty: share of one
        core. Memory: what it adds to the process of the heavy stages while that is awake. What runs in
        Catnap's own process is not told apart there; docs/BOARDS.md has figures.
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Stage</th>
              <th>Calls</th>
              <th>Accepts</th>
              <th>Rejects</th>
              <th>Uncertain</th>
              <th>Abstains</th>
              <th>p50</th>
              <th>p90</th>
              <th>p99</th>
              <th>Max</th>
              <th>CPU</th>
              <th>Duty</th>
              <th>Energy</th>
              <th>Memory</th>
            </tr>
          </thead>
          <tbody>
            {addStages(shown).map((stage) => (
              <StageRow key={stage.stage} stage={stage} />
            ))}
          </tbody>
          <tfoot>
            <TotalRow counters={shown} />
            <IdleRow counters={shown} />
          </tfoot>
        </table>
      </div>
    </section>
  );
}

function SourceChoice({ names }: { readonly names: readonly string[] }) {
  return (
    <fieldset class="filters" aria-label="Source">
      {['', ...names].map((name) => (
        <button
          type="button"
          key={name}
          aria-pressed={chosen.value === name}
          onClick={() => {
            chosen.value = name;
          }}
        >
          {name === '' ? 'All' : name}
        </button>
      ))}
    </fieldset>
  );
}

function StageRow({ stage }: { readonly stage: StageCounters }) {
  const { latencyMs } = stage;
  const called = stage.calls > 0;
  return (
    <tr data-stage={stage.stage}>
      <th scope="row">{sentence(stage.stage)}</th>
      <Tally value={stage.calls} />
      <Tally value={stage.accepts} />
      <Tally value={stage.rejects} />
      <Tally value={stage.uncertain} />
      <Tally value={stage.abstains} />
      <td class="number">{called ? duration(latencyMs.p50) : ''}</td>
      <td class="number">{called ? duration(latencyMs.p90) : ''}</td>
      <td class="number">{called ? duration(latencyMs.p99) : ''}</td>
      <td class="number">{called ? duration(latencyMs.max) : ''}</td>
      <td class="number">{duration(stage.cpuMs)}</td>
      <td class="number">{percent(stage.dutyCycle)}</td>
      <td class="number">
        {energy(stage.energyMj)} <Basis basis={stage.basis} />
      </td>
      <Memory stage={stage} />
    </tr>
  );
}

/** What no heavy process told of runs in Catnap's own, unless it was not asked yet. */
function Memory({ stage: { memoryMb, cpuMs } }: { readonly stage: StageCounters }) {
  if (memoryMb !== null) return <td class="number">{bytes(memoryMb * 1e6)}</td>;
  return <td class="number muted">{cpuMs > 0 ? 'own process' : 'not loaded'}</td>;
}

function Tally({ value }: { readonly value: number }) {
  return <td class={value === 0 ? 'number zero' : 'number'}>{count(value)}</td>;
}

function TotalRow({ counters }: { readonly counters: readonly Counters[] }) {
  const sum = (pick: (source: Counters) => number): number =>
    counters.reduce((total, source) => total + pick(source), 0);
  const duty = sum(({ totals, listenedMs }) => (listenedMs === 0 ? 0 : totals.cpuMs / listenedMs));
  return (
    <tr class="total">
      <th scope="row">Together</th>
      <td class="number">{count(sum((source) => source.totals.calls))}</td>
      <td colSpan={8} />
      <td class="number">{duration(sum((source) => source.totals.cpuMs))}</td>
      <td class="number">{percent(duty)}</td>
      <td class="number">{energy(sum((source) => source.totals.energyMj))}</td>
      <td />
    </tr>
  );
}

/** The board idles once, however many sources it listens to. */
function IdleRow({ counters }: { readonly counters: readonly Counters[] }) {
  const longest = counters.toSorted((left, right) => right.idleEnergyMj - left.idleEnergyMj)[0];
  if (longest === undefined) return null;
  return (
    <tr class="idle">
      <th scope="row">Idle board</th>
      <td colSpan={11} class="muted">
        drawn whatever Catnap does, not counted above
      </td>
      <td class="number">
        {energy(longest.idleEnergyMj)} <Basis basis={longest.basis} />
      </td>
      <td />
    </tr>
  );
}
