import { describe, expect, it } from 'vitest';
import type { Recognition, Window } from '../../../../src/core/cascade/stage.js';
import { understoodAfterWord } from '../../../../src/voice/stages/after-word.js';

const alone = 'the utterance alone';

/** What is understood where the word and the utterance together are heard as `text`. */
async function understood(text: string, label: string): Promise<Recognition> {
  const data = new Float32Array(16);
  const wakeWord = { label, data: new Float32Array(8) };
  const window: Window = { source: 's', startSample: 0, rateHz: 16_000, channels: 1, data, wakeWord };
  return understoodAfterWord(window, async (shown) => {
    return { kind: 'transcript', stage: 's', text: shown.data.length > 16 ? text : alone, confidence: 1 };
  });
}

describe('what is said after the wake word', () => {
  it.each([
    ['Alexa, play the music.', 'alexa', 'play the music.'],
    ['Snow boy. Make me a coffee.', 'snowboy', 'Make me a coffee.'],
    ['Smart Mayor. Can I have a coffee?', 'smart_mirror', 'Can I have a coffee?'],
    ['in the shade. Computer, turn on the light', 'computer', 'turn on the light'],
  ])('of "%s" is found behind %s', async (text, word, rest) => {
    expect(await understood(text, word)).toMatchObject({ kind: 'transcript', text: rest });
  });

  it('may be nothing', async () => {
    expect(await understood('Jarvis.', 'jarvis')).toEqual({ kind: 'empty', stage: 's' });
  });

  it('is what the utterance alone says where no word is like it', async () => {
    expect(await understood('Turn on the kitchen light.', 'computer')).toMatchObject({ text: alone });
    expect(await understood('', 'computer')).toMatchObject({ text: alone });
  });
});
