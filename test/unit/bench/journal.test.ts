import { expect, it } from 'vitest';
import { benchJournal, writeJournal } from '../../../src/bench/journal.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

it('asks a journal of made-up events questions that all have answers', async () => {
  const folder = temporaryFolder();
  let written = 0;
  await writeJournal(folder, 60_000, (count) => {
    written += count;
  });
  const { questions, rssMb } = await benchJournal(folder, 1);
  expect(written).toBe(60_000);
  expect(questions.map(({ events }) => events > 0)).toEqual([true, true, true, true, true]);
  expect(questions[0]).toMatchObject({ question: 'the newest 100 verdicts', events: 100 });
  expect(rssMb.peak).toBeGreaterThanOrEqual(rssMb.before);
});
