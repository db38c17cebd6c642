import type { PageCommand } from '../../dashboard/commands.js';
import type { Topics } from './topics.js';

/** What a message on a topic asks for, as a command of the page; null for what asks for nothing that there is. */
export function askedBy(topic: string, payload: string, topics: Topics): PageCommand | null {
  if (!topic.startsWith(`${topics.asks}/`)) return null;
  const [what, source] = topic.slice(topics.asks.length + 1).split('/');
  if (source === undefined) return null;
  switch (what) {
    case 'mute':
      return payload === 'ON' ? { kind: 'mute', source, forMs: null } : { kind: 'unmute', source };
    case 'learn':
      return { kind: 'learn-again', source };
    default:
      return thresholdAskedBy(what ?? '', source, payload);
  }
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
