import { CatnapError } from '../../core/errors.js';
import { type Finding, problem, warning } from '../../core/finding.js';
import { heardWith, listenForRow, listenMs } from '../listen.js';
import { type SerialTextOptions, SerialTextSource } from './serial-text.js';

/** Opening its port restarts many a board, which takes so long to print again. */
const RESTART_MS = 3000;

/** Listens to a board for a line with values in it. */
export async function checkLines(options: Omit<SerialTextOptions, 'onHealth'>): Promise<Finding> {
  const { path, rateHz } = options;
  const waitMs = RESTART_MS + listenMs(rateHz);
  const stop = new AbortController();
  AbortSignal.timeout(waitMs).addEventListener('abort', () => stop.abort());
  let complaint: string | null = null;
  const source = new SerialTextSource({
    ...options,
    silentMs: 2 * waitMs,
    hopRows: 1,
    onHealth:
      () =>
      ({ state, detail }) => {
        if (state === 'ok') return;
        complaint = detail;
        stop.abort();
      },
  });
  try {
    const heard = await listenForRow(source, stop.signal);
    if (heard.kind === 'values') return heardWith(path, heard.values, source.time);
    // Rows without a value are enough to say so before the source itself complains.
    if (source.complaint !== '') complaint ??= source.complaint;
  } catch (error) {
    if (!(error instanceof CatnapError)) throw error;
    return problem(error.message, 'close what else has the port open, or check who may read it');
  }
  if (complaint !== null)
    return problem(`${path}: ${complaint}`, 'check `baud`, and `channels[].path` of the values');
  const seconds = Math.round(waitMs / 1000);
  return warning(`${path}: no line within ${seconds} s`, 'check that the board prints, and `baud`');
}
