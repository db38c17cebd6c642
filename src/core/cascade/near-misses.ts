import { samplesIn } from '../signal/duration.js';
import type { Ring } from '../signal/ring.js';
import type { CascadeDeps } from './cascade-deps.js';
import { clipOf } from './escalation.js';
import type { CascadeProfile } from './profile.js';
import { type NearMiss, type Reporter, trailEntry } from './report.js';
import type { Decision, Judgement } from './stage.js';
import { WAKE_WORD_MS } from './word-end.js';

/** From this share of what it takes to be noticed on something was almost noticed. */
export const NEAR = 0.5;
/** Most that are told in an hour of the sample clock; the others are counted. */
const MOST_AN_HOUR = 30;
const HOUR_MS = 3_600_000;

/** What is told of near misses, to whom, and what of them is kept. */
export interface NearMissDeps extends Pick<CascadeDeps, 'clips' | 'sequels'> {
  readonly profile: Pick<CascadeProfile, 'verify' | 'clip'>;
  readonly rateHz: number;
  readonly ring: Ring;
  readonly reporter: Pick<Reporter, 'nearMiss' | 'stamp'>;
}

/** A clip that waits for its last samples. */
interface Due {
  readonly key: string;
  readonly startSample: number;
  readonly endSample: number;
}

/**
 * What tiny almost noticed: the surest moment of each stretch in which it was at least half as sure as it would have
 * had to be. Only of stages that say what they held themselves to. Where clips of it are asked for, one is kept of
 * what heavy would have been shown, and of the second after it: tiny may be surest long before a word is over.
 */
export class NearMisses {
  readonly #deps: NearMissDeps;
  readonly #hourSamples: number;
  #surest: NearMiss['entry'] | null = null;
  /** Where those of the last hour stood, oldest first. */
  #told: number[] = [];
  #skipped = 0;
  #due: Due | null = null;

  constructor(deps: NearMissDeps) {
    this.#deps = deps;
    this.#hourSamples = samplesIn(HOUR_MS, deps.rateHz);
  }

  /**
   * Takes what tiny says of samples up to `endSample`; tells what was almost noticed once that is over.
   * @param isArmed nothing was noticed that is still being worked on; else what is almost noticed is most likely that
   */
  hear(decision: Decision, endSample: number, isArmed: boolean): void {
    const entry = this.#surest;
    if (isArmed && decision.kind === 'reject' && isNear(decision)) {
      if (decision.confidence > (entry?.confidence ?? 0))
        this.#surest = trailEntry(decision, endSample, null);
      return;
    }
    this.#surest = null;
    // What became sure enough was no miss.
    if (isArmed && entry !== null && decision.kind === 'reject') this.#tell(entry, endSample);
  }

  /** Time goes on to `endSample`, also where tiny is not asked. */
  tick(endSample: number): void {
    if (this.#due !== null && endSample >= this.#due.endSample) this.#keep();
  }

  /** What comes next has nothing to do with what was before: of a clip that waits there is no more. */
  reset(): void {
    this.#surest = null;
    this.#keep();
  }

  #tell(entry: NearMiss['entry'], endSample: number): void {
    this.#told = this.#told.filter((sample) => endSample - sample < this.#hourSamples);
    if (this.#told.length >= MOST_AN_HOUR) {
      this.#skipped += 1;
      return;
    }
    this.#told.push(endSample);
    const skipped = this.#skipped;
    this.#skipped = 0;
    this.#await(entry, this.#deps.reporter.nearMiss({ entry, skipped }));
  }

  /** Lets a clip wait for its end; another that waits has what there is by now. */
  #await({ label, sample }: NearMiss['entry'], id: string): void {
    const { clips, sequels, profile, rateHz, reporter } = this.#deps;
    const { clip } = sequels?.get(label)?.profile ?? profile;
    if (!clips?.of.includes('almost-noticed') || clip === null) return;
    this.#keep();
    const endSample = sample + 1 + samplesIn(WAKE_WORD_MS, rateHz);
    const leadMs = Math.max(clip.preRollMs, profile.verify.windowMs);
    const startSample = Math.max(
      sample + 1 - samplesIn(leadMs, rateHz),
      endSample - samplesIn(clip.maxMs, rateHz),
    );
    this.#due = { key: `${reporter.stamp.run}/${id}`, startSample, endSample };
  }

  #keep(): void {
    const due = this.#due;
    this.#due = null;
    if (due === null) return;
    const { clips, ring, rateHz } = this.#deps;
    const clip = clipOf(ring, rateHz, due.startSample, due.endSample);
    if (clip !== null && clip.pcm.length > 0) clips?.keep(due.key, clip);
  }
}

function isNear({ confidence, thresholds }: Judgement): boolean {
  return thresholds !== undefined && thresholds.reject > 0 && confidence >= NEAR * thresholds.reject;
}
