import type { Reason } from '../../../core/events/events.js';
import type { Outcome } from './detection.js';

/** How strongly something asks for a look. */
export type Tone = 'calm' | 'alert' | 'good' | 'cloud' | 'bad' | 'quiet';

export interface Wording {
  readonly text: string;
  readonly tone: Tone;
  /** One line for who wants to know. */
  readonly hint: string;
}

const STATES: Readonly<Record<string, Wording>> = {
  waiting: { text: 'Waiting', tone: 'quiet', hint: 'No signal has arrived yet' },
  napping: { text: 'Napping', tone: 'calm', hint: 'Nothing above the floor: no model runs' },
  armed: { text: 'Hearing', tone: 'quiet', hint: 'The gate is open: tiny scores what it hears' },
  candidate: { text: 'Hearing', tone: 'alert', hint: 'Tiny hears something it may know' },
  engaged: { text: 'Noticed', tone: 'alert', hint: 'One detection at a time is followed' },
  noticed: { text: 'Noticed', tone: 'alert', hint: 'Tiny noticed something; heavy is waking' },
  verifying: { text: 'Verifying', tone: 'alert', hint: 'Heavy judges what tiny noticed' },
  utterance: { text: 'Listening', tone: 'good', hint: 'What is said after the wake word is captured' },
  listening: { text: 'Listening', tone: 'good', hint: 'What is said after the wake word is captured' },
  recognising: { text: 'Recognising', tone: 'good', hint: 'The utterance is turned into words' },
  tracking: { text: 'Tracking', tone: 'bad', hint: 'A verified detection goes on' },
  learning: {
    text: 'Learning',
    tone: 'quiet',
    hint: 'It learns what is normal here; until then it finds nothing',
  },
  rearming: { text: 'Re-arming', tone: 'quiet', hint: 'Waits for the score to fall' },
};

/** What a cascade's state is called. */
export function stateWording(state: string | null): Wording {
  if (state === null) return { text: 'Waiting', tone: 'quiet', hint: 'No reading yet' };
  return STATES[state] ?? { text: sentence(state), tone: 'quiet', hint: '' };
}

/** What a source is doing, or that nothing can be heard of it. */
export function sourceWording(state: string | null, isDeaf: boolean): Wording {
  return isDeaf
    ? { text: 'Deaf', tone: 'bad', hint: 'Nothing is heard of it just now' }
    : stateWording(state);
}

const OUTCOMES: Readonly<Record<Outcome, Wording>> = {
  'near-miss': {
    text: 'Almost noticed',
    tone: 'quiet',
    hint: 'Tiny was not quite sure enough: nothing woke',
  },
  noticed: { text: 'Noticed', tone: 'alert', hint: 'Heavy is being asked' },
  refused: { text: 'Refused', tone: 'quiet', hint: 'A later stage did not believe it' },
  verified: { text: 'Verified', tone: 'good', hint: 'Heavy believes it' },
  listening: { text: 'Recognising', tone: 'good', hint: 'The utterance is turned into words' },
  tracking: { text: 'Tracking', tone: 'bad', hint: 'It goes on' },
  settled: { text: 'Settled here', tone: 'good', hint: 'Decided on the device; cost nothing' },
  escalated: { text: 'Asking the cloud', tone: 'cloud', hint: 'Handed to the uplink' },
  answered: { text: 'Answered', tone: 'cloud', hint: 'The cloud has answered' },
  undelivered: { text: 'Undelivered', tone: 'bad', hint: 'The cloud will not answer this' },
  beside: {
    text: 'Candidate only',
    tone: 'quiet',
    hint: 'What listens beside would believe it; nothing was done',
  },
  unanswered: { text: 'Nobody to ask', tone: 'quiet', hint: 'There is no cloud: nothing was sent' },
  ended: { text: 'Over', tone: 'quiet', hint: 'It has ended' },
};

const UNFINISHED: readonly Outcome[] = ['noticed', 'verified', 'listening', 'tracking'];

/** What a detection's outcome is called; `isOver`: Catnap ended since, and nothing more comes of it. */
export function outcomeWording(outcome: Outcome, isOver = false): Wording {
  if (isOver && UNFINISHED.includes(outcome))
    return { text: 'Cut off', tone: 'quiet', hint: 'Catnap ended before it was over' };
  return OUTCOMES[outcome];
}

const REASONS: Readonly<Record<Reason, string>> = {
  confident: 'heavy is sure',
  refused: 'a later stage refused it',
  uncertain: 'in the uncertain band',
  abstained: 'a stage could not decide',
  degraded: 'heavy could not be asked',
  matched: 'matches a sentence settled here',
  'no-match': 'matches no sentence settled here',
  'empty-transcript': 'no words recognised',
  'unknown-words': 'holds unknown words',
  'long-utterance': 'too long to settle here',
  'known-fault': 'a fault seen before',
  'unknown-fault': 'a fault not seen before',
  'several-sources': 'several sources at once',
  configured: 'the configuration says so',
  gap: 'samples were missing',
  timeout: 'nothing was said after it',
  'heard-elsewhere': 'another source heard it better',
  resumed: 'told of before the signal broke off',
};

/** Why, in words; a reason this page does not know stands as it is. */
export function reasonText(reason: string): string {
  return (REASONS as Readonly<Record<string, string>>)[reason] ?? reason.replaceAll('-', ' ');
}

const GAPS: Readonly<Record<string, string>> = {
  overrun: 'the recorder overran',
  dropped: 'the cascade fell behind',
  lost: 'the source lost samples',
  reset: 'it started again',
  garbage: 'damaged on the line',
  format: 'its format changed',
  gated: 'quiet, so the board sent none',
  muted: 'muted',
};

/** Why the signal broke off, in words. */
export function gapText(reason: string): string {
  return GAPS[reason] ?? reason.replaceAll('-', ' ');
}

/** `wake-tiny` as `Wake tiny`. */
export function sentence(name: string): string {
  const spaced = name.replaceAll(/[-_]/g, ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
