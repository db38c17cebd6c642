/** Script of the thread that looks at words of the owner's: what it takes would hold up the main thread. */
import { parentPort } from 'node:worker_threads';
import { CatnapError } from '../core/errors.js';
import { shippedModel } from '../models/manifest.js';
import { copyTakes, gatherTakes, refusalOfTake } from '../voice/words/gather-takes.js';
import { PhoneNetwork } from '../voice/words/phone-network.js';
import type { Take } from '../voice/words/takes.js';
import { reportOn } from '../voice/words/word-report.js';
import type { WordAnswers, WordAsk, WordJob, WordReply } from './word-threads.js';

let network: Promise<PhoneNetwork> | null = null;

parentPort?.on('message', async ({ id, job }: WordAsk) => {
  parentPort?.postMessage({ id, ...(await answerTo(job)) });
});

async function answerTo(job: WordJob): Promise<Omit<WordReply, 'id'>> {
  try {
    return { answer: await done(job) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { fault: { code: error instanceof CatnapError ? error.code : 'INTERNAL', message } };
  }
}

async function done(job: WordJob): Promise<WordAnswers[WordJob['kind']]> {
  switch (job.kind) {
    case 'report':
      return reportOn(...job.asked);
    case 'hear':
      return refusalOfLast(job.files);
    case 'gather':
      return gatherTakes(job.folder, job.word, (fresh, judges) => copyTakes(fresh, job.from, judges));
  }
}

/** Why the last of some takes is none of the word; null: it is. */
async function refusalOfLast(files: readonly string[]): Promise<string | null> {
  network ??= PhoneNetwork.load(shippedModel('phones'));
  const takes: Take[] = [];
  let refusal: string | null = null;
  for (const file of files) refusal = await refusalOfTake(file, takes, await network);
  return refusal;
}
