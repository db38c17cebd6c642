import { codeOf } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';
import type { Zod } from '../../core/kind.js';
import { withDeadline } from '../../core/waiting.js';
import type { Answer } from '../providers/answer.js';
import { UplinkError } from '../providers/provider.js';
import type { Upload } from '../queue/upload.js';
import type { Finds, Guardrail, GuardrailEdges } from './guardrail-kind.js';

/** Settings of a guardrail that may not be able to say. */
export const askedSettings = (z: Zod) => ({
  timeoutMs: z.number().positive().default(10_000).describe('How long it may think.'),
  ifUnable: z
    .enum(['block', 'pass'])
    .default('block')
    .describe('What is done with an answer where it fails or takes too long.'),
});

interface Asked {
  readonly name: string;
  readonly timeoutMs: number;
  readonly ifUnable: 'block' | 'pass';
}

type Judge = (answer: Answer, upload: Upload, signal: AbortSignal) => Promise<Finds>;

/** A guardrail of something that may fail or hang: within its time, or as the settings say; told as health. */
export function asked(
  { name, timeoutMs, ifUnable }: Asked,
  { timer, onHealth }: Pick<GuardrailEdges, 'timer' | 'onHealth'>,
  judge: Judge,
): Guardrail {
  let isUnable = false;
  const tell = (unable: boolean, health: Health): void => {
    if (unable === isUnable) return;
    isUnable = unable;
    onHealth(health);
  };
  const late = () => new UplinkError('UPLINK_TIMEOUT', `${name}: expected it to judge in ${timeoutMs} ms`);
  return {
    async judge(answer, upload) {
      try {
        const finds = await withDeadline(timer, timeoutMs, (signal) => judge(answer, upload, signal), late);
        tell(false, { state: 'ok', code: 'OK', detail: `${name} judges` });
        return finds;
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        tell(true, { state: 'degraded', code: codeOf(error, 'UPLINK_UNAVAILABLE'), detail });
        return ifUnable === 'pass' ? { kind: 'unjudged' } : { kind: 'unable', problem: detail };
      }
    },
  };
}
