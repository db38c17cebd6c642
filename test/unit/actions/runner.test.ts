import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Emulator } from '../../../src/emulator/emulator.js';
import { systemTimer } from '../../../src/runtime/process/system-clock.js';
import { actionRequest, actionRunner, FIELDS_OF_LIGHT } from '../../support/actions.js';
import { escalation, Published, uplinkTo } from '../../support/uplink.js';

const node = process.execPath;

const runner = (config: object = {}, boards: string[] = []) =>
  actionRunner(config, {
    sendToBoard: async (source, command) => {
      boards.push(`${source} ${command}`);
    },
  });

describe('actions', () => {
  it('only say what they would do unless told to act', async () => {
    const boards: string[] = [];
    const action = { kind: 'serial', source: 'board', command: 'LED {state}' } as const;
    expect(await runner({ dryRun: true }, boards).run(actionRequest(action, { state: 'on' }))).toMatchObject({
      outcome: 'dry-run',
      detail: 'board: LED on',
    });
    expect(boards).toEqual([]);
    await runner({}, boards).run(actionRequest(action, { state: 'on' }));
    expect(boards).toEqual(['board LED on']);
  });

  it('post all that is known to a webhook, or a message of its own with headers', async () => {
    const posted: { readonly type: string | undefined; readonly key: unknown; readonly body: string }[] = [];
    const server = createServer(async (message, response) => {
      const body = (await message.toArray()).join('');
      posted.push({ type: message.headers['content-type'], key: message.headers['x-key'], body });
      response.writeHead(message.url === '/in/a%2Fb' ? 204 : 500).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in/{room}`;
    const plain = { kind: 'webhook', url, headers: {}, body: null };
    expect((await runner().run(actionRequest(plain, { room: 'a/b' }))).outcome).toBe('done');
    const own = { ...plain, headers: { 'X-Key': 'k' }, body: '{source} heard {transcript}' };
    expect((await runner().run(actionRequest(own, { room: 'a/b' }))).outcome).toBe('done');
    expect((await runner().run(actionRequest(plain, { room: 'c' }))).outcome).toBe('failed');
    expect(JSON.parse(posted[0]?.body ?? '')).toEqual({
      ...FIELDS_OF_LIGHT,
      slots: { room: 'a/b' },
      detection: 'mic/0',
    });
    expect(posted[0]).toMatchObject({ type: 'application/json' });
    expect(posted[1]).toEqual({ type: 'text/plain; charset=utf-8', key: 'k', body: 'mic heard say "light"' });
    server.close();
  });

  it('run a program without a shell, and fail with its exit code', async () => {
    const exit = (code: string) => ({
      kind: 'command',
      run: [node, '-e', 'process.exit(+process.argv[1])', code],
    });
    expect((await runner().run(actionRequest(exit('0')))).outcome).toBe('done');
    expect(await runner().run(actionRequest(exit('3')))).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('code 3'),
    });
  });

  it('tell a program that is not there from one that fails', async () => {
    const result = await runner().run(actionRequest({ kind: 'command', run: ['no-such-program'] }));
    expect(result).toMatchObject({ outcome: 'failed', detail: 'command: no-such-program: not found' });
  });

  it('refuse a value that would become an option', async () => {
    const action = { kind: 'command', run: [node, '-e', '0', '{value}'] };
    expect((await runner().run(actionRequest(action, { value: '--version' }))).outcome).toBe('failed');
  });

  it('end a program that takes too long', async () => {
    const action = { kind: 'command', run: [node, '-e', 'setInterval(() => {}, 1000)'] };
    expect(await runner({ timeoutMs: 300 }).run(actionRequest(action))).toMatchObject({ outcome: 'failed' });
  });

  it('are not done again by the cloud where the local answer stood while it was away', async () => {
    const answer = { label: 'light', text: 'Done.', action: { name: 'lamp', parameters: { state: 'off' } } };
    const emulator = await Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0, answer: () => answer });
    const published = new Published();
    const boards: string[] = [];
    const actions = { lamp: { kind: 'serial', source: 'board', command: 'LED {state}' } };
    const uplink = await uplinkTo(emulator.url, published, { actions }, { actions: runner({}, boards) });
    await uplink.offer(escalation({ answeredHere: true }));
    await published.until((all) => all.of('action').length === 1);
    expect(published.of('action')).toMatchObject([{ action: 'lamp', outcome: 'skipped' }]);
    expect(boards).toEqual([]);
    await uplink.close(0);
    await emulator.close();
  });

  it('run for a checked answer that asks for an allowed one, and never for another', async () => {
    const answer = (name: string) => ({
      label: 'light',
      text: 'Done.',
      action: { name, parameters: { state: 'off' } },
    });
    const emulator = await Emulator.start(systemTimer, {
      thinkMs: 0,
      wordMs: 0,
      answer: (event) => answer(event.label ?? ''),
    });
    const published = new Published();
    const boards: string[] = [];
    const actions = { lamp: { kind: 'serial', source: 'board', command: 'LED {state}' } };
    const uplink = await uplinkTo(emulator.url, published, { actions }, { actions: runner({}, boards) });
    await uplink.offer(escalation({ label: 'lamp' }));
    await uplink.offer(escalation({ label: 'self-destruct' }));
    await published.until((all) => all.of('undelivered').length === 1 && all.of('action').length === 1);
    expect(boards).toEqual(['board LED off']);
    expect(published.of('action')).toMatchObject([{ action: 'lamp', outcome: 'done' }]);
    expect(published.of('undelivered')).toMatchObject([{ code: 'UPLINK_REPLY' }]);
    await uplink.close(0);
    await emulator.close();
  });
});
