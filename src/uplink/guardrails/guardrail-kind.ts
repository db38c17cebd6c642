import type { Clock, Timer } from '../../core/clock.js';
import type { Health } from '../../core/events/health.js';
import type { Finding } from '../../core/finding.js';
import type { SettingFault, Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import type { Passed, WayOut } from '../../egress/way-out.js';
import type { Answer } from '../providers/answer.js';
import type { Upload } from '../queue/upload.js';

/** What is done with an answer that does not pass. */
export type OnFail = 'block' | 'redact' | 'ask-again';

/** A guardrail as the uplink knows it; the rest of its settings is its kind's own. */
export interface GuardrailConfig {
  readonly kind: string;
  readonly name: string;
  readonly onFail: OnFail;
}

/** What a guardrail finds of an answer. */
export type Finds =
  | { readonly kind: 'pass' }
  /** Nobody could say, and the settings let it through. */
  | { readonly kind: 'unjudged' }
  /** Nobody could say: asking again is no use. `problem` says why, and nothing of the answer. */
  | { readonly kind: 'unable'; readonly problem: string }
  | {
      readonly kind: 'fail';
      /** What was expected; told to the far end when it is asked again. It says nothing of the answer. */
      readonly problem: string;
      /** The answer without what is wrong with it; null where nothing can be taken out. */
      readonly redacted: Answer | null;
    };

/** One check of an answer that is of its schema already. Never throws. */
export interface Guardrail {
  judge(answer: Answer, upload: Upload): Promise<Finds>;
}

/** Where a guardrail stands. */
export interface GuardrailPlace {
  /** What relative paths are relative to. */
  readonly folder: string;
}

/** What a guardrail is given of the world that it asks in. */
export interface GuardrailEdges {
  readonly clock: Clock;
  readonly timer: Timer;
  /** All that leaves the device leaves through it. */
  readonly wayOut: Pick<WayOut, 'leave'>;
  /** Told of each message that left, for the audit. */
  readonly onPassage: (passed: Passed) => void;
  /** Told when it can judge no more, and when it can again. */
  readonly onHealth: (health: Health) => void;
}

/** A kind of guardrail: its settings, its code and what `catnap doctor` looks at. */
export interface GuardrailKind<Config extends GuardrailConfig> {
  readonly kind: Config['kind'];
  /** The settings, for a configuration. */
  schema(z: Zod): z.ZodType<Config>;
  /** What is wrong with the settings on this machine, whenever they are tried; looked at with every configuration. */
  faults?(config: Config, place: GuardrailPlace): readonly SettingFault[];
  /** Makes the guardrail; asks nobody yet. Throws `CONFIG_INVALID` for what the schema could not see. */
  create(config: Config, edges: GuardrailEdges & GuardrailPlace): Guardrail | Promise<Guardrail>;
  /** Whether it could judge from here; without it, it can. */
  check?(config: Config, place: GuardrailPlace, wayOut: Pick<WayOut, 'leave'>): Promise<Finding>;
}

/** The name that every guardrail has in events, audit rows and health. */
export const nameSetting = (z: Zod) =>
  z
    .string()
    .regex(/^[\w-]+$/, 'expected letters, digits, - and _')
    .describe('Name in events, audit rows and health.');
