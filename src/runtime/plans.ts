import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { CascadePlan } from './build.js';
import type { Config } from './config.js';
import { planCascade } from './plan.js';
import type { ShadowPlan } from './shadow-cascade.js';

const DIGEST_DIGITS = 8;

/**
 * What is to listen beside a source's own cascade; null: nothing. What listens for words follows an order to its end,
 * but by the level alone, and understands nothing; what watches sensors learns what is normal for itself.
 *
 * @param own what the source itself goes by
 * @throws CatnapError as {@link planCascade}.
 */
export async function planShadow(
  { shadow, cascades, stateDir }: Pick<Config, 'shadow' | 'cascades' | 'stateDir'>,
  source: string,
  own: CascadePlan,
): Promise<ShadowPlan | null> {
  const name = shadow[source];
  const config = name === undefined ? undefined : cascades[name];
  if (name === undefined || config === undefined) return null;
  const plan = await planCascade(config, { source: `${source}~${name}`, stateDir: resolve(stateDir) });
  const digest = createHash('sha256')
    .update(JSON.stringify([own.config, config]))
    .digest('hex');
  return {
    candidate: `${name}@${digest.slice(0, DIGEST_DIGITS)}`,
    cascade:
      plan.kind === 'voice'
        ? { ...plan, stages: { ...plan.stages, endpointer: null, recogniser: null } }
        : plan,
  };
}

/**
 * By source: what its cascade is made of, and what listens beside it. A model or module that is not there is told
 * before anything is opened.
 */
export async function plannedOf(config: Config): Promise<{
  readonly plans: readonly CascadePlan[];
  readonly shadows: readonly (ShadowPlan | null)[];
}> {
  const plans: CascadePlan[] = [];
  const shadows: (ShadowPlan | null)[] = [];
  for (const { id, cascade: name } of config.sources) {
    const cascade = config.cascades[name];
    if (cascade === undefined) throw new Error(`the schema lets no source name a missing cascade`);
    const plan = await planCascade(cascade, { source: id, stateDir: resolve(config.stateDir) });
    plans.push(plan);
    shadows.push(await planShadow(config, id, plan));
  }
  return { plans, shadows };
}
