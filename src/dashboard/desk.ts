import type { Clock } from '../core/clock.js';
import { codeOf } from '../core/errors.js';
import { sourceOf as sourceOfDetection } from '../core/events/events.js';
import { createPublisher, type PublisherDeps } from '../core/events/stamp.js';
import { type PageCommand, parseCommand, type RunCommand } from './commands.js';
import type { CommandReply } from './protocol.js';

/** A visitor may give so many commands in so long; what one asks for costs the device something. */
const COMMANDS_MAX = 20;
const COMMANDS_EVERY_MS = 10_000;

/** What a visitor's message asked for. */
export interface Asked {
  readonly id: number;
  readonly as?: string | undefined;
  readonly command: unknown;
}

/** What was asked for in words that whoever heard them could make no command of. */
export interface AskedInVain extends Omit<Asked, 'command'> {
  readonly kind: PageCommand['kind'];
  /** The source it is about; empty: all of them. */
  readonly source: string;
  /** In a sentence: where it was asked, what was expected and what found. */
  readonly fault: string;
}

/** Takes the commands of one visitor, each of which is answered. */
export type Counter = (asked: Asked | AskedInVain) => Promise<CommandReply>;

export interface DeskDeps extends PublisherDeps {
  /** Whose desk it is: its events are numbered under this name. */
  readonly component: string;
  readonly clock: Pick<Clock, 'wallMs' | 'monotonicMs'>;
  readonly runCommand: RunCommand;
}

/**
 * Checks what visitors ask for, has it done, and writes down who asked for what and what came of it.
 * @returns what opens a counter for a visitor from an address.
 */
export function createDesk(deps: DeskDeps): (address: string) => Counter {
  const publish = createPublisher(deps.component, deps);
  const tell = (
    { kind, source }: Pick<AskedInVain, 'kind' | 'source'>,
    by: string,
    outcome: 'done' | 'refused',
    detail: string,
  ): void => publish({ type: 'command', command: kind, source, by, outcome, detail });

  const serve = async (asked: Asked | AskedInVain, address: string): Promise<CommandReply> => {
    const { id, as } = asked;
    const by = nameOf(as, address);
    if ('fault' in asked) {
      tell(asked, by, 'refused', asked.fault);
      return { type: 'refused', id, code: 'USAGE', detail: asked.fault };
    }
    const parsed = parseCommand(asked.command);
    if ('fault' in parsed) return { type: 'refused', id, code: 'USAGE', detail: parsed.fault };
    const { command } = parsed;
    const about = { kind: command.kind, source: sourceOf(command) };
    try {
      const { isQuestion = false, ...done } = await deps.runCommand(command, by);
      if (!isQuestion) tell(about, by, 'done', done.detail);
      return { type: 'done', id, ...done };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      tell(about, by, 'refused', detail);
      return { type: 'refused', id, code: codeOf(error), detail };
    }
  };

  return (address) => {
    let recentMs: readonly number[] = [];
    return async (asked) => {
      const nowMs = deps.clock.monotonicMs();
      recentMs = recentMs.filter((atMs) => nowMs - atMs < COMMANDS_EVERY_MS);
      if (recentMs.length >= COMMANDS_MAX) {
        const detail = `more than ${COMMANDS_MAX} commands in ${COMMANDS_EVERY_MS / 1000} s: wait a moment`;
        return { type: 'refused', id: asked.id, code: 'BUSY', detail };
      }
      recentMs = [...recentMs, nowMs];
      return serve(asked, address);
    };
  };
}

function sourceOf(command: PageCommand): string {
  if ('source' in command) return command.source ?? '';
  return 'detection' in command ? sourceOfDetection(command.detection) : '';
}

/** Who asked: the name is what the visitor says it is, the address is what it is. */
function nameOf(as: string | undefined, address: string): string {
  const name = (as ?? '').replaceAll(/[^\p{L}\p{N} .,'_-]/gu, '').trim();
  return name === '' ? address : `${name} (${address})`;
}
