/** Script of a process that hears a share of the recordings of `catnap bench words`. */
import { shippedModel } from '../models/manifest.js';
import { PhoneNetwork } from '../voice/words/phone-network.js';
import { readPhrases } from '../voice/words/phrase-reader.js';
import { SharedHearing } from './shared-hearing.js';
import { type HeardRecording, type HearingOrder, hearWords } from './words-hear.js';

/** What it tells: of each recording, and that there is none left. */
export type WordsReport = HeardRecording | { readonly kind: 'done' };

const tell = (report: WordsReport, then?: () => void): void => {
  process.send?.(report, () => then?.());
};

process.once('disconnect', () => process.exit(1));
process.once('message', (order: HearingOrder) => {
  hear(order).then(
    () => tell({ kind: 'done' }, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});

async function hear(order: HearingOrder): Promise<void> {
  const network = await PhoneNetwork.load(shippedModel('phones'));
  await hearWords(order, new SharedHearing(network, await readPhrases()), tell);
}
