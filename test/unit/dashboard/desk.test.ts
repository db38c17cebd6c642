import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { CatnapError } from '../../../src/core/errors.js';
import type { CascadeEvent } from '../../../src/core/events/events.js';
import type { CommandReply } from '../../../src/dashboard/protocol.js';
import { serveDashboard, visit } from '../../support/dashboard.js';
import { gapEvent } from '../../support/events.js';

const MUTE = { kind: 'mute', source: 'hall', forMs: 300_000 };

function ask(socket: WebSocket, id: number, command: unknown, as?: string): void {
  socket.send(JSON.stringify({ type: 'command', id, command, ...(as === undefined ? {} : { as }) }));
}

describe('a visitor’s command', () => {
  it('is done, answered under its id, and written down with who asked', async () => {
    const asked: unknown[] = [];
    await using served = await serveDashboard({}, undefined, {
      runCommand: async (command, by) => {
        asked.push(command, by);
        return { detail: 'for 5 min' };
      },
    });
    using visitor = await visit(served.liveUrl);
    ask(visitor.socket, 7, MUTE, 'Anna <b>');
    expect(await visitor.until(({ type }) => type === 'done')).toEqual({
      type: 'done',
      id: 7,
      detail: 'for 5 min',
    });
    expect(asked).toEqual([MUTE, 'Anna b (127.0.0.1)']);
    const row = {
      type: 'command',
      command: 'mute',
      source: 'hall',
      by: 'Anna b (127.0.0.1)',
      outcome: 'done',
    };
    expect(served.bus.history()).toEqual([expect.objectContaining(row)]);
  });

  it('that is refused says why, in a sentence, to its visitor and to the journal', async () => {
    await using served = await serveDashboard({}, undefined, {
      runCommand: async () => {
        throw new CatnapError('USAGE', 'expected a source of hall, found "attic"');
      },
    });
    using visitor = await visit(served.liveUrl);
    ask(visitor.socket, 1, MUTE);
    const detail = 'expected a source of hall, found "attic"';
    expect(await visitor.until(({ type }) => type === 'refused')).toEqual({
      type: 'refused',
      id: 1,
      code: 'USAGE',
      detail,
    });
    const row = { type: 'command', by: '127.0.0.1', outcome: 'refused', detail };
    expect(served.bus.history()).toEqual([expect.objectContaining(row)]);
  });

  it.each([
    [{ kind: 'explode' }, 'expected a command of mute, unmute'],
    [null, 'found none'],
    [{ ...MUTE, forMs: 5 }, 'mute.forMs: '],
    [{ ...MUTE, source: undefined }, 'mute.source: '],
    [{ ...MUTE, more: 1 }, 'mute: '],
    [{ kind: 'constructor' }, 'expected a command of'],
  ])('that is none is refused without being done, and the visitor stays: %j', async (command, reason) => {
    await using served = await serveDashboard({}, undefined, {
      runCommand: () => Promise.reject(new Error('done all the same')),
    });
    using visitor = await visit(served.liveUrl);
    ask(visitor.socket, 1, command);
    expect(await visitor.until(({ type }) => type === 'refused')).toMatchObject({
      detail: expect.stringContaining(reason),
    });
    served.bus.publish(gapEvent('mic', 1));
    await visitor.until(({ type }) => type === 'event');
    expect(served.bus.history().map((event: CascadeEvent) => event.type)).toEqual(['gap']);
  });

  it('too many of them at once are refused, and cost the other visitors nothing', async () => {
    await using served = await serveDashboard({}, undefined, { runCommand: async () => ({ detail: '' }) });
    using busy = await visit(served.liveUrl);
    using other = await visit(served.liveUrl);
    for (let id = 0; id < 21; id++) ask(busy.socket, id, MUTE);
    const last = (await busy.until((message) => 'id' in message && message.id === 20)) as CommandReply;
    expect(last).toMatchObject({
      type: 'refused',
      code: 'BUSY',
      detail: expect.stringContaining('wait a moment'),
    });
    ask(other.socket, 1, MUTE);
    await other.until(({ type }) => type === 'done');
  });
});
