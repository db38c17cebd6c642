import { describe, expect, it } from 'vitest';
import { afterWord } from '../../../../../src/voice/stages/moonshine/after-word.js';

describe('what is said after the wake word', () => {
  it.each([
    ['Alexa, play the music.', 'alexa', 'play the music.'],
    ['Snow boy. Make me a coffee.', 'snowboy', 'Make me a coffee.'],
    ['Smart Mayor. Can I have a coffee?', 'smart_mirror', 'Can I have a coffee?'],
    ['in the shade. Computer, turn on the light', 'computer', 'turn on the light'],
    ['Jarvis.', 'jarvis', ''],
  ])('of "%s" is found behind %s', (text, word, rest) => {
    expect(afterWord(text, word)).toBe(rest);
  });

  it('is unknown where no word is like it', () => {
    expect(afterWord('Turn on the kitchen light.', 'computer')).toBeNull();
    expect(afterWord('', 'computer')).toBeNull();
  });
});
