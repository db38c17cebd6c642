import { samplesIn } from '../signal/duration.js';
import { isBehind } from './decisions.js';
import type { NoticeProfile } from './profile.js';
import type { Decision } from './stage.js';

/** What the cascade should do after a hop. */
export type Reaction = 'none' | 'prefetch' | 'notice' | 'stuck';

/**
 * Turns tiny's decisions into detections, on the sample clock alone:
 *
 * ```
 *   armed ──not rejected─▶ candidate ──debounced─▶ engaged ──release─▶ rearming ──score fell, refractory over─▶ armed
 *     ▲                       │ rejected, deadline                        │ deadline: stuck
 *     └───────────────────────┴───────────────────────────────────────────┘
 * ```
 *
 * After a refusal there is no refractory time, and what tiny now calls something else, or has become sure of, is a
 * candidate at once: a false alarm must not make it deaf to the word that follows. Nor may noise in which tiny goes on
 * finding something: what begins after the last detection was over is a candidate, too.
 */
export class Detector {
  state: 'armed' | 'candidate' | 'engaged' | 'rearming' = 'armed';
  /** First sample of the hop that began the candidate. */
  candidateSample = 0;
  readonly #refractorySamples: number;
  readonly #rearmTimeoutSamples: number;
  readonly #candidateSamples: number;
  #candidateLabel = '';
  #agreeing = 0;
  #falling = 0;
  #prefetched = false;
  #isCalm = false;
  #isHigh = false;
  /** It was armed again for the silence of a shut gate, while what tiny said last had not fallen. */
  #armedUnheard = false;
  #refractoryEnd = Number.NEGATIVE_INFINITY;
  #noticed: { readonly label: string; readonly sure: boolean; readonly sample: number } | null = null;
  #wasRefused = false;
  /** Up to which sample the last detection went on. */
  #releasedSample = Number.POSITIVE_INFINITY;
  #deadlineSample = Number.POSITIVE_INFINITY;

  constructor(
    readonly profile: NoticeProfile,
    rateHz: number,
    hopSamples: number,
  ) {
    this.#refractorySamples = samplesIn(profile.refractoryMs, rateHz);
    this.#rearmTimeoutSamples = samplesIn(profile.rearmTimeoutMs, rateHz);
    this.#candidateSamples = 2 * profile.debounceHops * hopSamples;
  }

  /** Up to which sample what was noticed last reaches; the beginning of time where nothing was. */
  get noticedSample(): number {
    return this.#noticed?.sample ?? Number.NEGATIVE_INFINITY;
  }

  /** How late the next hop may be heard: more than 0 only while nothing is near. */
  get patienceMs(): number {
    return this.state === 'armed' && this.#isCalm ? (this.profile.calm?.waitMs ?? 0) : 0;
  }

  /** Takes tiny's decision about the hop `[startSample, endSample)`. */
  hear(decision: Decision, startSample: number, endSample: number): Reaction {
    const high = decision.kind === 'accept' || decision.kind === 'uncertain';
    this.#isHigh = high;
    this.#armedUnheard = false;
    this.#isCalm = decision.kind === 'reject' && decision.confidence < (this.profile.calm?.below ?? 0);
    if (decision.kind === 'reject') this.#falling += 1;
    else if (high) this.#falling = 0;
    switch (this.state) {
      case 'armed':
      case 'candidate':
        if (high) return this.#agree(decision, startSample, endSample);
        if (decision.kind === 'reject') this.state = 'armed';
        return this.#prefetch(decision);
      case 'rearming':
        if (high && endSample >= this.#refractoryEnd && this.#isNews(decision)) {
          this.#arm();
          return this.#agree(decision, startSample, endSample);
        }
        this.#rearm(endSample);
        return 'none';
      case 'engaged':
        return 'none';
    }
  }

  /** The gate is shut: nothing that could score was heard in the hop that ends at `endSample`. */
  silence(endSample: number): void {
    this.#falling += 1;
    this.#prefetched = false;
    if (this.state === 'candidate') this.state = 'armed';
    if (this.state === 'rearming') this.#rearm(endSample);
  }

  /**
   * The gate has opened, and tiny is to hear the silence too, going on from what it heard last: where that had not
   * fallen, it says it of the same word again, which is no other for the silence behind it.
   */
  resume(sample: number): void {
    if (!this.#armedUnheard) return;
    this.state = 'rearming';
    this.#falling = 0;
    this.#deadlineSample = sample + this.#rearmTimeoutSamples;
  }

  /** Called every hop, whatever was heard: keeps the deadline of each state. */
  tick(sample: number): Reaction {
    if (sample < this.#deadlineSample) return 'none';
    switch (this.state) {
      case 'candidate':
        this.#arm();
        return 'none';
      case 'rearming':
        this.#arm();
        return 'stuck';
      case 'armed':
      case 'engaged':
        return 'none';
    }
  }

  /**
   * The detection is over; armed again once the score has fallen and, where it was believed, the refractory time
   * since it was noticed is past.
   */
  release(sample: number, believed: boolean): void {
    this.state = 'rearming';
    this.#wasRefused = !believed;
    this.#releasedSample = sample;
    if (believed && this.#noticed !== null) {
      this.#refractoryEnd = this.#noticed.sample + this.#refractorySamples;
    }
    this.#deadlineSample = sample + this.#rearmTimeoutSamples;
    this.#rearm(sample);
  }

  /** At a gap: what was heard before it says nothing about now. The refractory time stands. */
  reset(sample: number, believed: boolean): void {
    this.#falling = this.profile.rearmHops;
    this.#prefetched = false;
    this.#isHigh = false;
    this.#armedUnheard = false;
    switch (this.state) {
      case 'engaged':
        this.release(sample, believed);
        return;
      case 'candidate':
        this.#arm();
        return;
      case 'rearming':
        this.#rearm(sample);
        return;
      case 'armed':
        return;
    }
  }

  #agree(decision: Decision, startSample: number, endSample: number): Reaction {
    const label = decision.kind === 'abstain' ? '' : decision.label;
    if (this.state === 'armed' || label !== this.#candidateLabel) {
      this.state = 'candidate';
      this.candidateSample = startSample;
      this.#candidateLabel = label;
      this.#agreeing = 0;
      this.#deadlineSample = startSample + this.#candidateSamples;
    }
    this.#agreeing += 1;
    if (this.#agreeing < this.profile.debounceHops) return this.#ready();
    this.state = 'engaged';
    this.#noticed = { label, sure: decision.kind === 'accept', sample: endSample };
    this.#falling = 0;
    this.#deadlineSample = Number.POSITIVE_INFINITY;
    return 'notice';
  }

  #prefetch(decision: Decision): Reaction {
    const threshold = this.profile.prefetch;
    if (threshold === null || decision.kind === 'abstain') return 'none';
    if (decision.confidence >= threshold) return this.#ready();
    this.#prefetched = false;
    return 'none';
  }

  #ready(): Reaction {
    if (this.#prefetched || this.profile.prefetch === null) return 'none';
    this.#prefetched = true;
    return 'prefetch';
  }

  #rearm(sample: number): void {
    const fallen = this.#falling >= this.profile.rearmHops;
    if (!fallen || sample < this.#refractoryEnd) return;
    this.#arm();
    this.#armedUnheard = this.#isHigh;
  }

  /** Whether this is not what was just decided about. */
  #isNews(decision: Decision): boolean {
    const { label, sure } = this.#noticed ?? { label: '', sure: true };
    if (decision.kind === 'abstain') return false;
    if (isBehind(decision, this.#releasedSample)) return true;
    return this.#wasRefused && (decision.label !== label || (decision.kind === 'accept' && !sure));
  }

  #arm(): void {
    this.state = 'armed';
    this.#prefetched = false;
    this.#deadlineSample = Number.POSITIVE_INFINITY;
  }
}
