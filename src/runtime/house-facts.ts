import type { HouseFacts } from '../dashboard/protocol.js';
import { SHIPPED_INTENTS } from '../voice/intents/defaults.js';
import { parseTemplate, plainExample } from '../voice/intents/template.js';
import type { CascadePlan } from './build.js';
import type { Config } from './config.js';

/** What a visitor is told of the house: its name, the words it wakes for and the sentences it knows. */
export function houseFactsOf(
  { name, sources, intents }: Pick<Config, 'name' | 'sources' | 'intents'>,
  plans: readonly CascadePlan[],
): HouseFacts {
  const words = sources.flatMap(({ id }, index) => {
    const plan = plans[index];
    return plan?.kind === 'voice' ? [[id, plan.stages.words] as const] : [];
  });
  return { device: name, words: Object.fromEntries(words), sentences: sentencesOf(intents) };
}

/** One sentence of each intent, those of the configuration first; an intent of both is the configuration's. */
function sentencesOf({ sentences, shipped }: Config['intents']): HouseFacts['sentences'] {
  const known = new Map<string, string>();
  for (const { intent, sentences: said } of [...sentences, ...(shipped ? SHIPPED_INTENTS.sentences : [])]) {
    const [first] = said;
    if (first !== undefined && !known.has(intent)) known.set(intent, plainExample(parseTemplate(first)));
  }
  return [...known].map(([intent, say]) => ({ intent, say }));
}
