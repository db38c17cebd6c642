import { expect, it } from 'vitest';
import type { Recogniser, Recognition } from '../../../../src/core/cascade/stage.js';
import { createFirstOf } from '../../../../src/voice/stages/first-of.js';

const window = { source: 'mic', startSample: 0, rateHz: 16_000, channels: 1, data: new Float32Array(16) };

function recogniser(name: string, answer: Recognition): Recogniser {
  return { name, budgetMs: 100, recognise: async () => answer, dispose: async () => {} };
}

it('recognisers in a list are asked until one understands, which says what kept those before from it', async () => {
  const failure = { code: 'STAGE_UNAVAILABLE', detail: 'expected a server' } as const;
  const heard = { kind: 'transcript', stage: 'third', text: 'lights on', confidence: 0.9 } as const;
  const list = createFirstOf({ name: 'list', budgetMs: 100, members: [] }, [
    recogniser('first', { kind: 'abstain', stage: 'first', ...failure }),
    recogniser('second', { kind: 'empty', stage: 'second' }),
    recogniser('third', heard),
    recogniser('fourth', { ...heard, stage: 'fourth' }),
  ]);
  expect(await list.recognise(window, new AbortController().signal)).toMatchObject({
    ...heard,
    askedBefore: [
      { stage: 'first', failure },
      { stage: 'second', failure: null },
    ],
  });
});
