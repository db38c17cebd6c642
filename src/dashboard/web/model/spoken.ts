import type { CascadeEvent } from '../../../core/events/events.js';
import { sentence } from './words.js';

/** One line for who hears the page instead of seeing it; null for what is only a step on the way. */
export function spokenLine(event: CascadeEvent): string | null {
  switch (event.type) {
    case 'verified':
      return event.resumed === true ? null : `${sentence(event.label)} in ${event.source}`;
    case 'settled':
      return `${event.source}: ${event.transcript ?? sentence(event.label)}, ${event.intent}`;
    case 'verdict':
      return `Answer: ${event.text}`;
    case 'undelivered':
      return `No answer: ${event.detail}`;
    case 'ended':
      return `${sentence(event.label)} in ${event.source} is over`;
    case 'action':
      return event.outcome === 'failed' ? `${event.action} failed: ${event.detail}` : null;
    case 'health':
      return event.component === 'catnap' ? null : `${event.component} is ${event.state}: ${event.detail}`;
    case 'command':
      return `${sentence(event.command)} ${event.source}: ${event.detail}`;
    default:
      return null;
  }
}
