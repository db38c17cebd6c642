import { CatnapError } from '../core/errors.js';
import type { Graded } from '../learning/tuning/selective.js';
import type { Config } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { createRecogniser } from '../runtime/stages.js';
import { readAudio } from '../sources/recording/read-audio.js';
import type { VoiceConfig } from '../voice/config.js';
import { IntentMatcher } from '../voice/intents/matcher.js';
import { asUtterance } from './commands.js';
import { readOrder } from './cost-orders.js';
import { groupOf, type Recording } from './dataset.js';

/** What is asked of {@link gradeSettling}. */
export interface SettlingOptions {
  readonly recordings: readonly Recording[];
  readonly config: VoiceConfig;
  readonly intents: Config['intents'];
  readonly onRecording: () => void;
}

/**
 * Lets the recogniser hear recordings, and grades what the device would settle of each: right where it is the intent of
 * the recording's label (a name, or JSON with `intent`), wrong where it is another or the recording has none.
 * @throws CatnapError `USAGE` where the cascade recognises nothing; what loading the models and reading throws.
 */
export async function gradeSettling(options: SettlingOptions): Promise<readonly Graded[]> {
  const { recordings, config, intents, onRecording } = options;
  const plan = await voicePlan(config);
  if (plan.recogniser === null)
    throw new CatnapError('USAGE', 'expected a cascade with a recogniser, found none');
  const { settle } = new IntentMatcher(intents, config.intents ?? null);
  const recogniser = await createRecogniser(plan.recogniser);
  const graded: Graded[] = [];
  try {
    for (const recording of recordings) {
      const window = asUtterance(await readAudio(recording.path));
      const heard = await recogniser.recognise(window, new AbortController().signal);
      const found = heard.kind === 'transcript' ? settle(heard) : null;
      if (heard.kind === 'transcript' && found?.kind === 'settled') {
        const isRight = found.intent === intentOf(recording.label);
        graded.push({ group: groupOf(recording), confidence: heard.confidence, isRight });
      }
      onRecording();
    }
  } finally {
    await recogniser.dispose();
  }
  return graded;
}

function intentOf(label: string): string {
  return label.startsWith('{') ? readOrder(label).intent : label;
}
