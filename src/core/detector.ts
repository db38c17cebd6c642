import { type NoticeProfile, samplesIn } from './profile.js';
import type { Decision } from './stage.js';

/** What the cascade should do after a hop. */
export type Reaction = 'none' | 'prefetch' | 'notice' | 'stuck';

/**
 * Turns tiny's decisions into detections, on the sample clock alone:
 *
 * ```
 *   armed ──not rejected──▶ candidate ──debounced──▶ engaged ──release──▶ rearming ──score fell, refractory over──▶ armed
 *     ▲                        │ rejected, deadline                          │ deadline: stuck
 *     └────────────────────────┴─────────────────────────────────────────────┘
 * ```
 */
export class Detector {
  state: 'armed' | 'candidate' | 'engaged' | 'rearming' = 'armed';
  /** First sample of the hop that began the candidate. */
  candidateSample = 0;
  readonly #refractorySamples: number;
  readonly #rearmTimeoutSamples: number;
  readonly #candidateSamples: number;
  #agreeing = 0;
  #falling = 0;
  #prefetched = false;
  #noticedSample = Number.NEGATIVE_INFINITY;
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

  /** Takes tiny's decision about the hop `[startSample, endSample)`. */
  hear(decision: Decision, startSample: number, endSample: number): Reaction {
    const high = decision.kind === 'accept' || decision.kind === 'uncertain';
    if (decision.kind === 'reject') this.#falling += 1;
    else if (high) this.#falling = 0;
    switch (this.state) {
      case 'armed':
      case 'candidate':
        if (high) return this.#agree(startSample, endSample);
        if (decision.kind === 'reject') this.state = 'armed';
        return this.#prefetch(decision);
      case 'rearming':
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

  /** The detection is over; armed again once the score has fallen and the refractory time is past. */
  release(sample: number): void {
    this.state = 'rearming';
    this.#deadlineSample = sample + this.#rearmTimeoutSamples;
    this.#rearm(sample);
  }

  /** At a gap: what was heard before it says nothing about now. The refractory time stands. */
  reset(sample: number): void {
    this.#falling = this.profile.rearmHops;
    this.#prefetched = false;
    this.release(sample);
  }

  #agree(startSample: number, endSample: number): Reaction {
    if (this.state === 'armed') {
      this.state = 'candidate';
      this.candidateSample = startSample;
      this.#agreeing = 0;
      this.#deadlineSample = startSample + this.#candidateSamples;
    }
    this.#agreeing += 1;
    if (this.#agreeing < this.profile.debounceHops) return this.#ready();
    this.state = 'engaged';
    this.#noticedSample = endSample;
    this.#falling = 0;
    this.#deadlineSample = Number.POSITIVE_INFINITY;
    return 'notice';
  }

  #prefetch(decision: Decision): Reaction {
    const threshold = this.profile.prefetchConfidence;
    if (threshold === null || decision.kind === 'abstain') return 'none';
    if (decision.confidence >= threshold) return this.#ready();
    this.#prefetched = false;
    return 'none';
  }

  #ready(): Reaction {
    if (this.#prefetched || this.profile.prefetchConfidence === null) return 'none';
    this.#prefetched = true;
    return 'prefetch';
  }

  #rearm(sample: number): void {
    const fallen = this.#falling >= this.profile.rearmHops;
    if (fallen && sample >= this.#noticedSample + this.#refractorySamples) this.#arm();
  }

  #arm(): void {
    this.state = 'armed';
    this.#prefetched = false;
    this.#deadlineSample = Number.POSITIVE_INFINITY;
  }
}
