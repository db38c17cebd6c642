import type { HouseFacts, OwnWordFacts } from '../dashboard/protocol.js';
import type { VoiceConfig } from '../voice/config.js';
import { SHIPPED_INTENTS } from '../voice/intents/defaults.js';
import { parseTemplate, plainExample } from '../voice/intents/template.js';
import { nameOfWord } from '../voice/words/config.js';
import { FEWEST_TAKES, MOST_TAKES } from '../voice/words/gather-takes.js';
import { EVEN_ACCEPT } from '../voice/words/own-word.js';
import type { CascadePlan } from './build.js';
import type { Config } from './config.js';

/** What of the configuration it tells. */
type FactsConfig = Pick<Config, 'name' | 'sources' | 'intents'>;

/**
 * What a visitor is told of the house: its name, the words it wakes for and the sentences it knows.
 * @param canWrite whether words of the owner's can be written, and so are told apart
 */
export function houseFactsOf(
  { name, sources, intents }: FactsConfig,
  plans: readonly CascadePlan[],
  canWrite = false,
): HouseFacts {
  const voices = sources.flatMap(({ id }, index) => {
    const plan = plans[index];
    return plan?.kind === 'voice' ? [{ id, plan }] : [];
  });
  const ownWords = voices.map(({ id, plan }) => [id, ownWordFacts(plan.config)] as const);
  return {
    device: name,
    words: Object.fromEntries(voices.map(({ id, plan }) => [id, plan.stages.words])),
    ownWords: canWrite ? Object.fromEntries(ownWords) : {},
    takes: { fewest: FEWEST_TAKES, most: MOST_TAKES },
    sentences: sentencesOf(intents),
  };
}

function ownWordFacts({ tiny: { words = [] } }: VoiceConfig): readonly OwnWordFacts[] {
  return words.flatMap((word) => {
    if (typeof word === 'string') return [];
    const { takes, accept = EVEN_ACCEPT } = word;
    const say = 'say' in word ? word.say : null;
    return [{ label: nameOfWord(word), say, hasTakes: takes !== undefined, accept }];
  });
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
