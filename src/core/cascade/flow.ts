import type { Reason, Sound } from '../events/events.js';
import { samplesIn } from '../signal/duration.js';
import { loudestBlockDb } from '../signal/gate.js';
import { powerOf } from '../signal/pcm.js';
import type { Ring } from '../signal/ring.js';
import { countWords } from '../words.js';
import type { CascadeDeps, Sequel } from './cascade-deps.js';
import { confidences, decisionOf, isDegraded, raise, resumes, startOf, withDegraded } from './decisions.js';
import { Doubt } from './doubt.js';
import { type Clip, clipOf, type Escalation, isKept, type SpeechStreams } from './escalation.js';
import { recogniseWithin, type StageGuard } from './guard.js';
import { believe, type PolicyContext, type Resolution, resolveLabel, resolveUtterance } from './policy.js';
import type { CascadeProfile, ClipProfile } from './profile.js';
import { type Detection, type Reporter, trailEntry } from './report.js';
import type { Settlement } from './settle.js';
import { SpeechStream } from './speech-stream.js';
import type { Decision, Recognition, Window } from './stage.js';
import { Tracker } from './tracker.js';
import { type Utterance, UtteranceCapture } from './utterance.js';
import {
  askEnd,
  followedFrom,
  fromWordEnd,
  placeEnd,
  placeJudged,
  shownFrom,
  VerifyTime,
  WAKE_WORD_MS,
} from './word-end.js';

/** What a cascade gives the flow of its detections as it is. */
type Shared = 'recogniser' | 'settle' | 'sequels' | 'otherSources' | 'cloudAway' | 'clips' | 'company';

/** What a flow acts on. */
export interface FlowDeps extends Pick<CascadeDeps, Shared | 'meter' | 'timer' | 'clock'> {
  readonly profile: CascadeProfile;
  readonly rateHz: number;
  readonly ring: Ring;
  readonly reporter: Reporter;
  readonly tiny: StageGuard;
  readonly heavy: StageGuard | null;
  readonly offer: (escalation: Escalation) => void;
  /** Null: nothing leaves before it is over. */
  readonly speechStreams: SpeechStreams | null;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'noticed'; readonly detection: Detection; readonly time: VerifyTime }
  | { readonly kind: 'verifying'; readonly detection: Detection }
  | { readonly kind: 'doubted'; readonly detection: Detection; readonly doubt: Doubt }
  | { readonly kind: 'utterance'; readonly detection: Detection; readonly capture: UtteranceCapture }
  | { readonly kind: 'recognising'; readonly detection: Detection }
  | { readonly kind: 'tracking'; readonly detection: Detection; readonly tracker: Tracker };

/** How long a heavy stage that went down is left alone, on the sample clock. */
const HEAVY_RETRY_MS = 30_000;

const IDLE: State = { kind: 'idle' };

/**
 * What happens to one detection after tiny noticed it. Every state has a deadline: `noticed` waits for the
 * verification's tail, `verifying` and `recognising` for their stage's budget, `utterance` and `tracking` for
 * their longest.
 *
 * ```
 *   idle ─▶ noticed ─▶ verifying ─▶ utterance ─▶ recognising ─▶ idle
 *                        ▲ │  └───▶ tracking ─▶ idle
 *                        │ └─ refused ─▶ idle
 *                     doubted ─▶ idle
 * ```
 */
export class DetectionFlow {
  /** Whether the present or last detection was verified. */
  believed = false;
  #state: State = IDLE;
  #heavyRetrySample = 0;
  /** What was verified last, and when, monotonic. */
  #told: { readonly detection: Detection; readonly atMs: number } | null = null;
  readonly #speech: SpeechStream;

  constructor(readonly deps: FlowDeps) {
    this.#speech = new SpeechStream(deps.speechStreams, deps.ring);
  }

  get state(): State['kind'] {
    return this.#state.kind;
  }

  /** The capture that wants to know whether a hop is speech; null in every other state. */
  get capture(): UtteranceCapture | null {
    return this.#state.kind === 'utterance' ? this.#state.capture : null;
  }

  /** Tiny noticed something in the samples up to `endSample`. */
  notice(decision: Decision, startSample: number, endSample: number, sound: Sound | null): void {
    const { reporter, profile, rateHz } = this.deps;
    this.believed = false;
    const earliestSample = endSample - samplesIn(profile.verify.windowMs, rateHz);
    const detection: Detection = {
      id: reporter.nextDetection(),
      label: decision.kind === 'abstain' ? '' : decision.label,
      noticedSample: endSample,
      owedSample: 0,
      shownSample: shownFrom(earliestSample, this.#told?.detection),
      startSample: startOf(decision) ?? startSample,
      endSample: null,
      unplaced: null,
      resumes: resumes(decision),
      trail: [trailEntry(decision, endSample, this.deps.meter.stage('tiny').lastCost())],
      sound,
      scores: new Map(),
      reasons: [],
    };
    raise(detection.scores, decision);
    const time = new VerifyTime(decision, endSample, profile.verify.tailMs, rateHz);
    this.#state = { kind: 'noticed', detection, time };
    reporter.noticed(detection);
  }

  /** Time goes on to `endSample`. Resolves when the flow can take the next hop; undefined when at once. */
  hop(endSample: number, speech: boolean, levelDb: number): Promise<void> | undefined {
    const state = this.#state;
    switch (state.kind) {
      case 'noticed':
        return endSample >= state.time.sample ? this.#verify(state.detection, endSample, null) : undefined;
      case 'doubted':
        return endSample >= state.doubt.lookSample(state.detection.owedSample)
          ? this.#verify(state.detection, endSample, state.doubt)
          : undefined;
      case 'utterance': {
        this.#speech.push(endSample);
        const utterance = state.capture.push(endSample, speech, levelDb);
        return utterance === null ? undefined : this.#heard(state.detection, utterance, state.capture);
      }
      case 'idle':
      case 'verifying':
      case 'recognising':
      case 'tracking':
        return undefined;
    }
  }

  /** What tiny says of the hop that ends at `endSample`, while a detection waits for heavy or is tracked. */
  track(decision: Decision | null, endSample: number): void {
    const state = this.#state;
    const { profile, rateHz } = this.deps;
    const high = decision !== null && decision.kind !== 'reject' && decision.kind !== 'abstain';
    const waits = state.kind === 'noticed' || state.kind === 'doubted';
    // As soon as heavy would be asked about it had nothing been noticed before it.
    if (waits && decision !== null && raise(state.detection.scores, decision) && high)
      state.detection.owedSample = new VerifyTime(decision, endSample, profile.verify.tailMs, rateHz).sample;
    if (state.kind === 'noticed' && decision !== null) state.time.hear(decision, endSample);
    if (state.kind !== 'idle' && decision !== null) placeEnd(state.detection, decision, rateHz);
    if (state.kind === 'doubted' && !high && !state.doubt.owes(state.detection.owedSample))
      this.#refuse(state.detection, state.doubt.reasons);
    if (state.kind !== 'tracking') return;
    const tracked = state.tracker.push(endSample, high);
    if (decision !== null && (high || tracked === 'update')) {
      const entry = trailEntry(decision, endSample, this.deps.meter.stage('tiny').lastCost());
      if (high) state.tracker.latest = entry;
      if (tracked === 'update') this.deps.reporter.updated(state.detection, entry);
    }
    if (tracked === 'ended') this.#end(state, false);
  }

  /** Ends what is under way because the signal broke off (`gap`) or is over (`end-of-source`). */
  interrupt(why: 'gap' | 'end-of-source', endSample: number): Promise<void> | undefined {
    const state = this.#state;
    switch (state.kind) {
      case 'noticed':
        if (why === 'end-of-source') return this.#verifyThenStop(state.detection, endSample, null);
        this.#refuse(state.detection, ['gap']);
        return undefined;
      case 'doubted':
        if (why === 'end-of-source' && state.doubt.owes(Math.min(endSample, state.detection.owedSample)))
          return this.#verifyThenStop(state.detection, endSample, state.doubt);
        this.#refuse(state.detection, state.doubt.reasons);
        return undefined;
      case 'utterance':
        return this.#heard(state.detection, state.capture.end(why, endSample), state.capture);
      case 'tracking':
        this.#end(state, true);
        return undefined;
      case 'idle':
      case 'verifying':
      case 'recognising':
        return undefined;
    }
  }

  async #verifyThenStop(detection: Detection, endSample: number, doubt: Doubt | null): Promise<void> {
    await this.#verify(detection, endSample, doubt);
    await this.interrupt('end-of-source', endSample);
  }

  async #verify(detection: Detection, endSample: number, doubt: Doubt | null): Promise<void> {
    this.#state = { kind: 'verifying', detection };
    const { reporter, profile, tiny, heavy } = this.deps;
    const verifier = heavy === null ? 'none' : await this.#askHeavy(heavy, detection, endSample, doubt);
    const belief = believe(detection.trail, verifier, profile.policy);
    if (belief.action === 'drop') {
      // Only a judgement may be for want of signal: what heavy could not judge, policy has decided.
      if (detection.trail.at(-1)?.kind === 'abstain') this.#refuse(detection, belief.reasons);
      else this.#doubt(detection, belief.reasons, endSample, doubt);
      return;
    }
    detection.reasons = detection.resumes ? [...belief.reasons, 'resumed'] : belief.reasons;
    this.believed = true;
    this.#told = { detection, atMs: this.deps.clock.monotonicMs() };
    // Without a heavy stage nothing is confirmed: what tiny noticed may as well be news to learn.
    if (heavy !== null) tiny.confirmed(detection.label, reporter.sample - detection.startSample);
    // Before the event: whoever acts on it asks at once whose it is.
    this.#tellCompany(detection);
    reporter.verified(detection, belief.degraded);
    await this.#follow(detection, endSample);
  }

  #tellCompany(detection: Detection): void {
    const { company, reporter, clock, rateHz, ring } = this.deps;
    if (company === null) return;
    const { id, label, startSample, noticedSample, trail } = detection;
    const last = trail.findLast((entry) => entry.kind !== 'abstain');
    const nowMs = clock.monotonicMs();
    const sinceMs = ((reporter.sample - startSample) * 1000) / rateHz;
    company.heard({
      detection: id,
      source: reporter.source,
      label,
      confidence: last?.confidence ?? 0,
      power: powerOf(ring.copy(startSample, noticedSample).data),
      agoMs: nowMs - (reporter.arrivedMs ?? nowMs) + sinceMs,
    });
  }

  /** Refuses it for good, or until the next look. */
  #doubt(detection: Detection, reasons: readonly Reason[], endSample: number, last: Doubt | null): void {
    const { againMs } = this.deps.profile.verify;
    if (againMs === null) {
      this.#refuse(detection, reasons);
      return;
    }
    const doubt =
      last?.again(reasons, endSample) ?? new Doubt(reasons, endSample, samplesIn(againMs, this.deps.rateHz));
    this.#state = { kind: 'doubted', detection, doubt };
  }

  #refuse(detection: Detection, reasons: readonly Reason[]): void {
    this.#state = IDLE;
    this.deps.reporter.refused(detection, reasons);
    this.#keepClip(detection, this.deps.ring.endSample, true);
  }

  #end({ detection, tracker }: Extract<State, { kind: 'tracking' }>, interrupted: boolean): void {
    this.#state = IDLE;
    if (this.deps.heavy !== null) this.deps.tiny.ended();
    this.deps.reporter.ended(detection, tracker, interrupted);
  }

  async #askHeavy(heavy: StageGuard, detection: Detection, endSample: number, last: Doubt | null) {
    const { profile, rateHz, meter, reporter } = this.deps;
    if (heavy.down && endSample >= this.#heavyRetrySample) heavy.retry();
    let decision: Decision = { kind: 'abstain', stage: heavy.name, code: 'STAGE_UNAVAILABLE' };
    if (!heavy.down) {
      heavy.reset();
      const window = {
        ...this.#window(detection.shownSample, endSample, detection),
        noticed: detection.scores,
      };
      decision = await heavy.decideWithin(window);
      if (decision.kind === 'accept' && decision.endSample === undefined) detection.unplaced = window;
      if (heavy.down) this.#heavyRetrySample = endSample + samplesIn(HEAVY_RETRY_MS, rateHz);
    }
    const startSample = startOf(decision) ?? detection.startSample;
    // What tiny has seen of a lasting fault stands until heavy has refused it: a later beginning would deny it.
    const tinyStands = profile.followup.kind === 'track' && last === null;
    detection.startSample = tinyStands ? Math.min(detection.startSample, startSample) : startSample;
    // Heavy knows better what it was.
    if (decision.kind === 'accept') {
      if (decision.endSample !== undefined) placeJudged(detection, decision.endSample, endSample, rateHz);
      detection.label = decision.label;
      detection.resumes = resumes(decision);
    }
    // Only tiny's entry stays from before the last look.
    detection.trail.length = 1;
    reporter.asked(detection, decision, endSample, meter.stage('heavy').lastCost());
    return isDegraded(decision) ? 'stand-in' : 'heavy';
  }

  async #follow(detection: Detection, endSample: number): Promise<void> {
    const { profile, rateHz, ring } = this.deps;
    const { recogniser, profile: its } = this.#sequel(detection);
    const { followup } = its;
    switch (followup.kind) {
      case 'utterance': {
        await askEnd(this.deps.heavy, detection, rateHz);
        recogniser?.prepare?.();
        const fromSample = followedFrom(detection, endSample, rateHz);
        const word = this.#window(fromSample - samplesIn(WAKE_WORD_MS, rateHz), endSample);
        const voiceDb = loudestBlockDb(word.data, rateHz, profile.gate?.fromHz ?? null);
        const capture = new UtteranceCapture(followup, rateHz, fromSample, ring.startSample, voiceDb);
        this.#state = { kind: 'utterance', detection, capture };
        this.#beginSpeech(detection, followup.maxMs);
        return;
      }
      case 'track':
        this.#state = { kind: 'tracking', detection, tracker: new Tracker(followup, rateHz, endSample) };
        this.#state.tracker.latest = detection.trail.at(-1) ?? null;
        await this.#resolveLabel(detection, endSample);
        return;
      case 'none':
        await this.#resolveLabel(detection, endSample);
        this.#state = IDLE;
        return;
    }
  }

  /** A detection that stands on its own label: settled or escalated, or left at `verified`. */
  async #resolveLabel(detection: Detection, endSample: number): Promise<void> {
    const context = this.#context();
    const { policy } = this.#sequel(detection).profile;
    const resolution = resolveLabel(detection.label, detection.reasons, context, policy);
    if (resolution.action === 'drop') return;
    const taken = await this.#unlessElsewhere(resolution, detection);
    this.#take(taken, detection, null, endSample, {
      ...confidences(detection),
      otherSources: context.otherSources.length,
    });
  }

  async #heard(detection: Detection, captured: Utterance, capture: UtteranceCapture): Promise<void> {
    this.#state = { kind: 'recognising', detection };
    const utterance = fromWordEnd(captured, detection, this.deps.ring, this.deps.rateHz);
    const { reporter, rateHz } = this.deps;
    const { settle, profile } = this.#sequel(detection);
    const judged = confidences(detection);
    const recognition = await this.#recognise(utterance, detection);
    if (isDegraded(recognition)) detection.reasons = withDegraded(detection.reasons);
    // Tiny may notice a word long before its end.
    if (utterance.outcome === 'endpoint' && recognition?.kind === 'empty' && capture.goOn()) {
      this.#state = { kind: 'utterance', detection, capture };
      return;
    }
    reporter.utterance(detection, utterance);
    if (recognition !== null) {
      for (const { stage, failure } of recognition.askedBefore ?? []) reporter.answered(stage, failure);
      const cost = this.deps.meter.stage('recogniser').lastCost();
      reporter.asked(detection, decisionOf(recognition, detection.label), utterance.endSample, cost);
    }
    const transcript = recognition?.kind === 'transcript' ? recognition : null;
    const settlement: Settlement | null = transcript === null ? null : settle(transcript);
    const durationMs = ((utterance.endSample - utterance.startSample) * 1000) / rateHz;
    const { outcome, spoken } = utterance;
    const context = this.#context();
    const resolution = resolveUtterance(
      { outcome, spoken, durationMs, recognition, settlement },
      detection.reasons,
      context,
      profile.policy,
    );
    const routing = {
      ...judged,
      utteranceMs: durationMs,
      words: transcript === null ? 0 : countWords(transcript.text),
      recognition: transcript?.confidence ?? 0,
      unknownWords: settlement?.kind === 'unsettled' ? settlement.unknownWords : 0,
      otherSources: context.otherSources.length,
    };
    const taken = await this.#unlessElsewhere(resolution, detection);
    this.#state = IDLE;
    this.#take(taken, detection, transcript?.text ?? null, utterance.endSample, routing);
  }

  /** What another source does, this one leaves. */
  async #unlessElsewhere(resolution: Resolution, { id }: Detection): Promise<Resolution> {
    const { company } = this.deps;
    if (resolution.action === 'drop' || company === null || (await company.isMine(id))) return resolution;
    return { action: 'drop', reasons: ['heard-elsewhere'] };
  }

  async #recognise(utterance: Utterance, detection: Detection): Promise<Recognition | null> {
    const { meter, timer, rateHz } = this.deps;
    const { recogniser } = this.#sequel(detection);
    if (recogniser === null || !utterance.spoken || utterance.outcome === 'gap') return null;
    const { startSample, endSample, apart } = utterance;
    const window = this.#window(startSample, endSample, detection);
    if (apart) return recogniseWithin(recogniser, window, meter, timer);
    const { data } = this.#window(startSample - samplesIn(WAKE_WORD_MS, rateHz), startSample);
    const wakeWord = { label: detection.label, data };
    return recogniseWithin(recogniser, { ...window, wakeWord }, meter, timer);
  }

  #take(
    resolution: Resolution,
    detection: Detection,
    transcript: string | null,
    endSample: number,
    routing: Readonly<Record<string, number>>,
  ): void {
    const { reporter } = this.deps;
    this.#keepClip(detection, endSample, resolution.action === 'drop');
    this.#speech.end(resolution.action === 'escalate');
    switch (resolution.action) {
      case 'drop':
        reporter.refused(detection, resolution.reasons);
        return;
      case 'settle':
        reporter.settled(detection, resolution, transcript, routing);
        return;
      case 'escalate': {
        const { reasons, degraded, standing } = resolution;
        const escalation = {
          ...this.#escalation(detection, resolution, transcript, endSample),
          features: routing,
        };
        // The cloud's answer comes too late to wait for.
        if (standing !== null)
          reporter.settled(detection, { reasons, degraded, ...standing }, transcript, routing);
        reporter.escalated(detection, resolution, transcript, routing);
        this.deps.offer(escalation);
        return;
      }
    }
  }

  #escalation(
    detection: Detection,
    { reasons, standing }: Extract<Resolution, { action: 'escalate' }>,
    transcript: string | null,
    endSample: number,
  ): Omit<Escalation, 'features'> {
    const { reporter, profile, tiny, clock, rateHz } = this.deps;
    const from = detection.noticedSample - samplesIn(profile.verify.windowMs, rateHz);
    return {
      key: this.#keyOf(detection),
      detection: detection.id,
      source: reporter.source,
      sample: endSample,
      wallTime: new Date(clock.wallMs()).toISOString(),
      label: detection.label,
      reasons,
      trail: [...detection.trail],
      priority: this.#sequel(detection).profile.priority,
      answeredHere: standing !== null,
      transcript,
      summary: tiny.summarise(this.#window(from, endSample)),
      clip: this.#clip(detection, endSample),
    };
  }

  #clip(detection: Detection, endSample: number, leadMs = 0): Clip | null {
    const { rateHz, ring } = this.deps;
    const { clip } = this.#sequel(detection).profile;
    if (clip === null) return null;
    const at = Math.max(this.#clipStart(detection, clip, leadMs), endSample - samplesIn(clip.maxMs, rateHz));
    return clipOf(ring, rateHz, at, endSample);
  }

  #keepClip(detection: Detection, endSample: number, isRefused: boolean): void {
    const { clips } = this.deps;
    if (clips === undefined || !isKept(clips, detection.trail, isRefused)) return;
    const clip = this.#clip(detection, endSample, this.deps.profile.verify.windowMs);
    if (clip !== null) clips.keep(this.#keyOf(detection), clip);
  }

  /** What follows the word that was said: its own sequel, or the cascade's. */
  #sequel({ label }: Detection): Sequel {
    return this.deps.sequels?.get(label) ?? this.deps;
  }

  #clipStart({ startSample }: Detection, { preRollMs }: ClipProfile, leadMs = 0): number {
    return startSample - samplesIn(Math.max(preRollMs, leadMs), this.deps.rateHz);
  }

  #keyOf(detection: Detection): string {
    return `${this.deps.reporter.stamp.run}/${detection.id}`;
  }

  /** Lets an utterance leave while it is being said, from where its clip begins. */
  #beginSpeech(detection: Detection, maxMs: number): void {
    const { rateHz, reporter } = this.deps;
    const { clip } = this.#sequel(detection).profile;
    if (clip === null) return;
    const startSample = this.#clipStart(detection, clip);
    const { id, label } = detection;
    const key = this.#keyOf(detection);
    this.#speech.begin({ key, detection: id, source: reporter.source, label, startSample, rateHz, maxMs });
  }

  #window(startSample: number, endSample: number, of?: Detection): Window {
    const { reporter, rateHz, ring } = this.deps;
    const about = of === undefined ? {} : { about: { detection: of.id, label: of.label } };
    const copy = ring.copy(startSample, endSample);
    return { source: reporter.source, rateHz, channels: ring.channels, ...about, ...copy };
  }

  #context(): PolicyContext {
    return { otherSources: this.deps.otherSources(this.#told?.atMs ?? 0), cloudAway: this.deps.cloudAway() };
  }
}
