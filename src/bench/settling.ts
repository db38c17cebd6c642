import type { Settlement } from '../core/cascade/settle.js';
import { CatnapError } from '../core/errors.js';
import * as z from '../core/zod.js';
import type { Graded } from '../learning/tuning/selective.js';
import type { Config } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { createRecogniser } from '../runtime/stages.js';
import { readAudio } from '../sources/recording/read-audio.js';
import type { VoiceConfig } from '../voice/config.js';
import { IntentMatcher } from '../voice/intents/matcher.js';
import { asUtterance } from './commands.js';
import { isSameOrder, readOrder } from './cost-orders.js';
import { groupOf, type Recording } from './dataset.js';
import { cascadeKey, type KeptScores } from './kept-scores.js';

/** What is asked of {@link gradeSettling}. */
export interface SettlingOptions {
  readonly recordings: readonly Recording[];
  readonly config: VoiceConfig;
  readonly intents: Config['intents'];
  readonly onRecording: () => void;
  /** What was heard before. */
  readonly scores: KeptScores;
}

/** What the device would settle of a recording; null: nothing. */
const gradeSchema = z.object({
  settled: z.object({ confidence: z.number(), isRight: z.boolean() }).nullable(),
});

/**
 * Lets the recogniser hear recordings, and grades what the device would settle of each: right where it is what the
 * recording's label asks for (the name of an intent, or JSON with `intent` and all slots), wrong where it is something
 * else or the recording has no label.
 * @throws CatnapError `USAGE` where the cascade recognises nothing; what loading the models and reading throws.
 */
export async function gradeSettling(options: SettlingOptions): Promise<readonly Graded[]> {
  const { recordings, config, intents, onRecording, scores } = options;
  const { recogniser: planned } = await voicePlan(config);
  if (planned === null) throw new CatnapError('USAGE', 'expected a cascade with a recogniser, found none');
  const { settle } = new IntentMatcher(intents, config.intents ?? null);
  const recogniser = await createRecogniser(planned);
  const key = cascadeKey([intents, config.intents ?? null], planned);
  const graded: Graded[] = [];
  try {
    for (const recording of recordings) {
      const about = `${key} ${recording.label}`;
      const { settled } = await scores.of(about, recording.path, gradeSchema, async () => {
        const window = asUtterance(await readAudio(recording.path));
        const heard = await recogniser.recognise(window, new AbortController().signal);
        const found = heard.kind === 'transcript' ? settle(heard) : null;
        return {
          settled:
            heard.kind === 'transcript' && found?.kind === 'settled'
              ? { confidence: heard.confidence, isRight: isAskedFor(found, recording.label) }
              : null,
        };
      });
      if (settled !== null) graded.push({ group: groupOf(recording), ...settled });
      onRecording();
    }
  } finally {
    await recogniser.dispose();
  }
  return graded;
}

function isAskedFor({ intent, slots }: Extract<Settlement, { kind: 'settled' }>, label: string): boolean {
  return label.startsWith('{') ? isSameOrder(readOrder(label), { intent, slots }) : intent === label;
}
