import { CatnapError } from '../errors.js';
import { EventStamp } from '../events/stamp.js';
import type { StageMeter } from '../metering/meter.js';
import { samplesIn } from '../signal/duration.js';
import {
  type Frame,
  type Gap,
  isSameSignal,
  type SignalFormat,
  type SignalTraits,
  type Source,
  type SourceItem,
} from '../signal/frame.js';
import { Framer } from '../signal/framer.js';
import { Gate } from '../signal/gate.js';
import { HighPass } from '../signal/high-pass.js';
import { Ring } from '../signal/ring.js';
import { andThen } from '../waiting.js';
import type { CascadeDeps, Listening, ProfileOf } from './cascade-deps.js';
import { Detector } from './detector.js';
import { Feeding } from './feeding.js';
import { DetectionFlow } from './flow.js';
import { StageGuard } from './guard.js';
import { NearMisses } from './near-misses.js';
import type { CascadeProfile } from './profile.js';
import { readings } from './readings.js';
import { Reporter } from './report.js';
import type { Behaviour, SignalPath } from './signal-path.js';
import { soundOf } from './sound.js';
import type { Decision, Stage, Window } from './stage.js';

interface Exchange {
  readonly profile: ProfileOf;
  readonly stages: Listening;
  readonly done: () => void;
}

/** The window tiny is shown, the same object every hop. */
interface HopWindow extends Window {
  startSample: number;
  rateHz: number;
  channels: number;
  data: Float32Array;
}

const LEVEL_MS = 100;
const COUNTERS_MS = 1000;
const NOTHING_LEFT = Symbol('nothing left');

/**
 * The cascade of one source: gate, tiny, heavy, what follows, policy. A function of samples alone: hops are cut
 * the same from any chunks, time is the sample clock, and while an asynchronous stage thinks no sample is taken.
 *
 * ```ts
 * for await (const item of source.frames(signal, cascade.patienceMs)) await cascade.push(item);
 * await cascade.finish(); // or all of it: await cascade.follow(source, signal);
 * ```
 */
export class Cascade {
  readonly #deps: CascadeDeps;
  readonly #reporter: Reporter;
  #profile: ProfileOf;
  #tiny: StageGuard;
  #heavy: StageGuard | null;
  #exchange: Exchange | null = null;
  /** A stage is waited for. */
  #isAtWork = false;
  readonly #endpointer: StageGuard | null;
  readonly #speech: StageGuard | null;
  readonly #gateMeter: StageMeter;
  readonly #window: HopWindow;
  #path: SignalPath | null = null;
  readonly #fed = new Feeding();
  #lastValue = 0;
  #hops = 0;
  #loudestConfidence: number | null = null;
  #loudestLabel: string | null = null;

  constructor(profile: ProfileOf, deps: CascadeDeps) {
    this.#profile = profile;
    this.#deps = deps;
    const { source, ids, run, clock, meter, emit } = deps;
    this.#reporter = new Reporter(source, new EventStamp(ids, run, clock), emit);
    this.#tiny = this.#guarded(deps.tiny, 'tiny');
    this.#heavy = deps.heavy === null ? null : this.#guarded(deps.heavy, 'heavy');
    this.#endpointer = deps.endpointer === null ? null : this.#guarded(deps.endpointer, 'endpointer');
    this.#speech = deps.speech ? this.#guarded(deps.speech, 'speech') : null;
    this.#gateMeter = meter.stage('gate');
    this.#window = { source, startSample: 0, rateHz: 0, channels: 0, data: new Float32Array(0) };
  }

  /**
   * Goes on with other stages and their profile, whose hops are as long, as soon as nothing is under way, also where no
   * samples come. What was heard is kept, and the new tiny is given the last of it again: no word is lost. Resolves
   * when they have taken over; what was there before is no longer asked then.
   */
  exchange(profile: ProfileOf, stages: Listening): Promise<void> {
    this.#exchange?.done();
    return new Promise((done) => {
      this.#exchange = { profile, stages, done };
      if (!this.#isAtWork) this.#takeOverIfIdle(this.#path);
    });
  }

  /** What the cascade is doing, for a person to read. */
  get state(): string {
    if (this.#path === null) return 'waiting';
    const { flow, gate, detector } = this.#path;
    if (flow.state !== 'idle') return flow.state;
    if (this.#tiny.stage.learningMs?.()) return 'learning';
    return gate.open ? detector.state : 'napping';
  }

  /** How late the next samples may come without any verification being late for it. */
  readonly patienceMs = (): number => {
    if (this.state === 'napping') return this.#path?.profile.gate?.napMs ?? 0;
    return this.state === 'armed' ? (this.#path?.detector.patienceMs ?? 0) : 0;
  };

  /**
   * Takes the next item of the source. Returns a promise when a stage has to be waited for; the item's data must
   * stand until it resolves.
   * @throws CatnapError `STAGE_UNAVAILABLE` when tiny is down: nothing can be noticed any more.
   */
  push(item: SourceItem): Promise<void> | undefined {
    const arrivedMs = item.kind === 'frame' ? item.arrivedMs : undefined;
    this.#reporter.arrivedMs = arrivedMs ?? this.#deps.clock.monotonicMs();
    const { kind } = item;
    const work = kind === 'frame' ? this.#frame(item) : kind === 'gap' ? this.#gap(item) : this.#format(item);
    this.#isAtWork = work !== undefined;
    return work?.finally(() => {
      this.#isAtWork = false;
      this.#takeOverIfIdle(this.#path);
    });
  }

  /**
   * Listens to a source until it ends or `signal` aborts, and brings what is under way to its end.
   * @throws CatnapError what the source throws, and as {@link push}.
   */
  async follow(source: Source, signal: AbortSignal): Promise<void> {
    for await (const item of source.frames(signal, this.patienceMs)) {
      const work = this.push(item);
      if (work !== undefined) await work;
    }
    await this.finish(signal.aborted);
  }

  /**
   * The source is over: what is under way is brought to its end. Behind the end of a recording there is silence; a
   * source that was stopped is cut off where it is, for what would have come is not known.
   */
  async finish(isStopped = false): Promise<void> {
    const path = this.#path;
    if (path === null) return;
    if (!isStopped) await this.#hearSilence(path);
    await path.flow.interrupt('end-of-source', path.ring.endSample);
    path.nearMisses.reset();
    this.#rearm(path);
  }

  /** The last value held on: a step down from an offset would be a sound. */
  async #hearSilence(path: SignalPath): Promise<void> {
    const { framer, profile, format } = path;
    const sample = framer.nextSample;
    const channels = format.channels.length;
    const length = samplesIn(profile.silenceAtEndMs, format.rateHz) * channels;
    if (sample === null || length === 0) return;
    const data = new Float32Array(length).fill(this.#lastValue);
    const { source } = this.#deps;
    framer.offer({ kind: 'frame', source, sample, rateHz: format.rateHz, channels, data });
    await this.#run(path);
  }

  #format(format: SignalFormat): Promise<void> | undefined {
    const old = this.#path;
    if (old !== null && isSameSignal(old.format, format)) return undefined;
    const sample = old?.framer.nextSample ?? null;
    if (old === null || sample === null) {
      this.#path = this.#open(format);
      return undefined;
    }
    const gap: Gap = { kind: 'gap', source: format.source, sample, lostSamples: 0, reason: 'format' };
    const reopen = () => {
      const path = this.#open(format);
      path.framer.cut(sample);
      path.ring.clear(sample);
      this.#path = path;
    };
    return andThen(this.#gap(gap), reopen);
  }

  #open(format: SignalTraits): SignalPath {
    const profile = typeof this.#profile === 'function' ? this.#profile(format) : this.#profile;
    const { hopSamples, ringMs, highPassHz, gate } = profile;
    const { rateHz } = format;
    const channels = format.channels.length;
    const hopMs = (hopSamples * 1000) / rateHz;
    const hopsIn = (durationMs: number) => Math.ceil(durationMs / hopMs);
    const ring = new Ring(hopSamples, channels, Math.max(2, hopsIn(ringMs)));
    this.#reporter.rateHz = rateHz;
    this.#window.rateHz = rateHz;
    this.#window.channels = channels;
    this.#fed.restart(0);
    return {
      format,
      isAudio: format.channels.every(({ unit }) => unit === 'FS'),
      framer: new Framer(hopSamples, channels),
      highPass: highPassHz === null || channels !== 1 ? null : new HighPass(highPassHz, rateHz),
      ring,
      gate: new Gate(gate, rateHz, hopSamples),
      hopMs,
      levelHops: Math.max(1, hopsIn(LEVEL_MS)),
      countersHops: Math.max(1, hopsIn(COUNTERS_MS)),
      ...this.#behaviour(profile, format, ring),
    };
  }

  #behaviour(profile: CascadeProfile, format: SignalTraits, ring: Ring): Behaviour {
    const { hopSamples, gate, notice } = profile;
    const { rateHz } = format;
    this.#tiny.describe(format);
    this.#heavy?.describe(format);
    const hopsIn = (ms: number) => Math.ceil(ms / ((hopSamples * 1000) / rateHz));
    const preRollHops = Math.min(ring.capacityHops - 1, hopsIn(gate?.preRollMs ?? 0));
    const resumeHops = gate?.resumeMs === undefined ? null : Math.min(preRollHops, hopsIn(gate.resumeMs));
    return {
      profile,
      detector: new Detector(notice, rateHz, hopSamples),
      nearMisses: new NearMisses({ ...this.#deps, profile, rateHz, ring, reporter: this.#reporter }),
      flow: new DetectionFlow({
        ...this.#deps,
        profile,
        rateHz,
        ring,
        reporter: this.#reporter,
        tiny: this.#tiny,
        heavy: this.#heavy,
        offer: (escalation) => this.#deps.uplink.offer(escalation),
        speechStreams: this.#deps.uplink.speechStreams ?? null,
      }),
      reach: { hopSamples, preRollHops, resumeHops },
    };
  }

  #guarded(stage: Stage, role: string): StageGuard {
    const { meter, timer } = this.#deps;
    return new StageGuard(stage, role, meter, timer, (name, health) => this.#reporter.health(name, health));
  }

  #takeOverIfIdle(path: SignalPath | null): void {
    if (this.#exchange === null) return;
    if (path === null || (path.flow.state === 'idle' && path.detector.state === 'armed'))
      this.#takeOver(this.#exchange, path);
  }

  #takeOver({ profile, stages, done }: Exchange, path: SignalPath | null): void {
    this.#exchange = null;
    this.#profile = profile;
    this.#tiny = this.#guarded(stages.tiny, 'tiny');
    this.#heavy = stages.heavy === null ? null : this.#guarded(stages.heavy, 'heavy');
    if (path !== null) {
      const { format, ring, detector, nearMisses } = path;
      nearMisses.reset();
      const to = typeof profile === 'function' ? profile(format) : profile;
      Object.assign(path, this.#behaviour(to, format, ring));
      const reach = ring.endSample - path.reach.preRollHops * to.hopSamples;
      this.#fed.restart(Math.max(reach, ring.startSample, detector.noticedSample));
    }
    done();
  }

  #gap(gap: Gap): Promise<void> | undefined {
    const path = this.#path;
    // What nobody was to hear, and what a board kept to itself because it was quiet, is not lost.
    if (gap.reason !== 'muted' && gap.reason !== 'gated') this.#deps.meter.lost(gap.lostSamples);
    if (path === null) {
      this.#reporter.gap(gap);
      return undefined;
    }
    const heardSample = path.ring.endSample;
    this.#reporter.gap(gap);
    return andThen(path.flow.interrupt('gap', heardSample), () => {
      const sample = Math.max(gap.sample + gap.lostSamples, path.framer.nextSample ?? 0);
      path.nearMisses.reset();
      path.framer.cut(sample);
      path.ring.clear(sample);
      path.gate.reset();
      path.highPass?.reset();
      path.detector.reset(sample, path.flow.believed);
      this.#tiny.reset();
      this.#heavy?.reset();
      this.#endpointer?.reset();
      this.#speech?.reset();
      this.#fed.restart(sample);
    });
  }

  #frame(frame: Frame): Promise<void> | undefined {
    let path = this.#path;
    if (path === null) {
      const channels = Array.from({ length: frame.channels }, (_, i) => ({ name: `${i}`, unit: '' }));
      path = this.#open({ rateHz: frame.rateHz, channels });
      this.#path = path;
    }
    const expected = path.framer.nextSample;
    if (expected === null) {
      path.framer.cut(frame.sample);
      path.ring.clear(frame.sample);
      this.#fed.restart(frame.sample);
    } else if (frame.sample > expected) {
      const lostSamples = frame.sample - expected;
      const { source } = frame;
      const lost = this.#gap({ kind: 'gap', source, sample: expected, lostSamples, reason: 'lost' });
      if (lost !== undefined) return this.#resume(path, frame, lost);
    }
    this.#lastValue = frame.data.at(-1) ?? 0;
    path.framer.offer(frame);
    return this.#run(path);
  }

  async #resume(path: SignalPath, frame: Frame, before: Promise<void>): Promise<void> {
    await before;
    this.#lastValue = frame.data.at(-1) ?? 0;
    path.framer.offer(frame);
    await this.#run(path);
  }

  /** Works off what was offered; only when a stage answers later does it become asynchronous. */
  #run(path: SignalPath): Promise<void> | undefined {
    for (;;) {
      const work = this.#step(path);
      if (work === NOTHING_LEFT) return undefined;
      if (work !== undefined) return this.#runAfter(path, work);
    }
  }

  async #runAfter(path: SignalPath, work: Promise<void>): Promise<void> {
    await work;
    for (;;) {
      const next = this.#step(path);
      if (next === NOTHING_LEFT) return;
      if (next !== undefined) await next;
    }
  }

  /** One piece of work: a hop tiny has not heard yet, else the next hop of the signal. */
  #step(path: SignalPath): Promise<void> | undefined | typeof NOTHING_LEFT {
    if (path.gate.open && this.#fed.nextSample < path.ring.endSample) return this.#listen(path);
    return path.framer.take() ? this.#hop(path) : NOTHING_LEFT;
  }

  #hop(path: SignalPath): Promise<void> | undefined {
    this.#takeOverIfIdle(path);
    const { framer, ring, gate, detector } = path;
    const { meter } = this.#deps;
    path.highPass?.apply(framer.hop);
    ring.write(framer.hop);
    const endSample = ring.endSample;
    this.#reporter.sample = endSample;
    path.nearMisses.tick(endSample);
    meter.heard(path.hopMs);
    const wasOpen = gate.open;
    const startMs = meter.nowMs();
    const open = gate.push(framer.hop);
    this.#gateMeter.record(open ? 'accept' : 'reject', startMs);
    if (detector.tick(endSample) === 'stuck') this.#forget();
    if (!open || this.#speech === null || this.#speech.down) return this.#gated(path, wasOpen);
    const decision = this.#speech.decide(this.#show(framer.hop, framer.hopSample));
    const decided = (heard: Decision) => {
      // Who cannot say whether somebody speaks keeps nobody from being heard.
      gate.heard(heard.kind !== 'reject');
      return this.#gated(path, wasOpen);
    };
    return decision instanceof Promise ? decision.then(decided) : decided(decision);
  }

  #gated(path: SignalPath, wasOpen: boolean): Promise<void> | undefined {
    const { gate, ring, detector, flow } = path;
    const { endSample } = ring;
    if (!gate.open) {
      detector.silence(endSample);
      flow.track(null, endSample);
      this.#rearm(path);
    } else if (!wasOpen) {
      if (this.#fed.reopen(ring, path.reach)) this.#tiny.reset();
      else detector.resume(endSample);
    }
    this.#tell(path);
    return this.#flowHop(path, endSample);
  }

  #forget(): void {
    this.#tiny.reset();
    this.#fed.forgot();
  }

  #flowHop(path: SignalPath, endSample: number): Promise<void> | undefined {
    const { flow, gate, framer } = path;
    const { capture } = flow;
    const byLevel = capture?.isSpeech(gate.levelDb, gate.floorDb) ?? false;
    if (capture === null || this.#endpointer === null || this.#endpointer.down)
      return this.#released(path, flow.hop(endSample, byLevel, gate.levelDb));
    const hop = { ...this.#show(framer.hop, framer.hopSample), voiceDb: capture.wordDb };
    const decided = this.#endpointer.decideWithin(hop);
    const heard = decided.then((decision) =>
      flow.hop(endSample, decision.kind === 'abstain' ? byLevel : decision.kind === 'accept', gate.levelDb),
    );
    return this.#released(path, heard);
  }

  #listen(path: SignalPath): Promise<void> | undefined {
    const startSample = this.#fed.nextSample;
    const endSample = startSample + path.profile.hopSamples;
    const hop = path.ring.hopAt(startSample);
    this.#fed.gave(endSample);
    if (hop === null) return undefined;
    const decision = this.#tiny.decide(this.#show(hop, startSample));
    if (!(decision instanceof Promise)) return this.#judged(path, decision, startSample, endSample);
    return decision.then((late) => this.#judged(path, late, startSample, endSample));
  }

  #judged(
    path: SignalPath,
    decision: Decision,
    startSample: number,
    endSample: number,
  ): Promise<void> | undefined {
    const { detector, flow } = path;
    if (this.#tiny.down) {
      throw new CatnapError('STAGE_UNAVAILABLE', `${this.#deps.source}: stage ${this.#tiny.name} is down`);
    }
    if (decision.kind !== 'abstain' && decision.confidence > (this.#loudestConfidence ?? -1)) {
      this.#loudestConfidence = decision.confidence;
      this.#loudestLabel = decision.label;
    }
    flow.track(decision, endSample);
    path.nearMisses.hear(decision, endSample, detector.state === 'armed');
    const reaction = detector.hear(decision, startSample, endSample);
    switch (reaction) {
      case 'none':
      case 'stuck':
        this.#rearm(path);
        return undefined;
      case 'prefetch':
        this.#prefetch();
        return undefined;
      case 'notice':
        this.#prefetch();
        flow.notice(decision, detector.candidateSample, endSample, soundOf(path, endSample));
        return this.#released(path, flow.hop(path.ring.endSample, false, path.gate.levelDb));
    }
  }

  #prefetch(): void {
    this.#heavy?.stage.prepare?.();
    this.#deps.endpointer?.prepare?.();
    this.#endpointer?.retry();
    this.#deps.uplink.prepare();
  }

  #released(path: SignalPath, work: Promise<void> | undefined): Promise<void> | undefined {
    return andThen(work, () => this.#rearm(path));
  }

  #rearm({ flow, detector, ring }: SignalPath): void {
    if (flow.state === 'idle' && detector.state === 'engaged')
      detector.release(ring.endSample, flow.believed);
  }

  #show(data: Float32Array, startSample: number): Window {
    this.#window.startSample = startSample;
    this.#window.data = data;
    return this.#window;
  }

  #tell(path: SignalPath): void {
    const { telemetry, source, meter } = this.#deps;
    this.#hops += 1;
    if (telemetry === null) return;
    if (this.#hops % path.countersHops === 0) telemetry(meter.counters());
    if (this.#hops % path.levelHops !== 0) return;
    const { gate, ring, format, framer } = path;
    telemetry({
      type: 'level',
      source,
      sample: ring.endSample,
      atMs: (ring.endSample / format.rateHz) * 1000,
      levelDb: gate.levelDb,
      floorDb: gate.floorDb,
      gateOpen: gate.open,
      confidence: this.#loudestConfidence,
      label: this.#loudestLabel,
      state: this.state,
      learningMs: this.#tiny.stage.learningMs?.() ?? 0,
      values: path.isAudio ? [] : readings(framer.hop, format),
    });
    [this.#loudestConfidence, this.#loudestLabel] = [null, null];
  }
}
