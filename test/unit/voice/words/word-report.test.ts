import { expect, it } from 'vitest';
import { nearOn } from '../../../../src/voice/words/word-report.js';

it('does not tell a word itself, spelt without its sign, as one that sounds like it', async () => {
  const { everyday } = await nearOn({ say: 'O’Malley', ipa: [] }, []);
  expect(everyday.length).toBeGreaterThan(0);
  expect(everyday.map(({ text }) => text)).not.toContain('omalley');
});
