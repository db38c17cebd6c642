import { signal } from '@preact/signals';
import type { PageCommand } from '../../commands.js';
import type { ClientMessage, CommandReply } from '../../protocol.js';
import { type Refused, refusalText } from './refusals.js';

/** What was done. */
export type DoneReply = Extract<CommandReply, { type: 'done' }>;

/** What the last command came to where that is not plain to see; null: nothing to say. */
export const notice = signal<string | null>(null);

/** The way to the server; set by the connection. Says whether there is one just now. */
export const outbound: { send: (message: ClientMessage) => boolean } = { send: () => false };

const NAME_KEY = 'catnap-name';
const NOTICE_MS = 8000;

const waiting = new Map<number, (reply: DoneReply | Refused) => void>();
let lastId = 0;
let lastNotice = 0;

/** What the visitor calls itself in the journal. */
export const visitorName = signal(stored());

function stored(): string {
  try {
    return localStorage.getItem(NAME_KEY) ?? '';
  } catch {
    return '';
  }
}

/** Remembers what the visitor calls itself. */
export function callMe(name: string): void {
  visitorName.value = name.slice(0, 40);
  try {
    localStorage.setItem(NAME_KEY, visitorName.value);
  } catch {
    // Storage switched off: the name lasts as long as the page.
  }
}

/** Asks for something to be done; a refusal is shown to the visitor. Resolves with whether it was done. */
export async function ask(command: PageCommand): Promise<boolean> {
  return (await answerTo(command)) !== null;
}

/** As {@link ask}; resolves with what is said to it, null where it was refused. */
export async function answerTo(command: PageCommand): Promise<string | null> {
  return (await replyTo(command))?.detail ?? null;
}

/** As {@link ask}; resolves with the whole reply, null where it was refused. */
export async function replyTo(command: PageCommand): Promise<DoneReply | null> {
  const reply = await tellOf(command);
  if (reply.type === 'done') return reply;
  say(refusalText(reply));
  return null;
}

/** As {@link ask}; resolves with what came of it, for who shows a refusal where it belongs. */
export async function tellOf(command: PageCommand): Promise<DoneReply | Refused> {
  lastId += 1;
  const id = lastId;
  const as = visitorName.value.trim();
  if (!outbound.send({ type: 'command', id, command, ...(as === '' ? {} : { as }) }))
    return { type: 'refused', code: null, detail: 'there is no connection just now' };
  return new Promise((resolve) => waiting.set(id, resolve));
}

/** Takes the server's answer to a command. */
export function answered(reply: CommandReply): void {
  waiting.get(reply.id)?.(reply);
  waiting.delete(reply.id);
}

/** What was asked and not answered before the connection went, is not known to have been done. */
export function forgetAsked(): void {
  for (const resolve of waiting.values())
    resolve({ type: 'refused', code: null, detail: 'the connection was lost' });
  waiting.clear();
}

function say(text: string): void {
  lastNotice += 1;
  const mine = lastNotice;
  notice.value = text;
  setTimeout(() => {
    if (lastNotice === mine) notice.value = null;
  }, NOTICE_MS);
}
