import type { StageDescription } from '../metering/telemetry.js';
import type { Cascade } from './cascade.js';
import type { CascadeDeps } from './cascade-deps.js';
import type { Recogniser, Stage } from './stage.js';

/**
 * A stage or recogniser as serialisable data, so that a worker or child can build its own; each kind adds
 * what it needs.
 */
export interface StageSpec {
  readonly kind: string;
  /** Name in trails. */
  readonly name: string;
  /** Wall time after which a decision is abandoned. */
  readonly budgetMs: number;
  /** A worker of the house is asked first; this device alone when left out. */
  readonly remote?: RemoteTerms;
}

/** How a stage is asked that may be elsewhere in the house. */
export interface RemoteTerms {
  /** How long a worker's answer is waited for before this device goes on alone. */
  readonly waitMs: number;
  /** Whether the stage on this device then answers instead; else it abstains, and policy decides. */
  readonly local: boolean;
  /** What is told of it falls under the egress rules of. */
  readonly signal: 'voice' | 'sensor';
}

/** A recogniser as serialisable data: its members are asked in order until one understands. */
export interface RecogniserSpec extends Omit<StageSpec, 'kind'> {
  readonly members: readonly StageSpec[];
}

/** Specs that a stage host knows, in place of those that a configuration would plan. */
export interface GivenStages {
  readonly tiny?: StageSpec;
  readonly heavy?: StageSpec;
  readonly endpointer?: StageSpec;
  readonly recogniser?: RecogniserSpec;
}

/** Where a cascade is built, whatever its kind. */
export interface CascadePlace {
  readonly source: string;
  /** Identifies this run of the process. */
  readonly run: string;
  /** What ids begin with; the source when left out. */
  readonly ids?: string;
}

/**
 * Where stages live: all in this process for a replay, the heavy ones in a child that can be killed for a
 * live source.
 */
export interface StageHost {
  /** One that lives on the calling thread; `beside` is a stage there whose memory it may share. */
  here(spec: StageSpec, beside?: Stage): Promise<Stage>;
  /** One that sleeps until it is woken. */
  heavy(spec: StageSpec): Promise<Stage>;
  /** One that is shown every hop of an utterance, and must not be waited for. */
  stream(spec: StageSpec): Promise<Stage>;
  recogniser(spec: RecogniserSpec): Promise<Recogniser>;
}

/** What a cascade needs from whoever runs it. */
export type CascadeEdges = Pick<
  CascadeDeps,
  | 'uplink'
  | 'otherSources'
  | 'cloudAway'
  | 'company'
  | 'clips'
  | 'emit'
  | 'telemetry'
  | 'meter'
  | 'clock'
  | 'timer'
> & { readonly stages: StageHost };

/** A cascade and what to call when it is no longer needed. */
export interface BuiltCascade {
  readonly cascade: Cascade;
  /** Cheapest first. */
  readonly stages: readonly StageDescription[];
  dispose(): Promise<void>;
}
