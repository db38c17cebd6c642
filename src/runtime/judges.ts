import { tableOf } from '../core/kind.js';
import { agreement } from '../uplink/judges/agreement.js';
import { completeness } from '../uplink/judges/completeness.js';
import type { Judge, JudgeConfig, JudgeKind, JudgePlace } from '../uplink/judges/judge-kind.js';
import { rule } from '../uplink/judges/rule.js';

/** Every kind of judge of an answer: configuration and what an answer goes through are made from it. */
export const JUDGES = tableOf({ completeness, rule, agreement });

/** The kind of a judge that the configuration has checked. */
export function judgeKindOf({ kind }: JudgeConfig): JudgeKind<JudgeConfig> {
  return JUDGES[kind as keyof typeof JUDGES] as unknown as JudgeKind<JudgeConfig>;
}

/** Makes the judge of a configuration entry. */
export function createJudge(config: JudgeConfig, place: Pick<JudgePlace, 'folder'>): Judge {
  return judgeKindOf(config).create(config, place);
}
