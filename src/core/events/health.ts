import type { ErrorCode } from '../errors.js';

/** Why a component is as it is: `OK`, or what is wrong with it. */
export type HealthCode = ErrorCode | 'OK';

/**
 * How a component is; told once a transition. `down` means that nothing comes of it; `OK` beside it that this
 * is meant.
 */
export interface Health {
  readonly state: 'ok' | 'degraded' | 'down';
  readonly code: HealthCode;
  readonly detail: string;
}
