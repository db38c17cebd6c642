import type { StageSpec } from '../../core/cascade/assembly.js';
import type { Decision, Stage, Window } from '../../core/cascade/stage.js';

/** Stages that play one part together, each for words of its own; as data. */
export interface GroupSpec extends StageSpec {
  readonly kind: 'group';
  readonly members: readonly GroupMember[];
}

export interface GroupMember {
  readonly spec: StageSpec;
  /** Labels it may report. */
  readonly words: readonly string[];
}

const RANK = { accept: 3, uncertain: 2, reject: 1, abstain: 0 } as const;

/**
 * Asks every member that knows a word which woke it, all of them where nothing did, and takes the decision that says
 * most: the surest of those believed, else of those in doubt, else of those refused. It abstains only where all do.
 */
export class StageGroup implements Stage {
  readonly name: string;
  readonly budgetMs: number;

  constructor(
    { name, budgetMs }: Pick<GroupSpec, 'name' | 'budgetMs'>,
    private readonly members: readonly { readonly stage: Stage; readonly words: readonly string[] }[],
  ) {
    this.name = name;
    this.budgetMs = budgetMs;
  }

  decide(window: Window, signal: AbortSignal): Decision | Promise<Decision> {
    let best: Decision | null = null;
    const waited: Promise<Decision>[] = [];
    for (const { stage, words } of this.members) {
      if (!isAsked(words, window)) continue;
      const decision = stage.decide(window, signal);
      if (decision instanceof Promise) waited.push(decision);
      else best = surer(best, decision);
    }
    if (waited.length === 0) return best ?? this.#nobody();
    // A stage may write its decision anew at the next look: what is held while others think is a copy.
    const held = best === null ? null : { ...best };
    return Promise.all(waited).then(
      (decisions) => decisions.reduce<Decision | null>(surer, held) ?? this.#nobody(),
    );
  }

  /** By the first that knows the word and can tell. */
  async endOf(window: Window, label: string, signal: AbortSignal): Promise<number | null> {
    for (const { stage, words } of this.members) {
      const endSample = words.includes(label) ? await stage.endOf?.(window, label, signal) : null;
      if (typeof endSample === 'number') return endSample;
    }
    return null;
  }

  reset(): void {
    for (const { stage } of this.members) stage.reset();
  }

  async dispose(): Promise<void> {
    for (const { stage } of this.members) await stage.dispose();
  }

  #nobody(): Decision {
    return { kind: 'abstain', stage: this.name, code: 'STAGE_UNAVAILABLE' };
  }
}

function isAsked(words: readonly string[], { noticed }: Window): boolean {
  return noticed === undefined || words.some((word) => noticed.has(word));
}

/** The surer of two decisions; it names what the other does not refuse either, and where a word ended by either. */
function surer(best: Decision | null, decision: Decision): Decision {
  if (best === null) return decision;
  const [first, second] = isSurer(decision, best) ? [decision, best] : [best, decision];
  if (first.kind === 'abstain' || second.kind === 'abstain') return first;
  const endSample = first.endSample ?? second.endSample;
  const placed = endSample === undefined ? first : { ...first, endSample };
  if (second.kind === 'reject') return placed;
  const tailMs = Math.max(first.tailMs ?? 0, second.tailMs ?? 0);
  const besides = [
    ...(first.besides ?? []),
    ...(second.besides ?? []),
    [second.label, second.score] as const,
  ];
  return { ...placed, ...(tailMs > 0 ? { tailMs } : {}), besides: new Map(besides) };
}

function isSurer(decision: Decision, than: Decision): boolean {
  if (RANK[decision.kind] !== RANK[than.kind]) return RANK[decision.kind] > RANK[than.kind];
  return confidenceOf(decision) > confidenceOf(than);
}

function confidenceOf(decision: Decision): number {
  return decision.kind === 'abstain' ? 0 : decision.confidence;
}
