import { parseJson, valueAt } from '../../core/json.js';
import { type PageCommand, parseCommand } from '../../dashboard/commands.js';
import type { AskedInVain } from '../../dashboard/desk.js';
import type { Topics } from './topics.js';

/** What a message asks for: a command of the page, or one that cannot be made of it. */
export type Wish = { readonly command: PageCommand } | Pick<AskedInVain, 'kind' | 'source' | 'fault'>;

/** So much of what was sent is shown. */
const SHOWN_LETTERS = 40;

/**
 * What a message on a topic asks for; null where the topic is none of those that ask.
 * @param newest the newest detection that a source told of; null: none yet
 */
export function askedBy(
  topic: string,
  payload: string,
  topics: Topics,
  newest: (source: string) => string | null,
): Wish | null {
  if (!topic.startsWith(`${topics.asks}/`)) return null;
  const [what = '', source] = topic.slice(topics.asks.length + 1).split('/');
  const wish = (kind: PageCommand['kind'], expected: string, command: PageCommand | null): Wish => {
    const found = JSON.stringify(payload.slice(0, SHOWN_LETTERS));
    const parsed =
      command === null ? { fault: `expected ${expected}, found ${found}` } : parseCommand(command);
    return 'command' in parsed ? parsed : { kind, source: source ?? '', fault: `${topic}: ${parsed.fault}` };
  };
  // Whatever else is sent must not lift either.
  const isOn = payload === 'ON' ? true : payload === 'OFF' ? false : null;
  if (what === 'offline' && source === undefined)
    return wish('offline', 'ON or OFF', isOn === null ? null : { kind: 'offline', isOn });
  if (source === undefined) return null;
  switch (what) {
    case 'mute':
      return wish('mute', 'ON or OFF', muteAskedBy(isOn, source));
    case 'learn':
      return wish('learn-again', 'anything', { kind: 'learn-again', source });
    case 'label': {
      const last = newest(source);
      const expected =
        last === null ? 'which detection, for none was believed yet' : 'right, wrong or what it was';
      return wish('label', expected, labelAskedBy(payload, last));
    }
    default: {
      const [, stage, bound] = /^(tiny|heavy)_(accept|reject)$/.exec(what) ?? [];
      if (stage === undefined || bound === undefined) return null;
      const at = { source, stage: stage as 'tiny' | 'heavy', bound: bound as 'accept' | 'reject' };
      const value = payload.trim() === '' ? Number.NaN : Number(payload);
      const isOne = value >= 0 && value <= 1;
      return wish('threshold', 'a number from 0 to 1', isOne ? { kind: 'threshold', ...at, value } : null);
    }
  }
}

function muteAskedBy(isOn: boolean | null, source: string): PageCommand | null {
  if (isOn === null) return null;
  return isOn ? { kind: 'mute', source, forMs: null } : { kind: 'unmute', source };
}

/** `right`, `wrong` or what it was, of the newest detection; of another as JSON: `{"detection", "said"}`. */
function labelAskedBy(payload: string, newest: string | null): PageCommand | null {
  const found = parseJson(payload);
  const isJson = typeof found === 'object' && found !== null;
  const [detection, said] = isJson
    ? [valueAt(found, ['detection']), valueAt(found, ['said'])]
    : [newest, payload];
  if (typeof detection !== 'string' || typeof said !== 'string' || said.trim() === '') return null;
  const was = said === 'right' || said === 'wrong' ? null : said;
  return { kind: 'label', detection, verdict: said === 'right' ? 'right' : 'wrong', was };
}
