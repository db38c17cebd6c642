import type { ErrorCode } from '../../../core/errors.js';
import type { Refusal } from '../../commands.js';

/** Why something was not done: of what never came there, or may have, no code is known. */
export interface Refused extends Omit<Refusal, 'code'> {
  readonly type: 'refused';
  readonly code: Refusal['code'] | null;
}

const MEND_FILE = 'Nothing was changed: the configuration has to be mended on the device first.';
const SEE_TO_DISK =
  'Nothing was changed: see whether the disk of the device is full, and who may write there.';
const INSTALL = 'Install Catnap on the device again.';

/** What to do, by code; of others the sentence says it. */
const WHAT_TO_DO: Partial<Readonly<Record<ErrorCode, string>>> = {
  WORD_UNSAYABLE: 'Say here how it is said, in IPA, or record it.',
  CONFIG_INVALID: MEND_FILE,
  CONFIG_UNREADABLE: MEND_FILE,
  OUTPUT_UNWRITABLE: SEE_TO_DISK,
  STORE_FULL: SEE_TO_DISK,
  MODEL_MISSING: INSTALL,
  MODEL_CORRUPT: INSTALL,
  INTERNAL: 'That is a fault of Catnap: what it prints on the device says more.',
};

/** Why something was not done and what to do about it, for a person. */
export function refusalText({ code, detail }: Refused): string {
  const why = `Not done: ${detail}.`;
  if (code === null) return `${why} Look again when this page is connected.`;
  const what = WHAT_TO_DO[code];
  return what === undefined ? why : `${why} ${what}`;
}
