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
      return null;
  }
}
