import type { StageSpec } from '../../../core/cascade/assembly.js';
import type {
  Abstention,
  Decision,
  Recogniser,
  Recognition,
  Stage,
  Window,
} from '../../../core/cascade/stage.js';
import { CatnapError, codeOf } from '../../../core/errors.js';
import { type Finding, ok, warning } from '../../../core/finding.js';
import { toInt16 } from '../../../core/signal/pcm.js';
import { judge, type Thresholds } from '../../../core/thresholds.js';
import { type Heard, type SpeechServer, transcribed } from '../../../engines/speech-server.js';
import { wavOf } from '../../../files/wav-header.js';
import { VOICE_RATE_HZ } from '../../../sources/mono.js';
import { likenessIn, understoodAfterWord } from '../after-word.js';

/** `catnap doctor` waits this long. */
const LOOK_MS = 10_000;
/**
 * A server that hangs is given up by its stage, with the rest of the budget left to say so: else the process would be
 * taken for hung, or a replay, whose stages have no budget, would wait for ever.
 */
const SHARE_OF_BUDGET = 0.9;

/** A recogniser that is a server, as data, for a thread or process that loads no schemas. */
export interface OpenAiRecogniserSpec extends StageSpec {
  readonly kind: 'openai';
  readonly server: SpeechServer;
}

/** A word that a server is to find in what it writes down. */
export interface AwaitedWord {
  readonly label: string;
  readonly thresholds: Thresholds;
}

/** A verifier that is a server, as data, with the words that it is to find. */
export interface OpenAiStageSpec extends OpenAiRecogniserSpec {
  readonly words: readonly AwaitedWord[];
}

declare module '../stage-kind.js' {
  interface VoiceStageSpecs {
    openai: OpenAiStageSpec;
  }
  interface RecogniserSpecs {
    openai: OpenAiRecogniserSpec;
  }
}

/** Makes the recogniser; the server is reached when it is asked. */
export function createOpenAiRecogniser(spec: OpenAiRecogniserSpec): Recogniser {
  const { name, budgetMs } = spec;
  const understand = async (window: Window, signal: AbortSignal): Promise<Recognition> => {
    const heard = await heardBy(spec, window, signal);
    if ('kind' in heard) return heard;
    if (heard.text === '') return { kind: 'empty', stage: name };
    return { kind: 'transcript', stage: name, ...heard };
  };
  return {
    name,
    budgetMs,
    recognise: (window, signal) => understoodAfterWord(window, (shown) => understand(shown, signal)),
    dispose: async () => {},
  };
}

/**
 * Makes the verifier: a word was said if the server writes it down, or nearly, among those that tiny noticed. How sure
 * that is is how like what was written it is, times how sure the server is of that.
 */
export function createOpenAiStage(spec: OpenAiStageSpec): Stage {
  const { name, budgetMs, words } = spec;
  const decide = async (window: Window, signal: AbortSignal): Promise<Decision> => {
    const heard = await heardBy(spec, window, signal);
    if ('kind' in heard) return heard;
    const { noticed } = window;
    const asked = words.filter(({ label }) => noticed?.has(label) ?? true);
    const scored = asked.map(({ label, thresholds }) => {
      const score = likenessIn(heard.text, label) * heard.confidence;
      return { label, thresholds, score, confidence: score };
    });
    const best = scored.reduce<(typeof scored)[number] | null>((one, other) => {
      return one === null || other.confidence > one.confidence ? other : one;
    }, null);
    if (best === null) return { kind: 'abstain', stage: name, code: 'STAGE_UNAVAILABLE' };
    const kind = judge(best.confidence, best.thresholds);
    return { kind, stage: name, ...best, contributions: [] };
  };
  return { name, budgetMs, decide, reset: () => {}, dispose: async () => {} };
}

/** Has a server write down a moment of silence; a network that it has to load first may take its time. */
export async function lookAtServer(server: SpeechServer): Promise<Finding> {
  const silence = wavOf(VOICE_RATE_HZ, new Int16Array(VOICE_RATE_HZ / 2));
  const address = new URL(server.url).host;
  try {
    await transcribed(server, silence, AbortSignal.timeout(LOOK_MS));
    return ok(`${address} writes down what it is sent`);
  } catch (error) {
    const found =
      error instanceof CatnapError ? error.message : `${address}: no answer in ${LOOK_MS / 1000} s`;
    return warning(
      found,
      'start the server, or correct `url` and `api`; until then what is asked of it is an abstention',
    );
  }
}

/** What the server heard, or why it is not known. */
async function heardBy(
  { name, budgetMs, server }: OpenAiRecogniserSpec,
  { data, rateHz }: Window,
  signal: AbortSignal,
): Promise<Heard | Abstention> {
  if (!data.every(Number.isFinite)) return { kind: 'abstain', stage: name, code: 'MODEL_OUTPUT' };
  const limitMs = SHARE_OF_BUDGET * budgetMs;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  try {
    return await transcribed(server, wavOf(rateHz, Int16Array.from(data, toInt16)), limit);
  } catch (error) {
    const late = `${new URL(server.url).host}: expected an answer within ${limitMs} ms, found none`;
    const code = limit.aborted ? 'STAGE_TIMEOUT' : codeOf(error, 'STAGE_CRASHED');
    return {
      kind: 'abstain',
      stage: name,
      code,
      detail: limit.aborted ? late : String((error as Error).message),
    };
  }
}
