/** What is told of this device to who asks for its services. */
export interface ServiceFacts {
  readonly version: string;
  /** Labels of the words that it wakes for. */
  readonly words: readonly string[];
  /** Name of the recogniser; null: there is none. */
  readonly recogniser: string | null;
  /** Whether text may have something done. */
  readonly handles: boolean;
}

const LANGUAGES = ['en'];

/** The answer to `describe` (wyoming/info.py): a wake-word service, speech to text, intents. */
export function infoOf({ version, words, recogniser, handles }: ServiceFacts): Record<string, unknown> {
  const common = {
    attribution: { name: 'Catnap', url: '' },
    installed: true,
    version,
  };
  const program = { name: 'catnap', description: 'Wakes for a word, verified on the device', ...common };
  const model = (name: string, description: string) => ({
    name,
    description,
    ...common,
    languages: LANGUAGES,
  });
  const phrase = (word: string): string => word.replaceAll('_', ' ');
  const listens = {
    ...program,
    models: [model(recogniser ?? '', 'English')],
    supports_transcript_streaming: false,
    requires_external_vad: true,
  };
  const understands = { ...program, models: [model('sentences', 'Sentences of this device')] };
  return {
    wake: [
      { ...program, models: words.map((word) => ({ ...model(word, phrase(word)), phrase: phrase(word) })) },
    ],
    asr: recogniser === null ? [] : [listens],
    intent: [understands],
    handle: handles ? [{ ...understands, supports_home_control: true }] : [],
    tts: [],
    mic: [],
    snd: [],
  };
}
