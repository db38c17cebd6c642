/** Script of a thread that serves sources, each with its cascade and a line to the heavy process, or that process. */

import type { Company } from '../core/cascade/arbiter.js';
import type { ClipsOf } from '../core/cascade/escalation.js';
import { CatnapError } from '../core/errors.js';
import type { Health } from '../core/events/health.js';
import type { StageDescription } from '../core/metering/telemetry.js';
import type { SignalFormat, Source } from '../core/signal/frame.js';
import { Mute } from '../core/signal/mute.js';
import { createWayOut } from '../egress/way-out.js';
import { boardProfile, modelledPower } from '../meter/board-profiles.js';
import type { MeterConfig } from '../meter/config.js';
import { createSourceMeter, openThreadBooks } from '../meter/source-meter.js';
import type { IntentsConfig } from '../voice/intents/schema.js';
import type { CascadePlan } from './build.js';
import type { HeavyLine } from './heavy/heavy-line.js';
import { systemTime } from './process/system-clock.js';
import { ShadowCascade, type ShadowPlan } from './shadow-cascade.js';
import { SourceCascade } from './source-cascade.js';
import { createSource, type SourceConfig } from './sources.js';
import type { Outlet, Pipeline } from './worker/source-serve.js';
import { type HeavyServer, serveThread } from './worker/this-worker.js';
import { healthOf, heavyOf, inProcess } from './worker-edges.js';

/** What a source's worker is started with. */
export interface SourceSpec {
  readonly source: SourceConfig;
  readonly cascade: CascadePlan;
  /** What listens beside it; null: nothing. */
  readonly shadow: ShadowPlan | null;
  readonly intents: IntentsConfig;
  readonly meter: MeterConfig;
  /** What relative paths of the source are relative to. */
  readonly folder: string;
  /** Nothing may be reached for over a network. */
  readonly offline: boolean;
  /** Speech is handed on while it is being said. */
  readonly duplex: boolean;
  /** Of what clips are kept; null: of nothing. */
  readonly keepsClips: readonly ClipsOf[] | null;
  /** Another voice source may hear what this one hears. */
  readonly hasCompany: boolean;
}

/** What a source goes by from now on. */
export type SourceChange = Pick<SourceSpec, 'cascade' | 'shadow'> & {
  /** Its own cascade is as it was. */
  readonly isSame: boolean;
};

/** Voices and faults verified this lately fire together, where a cascade does not say. */
const TOGETHER_MS = 2000;

const thread = openThreadBooks();
serveThread(
  async (spec, outlet): Promise<Pipeline> => createPipeline(spec as SourceSpec, outlet),
  serveHeavy,
);

/** Its library is loaded in the one thread that runs the heavy process. */
async function serveHeavy(...given: Parameters<HeavyServer>): Promise<void> {
  const { serveHeavyLines } = await import('./heavy-lines.js');
  await serveHeavyLines(...given);
}

async function createPipeline(spec: SourceSpec, outlet: Outlet): Promise<Pipeline> {
  const { id } = spec.source;
  const created = await createSource(spec.source, {
    folder: spec.folder,
    wayOut: createWayOut(spec.offline, (passage) => outlet.left(passage)),
    ...systemTime,
    onHealth: (condition) => healthOf(condition, id, outlet),
  });
  const source = created.isDevice
    ? await supervised(created.source, healthOf('source', id, outlet), outlet.heardAtMs)
    : created.source;
  const heavy = heavyOf(id, outlet);
  const pace: Pace = { isReal: false };
  const meter = createSourceMeter(id, modelledPower(boardProfile(spec.meter)), systemTime.clock, thread);
  let now = spec.cascade;
  const cascade = await SourceCascade.open(
    { source: id, run: outlet.run, ids: outlet.ids, intents: spec.intents },
    spec.cascade,
    {
      uplink: spec.duplex
        ? outlet
        : { prepare: () => outlet.prepare(), offer: (escalation) => outlet.offer(escalation) },
      otherSources: (atMs) => outlet.otherSources(atMs, togetherMs(now)),
      cloudAway: () => outlet.cloudAway(),
      company: spec.hasCompany ? companyOf(outlet, pace) : null,
      ...(spec.keepsClips === null ? {} : { clips: { of: spec.keepsClips, keep: outlet.keepClip } }),
      emit: (event) => outlet.event(event),
      telemetry: (reading) => outlet.telemetry(reading),
      meter,
      ...systemTime,
      stages: inProcess(heavy.line),
    },
  );
  const introduce = introduction(spec, created.title, cascade.stages, outlet);
  const onFormat = (format: SignalFormat): void => {
    introduce({ format });
    void tellPaceOf(spec.source.id, now, format.rateHz, outlet);
  };
  const shadow = shadowBeside(spec, outlet, heavy.line);
  await shadow.follow(spec.shadow);
  const hearing: Hearing = { pace, mute: new Mute(outlet.muted), onFormat, shadow };
  return {
    run: (signal) => listen(source, cascade, signal, hearing),
    exchange: async (change) => {
      const { cascade: plan, shadow: beside, isSame } = change as SourceChange;
      if (!isSame) introduce({ stages: await cascade.exchange(plan) });
      now = plan;
      await shadow.follow(beside);
    },
    command: created.command ?? noBoard,
    shed: () => heavy.line.shed(),
    setPower: (power) => meter.setPower(power),
    close: async () => {
      await cascade.dispose();
      await shadow.dispose();
      heavy.dispose();
      meter.close();
    },
  };
}

function shadowBeside(
  { source: { id }, meter, intents }: SourceSpec,
  outlet: Outlet,
  line: HeavyLine,
): ShadowCascade {
  return new ShadowCascade(
    { source: id, run: outlet.run, ids: outlet.ids, intents },
    {
      ...systemTime,
      stages: (onHealth) => inProcess(line, { mark: '~shadow', onHealth }),
      meter: createSourceMeter(id, modelledPower(boardProfile(meter)), systemTime.clock),
      emit: (event) => outlet.event(event),
      onHealth: healthOf('shadow', id, outlet),
    },
  );
}

/** Says what can be found how soon in a sensor signal of so many samples a second. */
async function tellPaceOf(
  source: string,
  cascade: CascadePlan,
  rateHz: number,
  outlet: Outlet,
): Promise<void> {
  if (cascade.kind !== 'sensor') return;
  const { paceContext, sensorPace } = await import('../sensor/profile.js');
  const { tellPace } = await import('../sensor/normal/pace.js');
  const detail = tellPace(sensorPace(cascade.config, rateHz), paceContext(cascade.config));
  healthOf('pace', source, outlet)({ state: 'ok', code: 'OK', detail });
}

interface Changed {
  readonly format?: SignalFormat;
  readonly stages?: readonly StageDescription[];
}

/** Tells the page what a source is, anew whenever something of it changed. */
function introduction(
  { source, cascade: { kind } }: SourceSpec,
  title: string,
  first: readonly StageDescription[],
  outlet: Outlet,
): (changed: Changed) => void {
  let known: { format: SignalFormat | null; stages: readonly StageDescription[] } = {
    format: null,
    stages: first,
  };
  return (changed) => {
    known = { ...known, ...changed };
    const { format, stages } = known;
    if (format === null) return;
    const { rateHz, channels } = format;
    outlet.telemetry({ type: 'source', source: source.id, kind, title, rateHz, channels, stages });
  };
}

function togetherMs(cascade: CascadePlan): number {
  return cascade.kind === 'sensor' ? cascade.config.policy.togetherSeconds * 1000 : TOGETHER_MS;
}

async function supervised(
  source: Source,
  onHealth: (health: Health) => void,
  heardAtMs: Outlet['heardAtMs'],
): Promise<Source> {
  const { SupervisedSource } = await import('../sources/supervisor.js');
  return new SupervisedSource(source, {
    ...systemTime,
    wallMs: systemTime.clock.wallMs,
    onHealth,
    heardAtMs,
  });
}

async function noBoard(): Promise<never> {
  throw new CatnapError('SOURCE_UNAVAILABLE', 'expected a board that takes commands, found none');
}

/** Whether a source plays in real time: what is read as fast as it goes has nobody beside it. */
interface Pace {
  isReal: boolean;
}

function companyOf({ company }: Outlet, pace: Pace): Company {
  return {
    heard: (word) => {
      if (pace.isReal) company.heard(word);
    },
    isMine: async (detection) => !pace.isReal || company.isMine(detection),
  };
}

interface Hearing {
  readonly pace: Pace;
  readonly mute: Mute;
  readonly onFormat: (format: SignalFormat) => void;
  readonly shadow: ShadowCascade;
}

async function listen(
  source: Source,
  cascade: SourceCascade,
  signal: AbortSignal,
  { pace, mute, onFormat, shadow }: Hearing,
): Promise<void> {
  for await (const item of source.frames(signal, cascade.patienceMs)) {
    if (item.kind === 'format') onFormat(item);
    if (item.kind === 'frame') pace.isReal = item.arrivedMs !== undefined;
    const gap = mute.gapBefore(item);
    if (gap !== null) await cascade.push(gap);
    if (gap !== null) await shadow.push(gap);
    if (!mute.lets(item)) continue;
    const work = cascade.push(item);
    if (work !== undefined) await work;
    const beside = shadow.push(item);
    if (beside !== undefined) await beside;
  }
  await cascade.finish(signal.aborted);
  await shadow.finish(signal.aborted);
}
