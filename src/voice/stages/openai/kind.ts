import { CatnapError } from '../../../core/errors.js';
import type { Finding } from '../../../core/finding.js';
import type { SettingFault, SettingsSchema, Zod } from '../../../core/kind.js';
import { thresholdsOf } from '../../../core/thresholds.js';
import { isThisMachine, type SpeechServer } from '../../../engines/speech-server.js';
import {
  DEFAULT_TRAITS,
  HALF,
  type PlannedVoiceStage,
  type RecogniserKind,
  type RecogniserRequest,
  type VoiceStageKind,
  type VoiceStageRequest,
} from '../stage-kind.js';
import type { OpenAiRecogniserSpec, OpenAiStageSpec } from './openai.js';

/** Settings of a stage that a server on this machine is. */
export interface OpenAiSettings extends SpeechServer {
  readonly kind: 'openai';
}

const settingsKind = {
  kind: 'openai',
  by: 'settings',
  schema: (z: Zod): SettingsSchema<OpenAiSettings> =>
    z.strictObject({
      kind: z.literal('openai').describe('A server of speech to text on this machine.'),
      url: z
        .url({ protocol: /^https?$/ })
        .describe('Address of the server, before `/v1/` or `/inference`; it has to be on this machine.'),
      api: z
        .enum(['transcriptions', 'inference', 'chat'])
        .default('transcriptions')
        .describe(
          "What the server speaks: OpenAI's transcriptions, whisper.cpp's inference, or chat with audio (llama.cpp, Ollama).",
        ),
      model: z.string().min(1).default('default').describe('Name of the model at the server.'),
      language: z.string().min(2).default('en').describe('Language that is spoken, as the server names it.'),
      confidence: z
        .number()
        .min(0)
        .max(1)
        .default(0.7)
        .describe('Confidence of a transcript where the server does not say how sure it is.'),
    }),
  faults: (_: string, { url }: OpenAiSettings): readonly SettingFault[] => {
    if (isThisMachine(url)) return [];
    const message = `expected an address of this machine (localhost, 127.0.0.1, [::1]), which nothing leaves, found ${new URL(url).host}`;
    return [{ path: ['url'], message }];
  },
  look: async (settings: OpenAiSettings): Promise<Finding> =>
    (await import('./openai.js')).lookAtServer(serverOf(settings)),
} as const;

/** Speech to text by a server on this machine. */
export const openAiRecogniser: RecogniserKind<OpenAiRecogniserSpec> = {
  ...settingsKind,
  async plan({ name, budgetMs }: RecogniserRequest, settings: OpenAiSettings): Promise<OpenAiRecogniserSpec> {
    return { kind: 'openai', name, budgetMs, server: serverOf(settings) };
  },
  create: async (spec) => (await import('./openai.js')).createOpenAiRecogniser(spec),
};

/** A server on this machine as verifier: a wake word was said if it stands in what the server writes down. */
export const openAiStage: VoiceStageKind<OpenAiStageSpec> = {
  ...settingsKind,
  parts: ['heavy'],
  async plan(
    request: VoiceStageRequest,
    settings: OpenAiSettings,
  ): Promise<PlannedVoiceStage<OpenAiStageSpec>> {
    const { name, budgetMs, words } = request;
    if (words === null)
      throw new CatnapError(
        'CONFIG_INVALID',
        'heavy.model openai: expected tiny.words to name its words, found none',
      );
    const awaited = words.map((label) => ({ label, thresholds: thresholdsOf(label, request, HALF) }));
    return {
      spec: { kind: 'openai', name, budgetMs, server: serverOf(settings), words: awaited },
      words,
      thresholds: request.thresholds ?? HALF,
      traits: { ...DEFAULT_TRAITS, tailMs: 300 },
    };
  },
  create: async (spec) => (await import('./openai.js')).createOpenAiStage(spec),
};

function serverOf({ url, api, model, language, confidence }: OpenAiSettings): SpeechServer {
  return { url, api, model, language, confidence };
}
