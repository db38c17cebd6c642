import type { EventOf } from '../../../core/events/events.js';
import { describeAsks, describeStep } from '../../../core/events/steps.js';
import { contributionsOf, type DetectionView, detectionCost } from '../model/detection.js';
import { bytes, clock, count, counted, duration, energy, moment } from '../model/format.js';
import { run, sources } from '../model/store.js';
import { outcomeWording, reasonText, sentence } from '../model/words.js';
import { ClipPlayer } from './clip-player.js';
import { Judgement } from './judgement.js';
import { Basis, Pill } from './pill.js';
import { Contributions } from './source-card.js';
import { Unknown } from './unknown.js';
import { WaterfallView } from './waterfall.js';

/** One detection: what, where it went and why, what each stage said and cost, what was said and answered. */
export function DetectionCard({ detection }: { readonly detection: DetectionView }) {
  const isOver = detection.run !== run.value;
  const outcome = outcomeWording(detection.outcome, isOver);
  const stages = sources.value.get(detection.source)?.description?.stages ?? [];
  const open = !isOver && (detection.outcome === 'noticed' || detection.outcome === 'listening');
  return (
    <article class="card detection" data-outcome={detection.outcome} data-detection={detection.id}>
      <div class="card-head">
        <h3>{detection.label === '' ? 'Detection' : sentence(detection.label)}</h3>
        <span class="muted">{detection.source}</span>
        <span class="spacer" />
        {detection.degraded ? (
          <Pill tone="alert" text="Degraded" hint="Heavy could not be asked, or the cloud was away" />
        ) : null}
        {detection.resumed ? (
          <Pill tone="quiet" text="Resumed" hint="Told of before the signal broke off; not sent again" />
        ) : null}
        <Pill tone={outcome.tone} text={outcome.text} hint={outcome.hint} live={open} />
      </div>
      {detection.transcript === null ? null : <p class="transcript">“{detection.transcript}”</p>}
      <SettledLine detection={detection} />
      <AnswerBlock detection={detection} />
      <WaterfallView detection={detection} stages={stages} />
      <FaultBlock detection={detection} />
      {detection.actions.map((action) => (
        <p class="action" key={action.id}>
          <span class={`dot tone-${action.outcome === 'failed' ? 'bad' : 'good'}`} />
          {sentence(action.action)}{' '}
          <span class="muted">
            {action.outcome === 'done' ? action.detail : `${action.outcome}: ${action.detail}`}
          </span>
        </p>
      ))}
      {detection.others.map((event) => (
        <Unknown key={event.id} event={event} />
      ))}
      <ShadowLine detection={detection} />
      <ClipPlayer clip={detection.clip} />
      <CardFoot detection={detection} />
      <Judgement detection={detection} />
    </article>
  );
}

/** What a candidate that listens beside made of it. */
function ShadowLine({ detection: { shadow } }: { readonly detection: DetectionView }) {
  if (shadow === null) return null;
  const [name = ''] = shadow.candidate.split('@');
  const last = shadow.trail.at(-1);
  const sure = last === undefined || last.kind === 'abstain' ? '' : ` (${last.confidence.toFixed(2)})`;
  return (
    <p class="muted small">
      {sentence(name)}, beside it, would {shadow.believed ? 'believe' : 'refuse'} it{sure}
    </p>
  );
}

function SettledLine({ detection }: { readonly detection: DetectionView }) {
  const { settled } = detection;
  if (settled === null) return null;
  return (
    <p class="intent">
      <span class="chip">{settled.intent}</span>
      {Object.entries(settled.slots).map(([slot, value]) => (
        <span class="chip slot" key={slot}>
          {slot} <b>{value}</b>
        </span>
      ))}
    </p>
  );
}

function AnswerBlock({ detection }: { readonly detection: DetectionView }) {
  const { escalated, answer, verdict, undelivered } = detection;
  if (escalated === null && answer === '' && verdict === null && undelivered === null) return null;
  if (undelivered !== null) {
    const { outcome } = undelivered;
    return outcome === 'unanswered' ? (
      <p class="muted small">Nobody to ask: {undelivered.detail}</p>
    ) : (
      <p class="answer undelivered">
        {sentence(outcome)}: {undelivered.detail} <span class="muted">({undelivered.code})</span>
      </p>
    );
  }
  return (
    <div class="answer">
      <p>
        {answer === '' && verdict === null ? <span class="muted">{waitingText(detection)}</span> : answer}
        {verdict === null ? <span class="caret" /> : null}
      </p>
      {verdict === null ? null : (
        <p class="muted small">
          {verdict.provider} · {duration(verdict.cost.latencyMs)} · {bytes(verdict.cost.bytesUp)} up,{' '}
          {bytes(verdict.cost.bytesDown)} down
          {verdict.cost.tokens > 0 ? ` · ${count(verdict.cost.tokens)} tokens` : ''}
          {verdict.cost.money > 0 ? ` · $${verdict.cost.money.toFixed(4)}` : ''}
          {interferences(verdict.guardrails).map((text) => ` · ${text}`)}
          {(verdict.steps ?? [])
            .filter(({ outcome }) => outcome !== 'answered')
            .map((step) => ` · ${describeStep(step)}`)}
          {verdict.asks === undefined ? '' : ` · ${describeAsks(verdict.asks)}`}
        </p>
      )}
    </div>
  );
}

/** What guardrails did to an answer; that they let it pass is no news. */
function interferences(guardrails: EventOf<'verdict'>['guardrails']): readonly string[] {
  return (guardrails ?? [])
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ name, outcome }) => `guardrail ${name}: ${outcome.replace('-', ' ')}`);
}

function waitingText({ escalated, settled }: DetectionView): string {
  if (escalated?.degraded !== true) return 'Waiting for the answer';
  return settled === null
    ? 'The cloud is away: this waits for it'
    : 'The cloud is away: the local answer stands';
}

function FaultBlock({ detection }: { readonly detection: DetectionView }) {
  const contributions = contributionsOf(detection);
  const { ended } = detection;
  const samplesPerMs = detection.atMs > 0 ? detection.sample / detection.atMs : 0;
  return (
    <>
      {contributions.length === 0 ? null : <Contributions contributions={contributions} />}
      {ended === null || samplesPerMs === 0 ? null : (
        <p class="muted small">
          Lasted {duration((ended.endSample - ended.startSample) / samplesPerMs)}
          {detection.updates > 0 ? `, ${counted(detection.updates, 'update')}` : ''}
        </p>
      )}
    </>
  );
}

function CardFoot({ detection }: { readonly detection: DetectionView }) {
  const cost = detectionCost(detection);
  const why = detection.reasons.map(reasonText).join(', ');
  return (
    <footer class="card-foot">
      <span>{why === '' ? '' : sentence(why)}</span>
      <span class="spacer" />
      {cost === null ? null : (
        <span title={`CPU ${duration(cost.cpuMs)}`}>
          {energy(cost.energyMj)} <Basis basis={cost.modelled ? 'modelled' : 'measured'} />
        </span>
      )}
      <time>{detection.wallTime === null ? clock(detection.atMs) : moment(detection.wallTime)}</time>
    </footer>
  );
}
