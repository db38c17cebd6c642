import type { RecogniserSpec } from '../../core/cascade/assembly.js';
import type { AskedRecogniser, Recogniser, Recognition, Window } from '../../core/cascade/stage.js';

/** Asks recognisers in order, cheapest first, until one understands. */
class FirstOf implements Recogniser {
  readonly name: string;
  readonly budgetMs: number;
  readonly #members: readonly Recogniser[];

  constructor(spec: RecogniserSpec, members: readonly Recogniser[]) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#members = members;
  }

  async recognise(window: Window, signal: AbortSignal): Promise<Recognition> {
    let last: Recognition | null = null;
    const askedBefore: AskedRecogniser[] = [];
    for (const member of this.#members) {
      if (last !== null)
        askedBefore.push({ stage: last.stage, failure: last.kind === 'abstain' ? last : null });
      if (signal.aborted) {
        last = { kind: 'abstain', stage: this.name, code: 'STAGE_TIMEOUT' };
        break;
      }
      last = await member.recognise(window, signal);
      if (last.kind === 'transcript') break;
    }
    if (last === null) return { kind: 'empty', stage: this.name };
    return askedBefore.length === 0 ? last : { ...last, askedBefore };
  }

  async dispose(): Promise<void> {
    for (const member of this.#members) await member.dispose();
  }
}

/** Combines recognisers that are loaded already. */
export function createFirstOf(spec: RecogniserSpec, members: readonly Recogniser[]): Recogniser {
  return new FirstOf(spec, members);
}
