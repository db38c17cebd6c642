import type { ErrorCode } from '../../core/errors.js';
import type { GuardrailMark } from '../../core/events/trail-schema.js';
import type { Answer, Checked } from '../providers/answer.js';
import type { Upload } from '../queue/upload.js';
import type { Finds, Guardrail, GuardrailConfig } from './guardrail-kind.js';

/** A guardrail with what is to be done where an answer does not pass it. */
export interface Guarded {
  readonly config: GuardrailConfig;
  readonly guardrail: Guardrail;
}

/** What came of an answer at its schema and the guardrails, each with what it did. */
export type Judged =
  | { readonly ok: true; readonly answer: Answer; readonly marks: readonly GuardrailMark[] }
  | {
      readonly ok: false;
      readonly code: Extract<ErrorCode, 'UPLINK_REPLY' | 'UPLINK_GUARDRAIL'>;
      readonly problem: string;
      /** Another answer may be better. */
      readonly mayAskAgain: boolean;
      readonly marks: readonly GuardrailMark[];
    };

export type Guard = (text: string, upload: Upload) => Promise<Judged>;

/** Makes what every answer goes through: the check of its schema, then the guardrails, in their order. */
export function createGuard(check: (text: string) => Checked, guardrails: readonly Guarded[]): Guard {
  return async (text, upload) => {
    const checked = check(text);
    if (!checked.ok) {
      return { ok: false, code: 'UPLINK_REPLY', problem: checked.problem, mayAskAgain: true, marks: [] };
    }
    let { answer } = checked;
    const marks: GuardrailMark[] = [];
    for (const { config, guardrail } of guardrails) {
      const { name } = config;
      const finds = await guardrail.judge(answer, upload);
      const outcome = outcomeOf(finds, config);
      marks.push({ name, outcome });
      if (finds.kind === 'fail' && finds.redacted !== null && outcome === 'redacted') answer = finds.redacted;
      else if (finds.kind === 'fail' || finds.kind === 'unable') {
        const mayAskAgain = outcome === 'asked-again';
        return {
          ok: false,
          code: 'UPLINK_GUARDRAIL',
          problem: `${name}: ${finds.problem}`,
          mayAskAgain,
          marks,
        };
      }
    }
    return { ok: true, answer, marks };
  };
}

/** What is judged last: nobody is asked again. */
export function final(judged: Judged, before: readonly GuardrailMark[] = []): Judged {
  const marks = judged.marks.map((mark) =>
    mark.outcome === 'asked-again' ? ({ ...mark, outcome: 'blocked' } as const) : mark,
  );
  const earlier = before.filter(({ outcome }) => outcome === 'asked-again');
  return { ...judged, marks: [...earlier, ...marks] };
}

function outcomeOf(finds: Finds, { onFail }: GuardrailConfig): GuardrailMark['outcome'] {
  switch (finds.kind) {
    case 'pass':
      return 'passed';
    case 'unjudged':
      return 'unjudged';
    case 'unable':
      return 'blocked';
    case 'fail':
      if (onFail === 'ask-again') return 'asked-again';
      return onFail === 'redact' && finds.redacted !== null ? 'redacted' : 'blocked';
  }
}
