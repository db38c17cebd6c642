import llama from 'llama-tokenizer-js';
import { describe, expect, it } from 'vitest';
import { readTokens } from '../../../../../src/voice/stages/moonshine/tokens.js';

const TEXTS = [
  'alexa',
  'Okay, kettle',
  'Smart mirror, make two small cappuccinos, please.',
  'Grüße aus Köln',
  'Où est la bibliothèque?',
  'Ćevapi 3.5 € 🤗',
  '日本語',
];

describe('tokens', () => {
  const tokens = readTokens();

  it.each(TEXTS)('writes %s as the reference tokeniser does', (text) => {
    expect(tokens.encode(text)).toEqual(llama.encode(text, false, true));
  });

  it.each(TEXTS)('reads %s back', (text) => {
    expect(tokens.decode(llama.encode(text, false, true))).toBe(text);
  });

  it('takes a token there is none of for nothing', () => {
    expect(tokens.decode([...tokens.encode('yes'), 99_999])).toBe('yes');
  });
});
