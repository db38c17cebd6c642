import type { StepJudgement } from '../../core/events/trail-schema.js';
import type { Answer } from '../providers/answer.js';
import type { Upload } from '../queue/upload.js';
import type { Judge, JudgeConfig, JudgeEdges } from './judge-kind.js';

/** A judge with its settings. */
export interface Seated {
  readonly config: JudgeConfig;
  readonly judge: Judge;
}

/** What the judges make of an answer. */
export interface Ruling {
  /** Every judge that looked holds it to be good enough. */
  readonly suffices: boolean;
  readonly judges: readonly StepJudgement[];
}

/** Judges that look at an answer one after the other; the first that will not have it ends that. */
export type Panel = (answer: Answer, upload: Upload, edges: JudgeEdges) => Promise<Ruling>;

/** Makes what an answer goes through before a dearer provider is asked. */
export function createPanel(seated: readonly Seated[]): Panel {
  return async (answer, upload, edges) => {
    const judges: StepJudgement[] = [];
    for (const { config, judge } of seated) {
      const { confidence, because } = await judge.judge(answer, upload, edges);
      judges.push({ kind: config.kind, confidence, accept: config.accept, because });
      if (confidence < config.accept) return { suffices: false, judges };
    }
    return { suffices: true, judges };
  };
}
