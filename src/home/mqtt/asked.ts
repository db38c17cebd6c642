import { parseJson, valueAt } from '../../core/json.js';
import type { PageCommand } from '../../dashboard/commands.js';
import type { Topics } from './topics.js';

/**
 * What a message on a topic asks for, as a command of the page; null for what asks for nothing that there is.
 * @param newest the newest detection that a source told of; null: none yet
 */
export function askedBy(
  topic: string,
  payload: string,
  topics: Topics,
  newest: (source: string) => string | null,
): PageCommand | null {
  if (!topic.startsWith(`${topics.asks}/`)) return null;
  const [what, source] = topic.slice(topics.asks.length + 1).split('/');
  // Whatever else is sent must not lift either.
  const isOn = payload === 'ON' ? true : payload === 'OFF' ? false : null;
  if (what === 'offline' && source === undefined) return isOn === null ? null : { kind: 'offline', isOn };
  if (source === undefined) return null;
  switch (what) {
    case 'mute':
      if (isOn === null) return null;
      return isOn ? { kind: 'mute', source, forMs: null } : { kind: 'unmute', source };
    case 'learn':
      return { kind: 'learn-again', source };
    case 'label':
      return labelAskedBy(payload, newest(source));
    default:
      return thresholdAskedBy(what ?? '', source, payload);
  }
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

/** `tiny_accept` and the like. */
function thresholdAskedBy(what: string, source: string, payload: string): PageCommand | null {
  const [, stage, bound] = /^(tiny|heavy)_(accept|reject)$/.exec(what) ?? [];
  const value = Number(payload);
  if (stage === undefined || bound === undefined || payload.trim() === '' || !(value >= 0 && value <= 1))
    return null;
  return {
    kind: 'threshold',
    source,
    stage: stage as 'tiny' | 'heavy',
    bound: bound as 'accept' | 'reject',
    value,
  };
}
