import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.js';
import { IntentMatcher } from '../../../src/voice/intents/matcher.js';
import { actionRequest, actionRunner } from '../../support/actions.js';
import { root } from '../../support/tools.js';

/** As Home Assistant's REST API: services below `/api/services`, for whoever has the token. */
async function homeAssistant(token: string) {
  const called: [string | undefined, unknown][] = [];
  const answer = async (message: IncomingMessage): Promise<number> => {
    if (message.headers.authorization !== `Bearer ${token}`) return 401;
    if (message.headers['content-type'] !== 'application/json') return 400;
    called.push([message.url, JSON.parse((await message.toArray()).join(''))]);
    return 200;
  };
  const server = createServer((message, response) => {
    void answer(message).then((status) => response.writeHead(status).end('[]'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { called, port: (server.address() as AddressInfo).port, close: () => server.close() };
}

it.each([
  ['sends it elsewhere', 'found unexpected redirect', {}],
  ['hangs up', 'found other side closed', {}],
  ['says nothing', 'not done after 200 ms', { timeoutMs: 200 }],
])(
  'a far end that %s is named with what was found, and the token goes nowhere',
  async (what, found, settings) => {
    const elsewhere: unknown[] = [];
    const server = createServer((message, response) => {
      if (message.url === '/elsewhere') elsewhere.push(message.headers);
      if (what === 'hangs up') message.socket.destroy();
      if (what === 'sends it elsewhere') response.writeHead(307, { location: '/elsewhere' }).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const headers = { authorization: 'Bearer s3cret' };
    const action = { kind: 'webhook', url: `http://${host}/light`, headers, body: null } as const;
    const { outcome, detail } = await actionRunner(settings).run(actionRequest(action));
    expect([outcome, detail]).toEqual(['failed', expect.stringContaining(host)]);
    expect(detail).toContain(found);
    expect(detail).not.toContain('s3cret');
    expect(elsewhere).toEqual([]);
    server.closeAllConnections();
    server.close();
  },
);

it('an order of the handbook calls a service of Home Assistant with its token, and says when that is refused', async () => {
  const house = await homeAssistant('s3cret');
  const page = readFileSync(join(root, 'docs/HOME.md'), 'utf8');
  const [, yaml = ''] = /```yaml\n([^`]*api\/services[^`]*)```/.exec(page) ?? [];
  const at = yaml.replace('homeassistant.local:8123', `127.0.0.1:${house.port}`);
  const run = async (said: string, token: string) => {
    const config = parseConfig(at, join(root, 'house.yaml'), { HOME_ASSISTANT_TOKEN: token });
    const matcher = new IntentMatcher(config.intents);
    const settled = matcher.match(said);
    if (settled === null) throw new Error(`expected an intent of "${said}"`);
    return actionRunner(config.actions).run(actionRequest({ ...settled.action }, settled.slots));
  };
  expect(await run('turn on the living room lights', 's3cret')).toMatchObject({ outcome: 'done' });
  expect(await run('switch off the kitchen light', 's3cret')).toMatchObject({ outcome: 'done' });
  expect(house.called).toEqual([
    ['/api/services/light/turn_on', { area_id: 'living_room' }],
    ['/api/services/light/turn_off', { area_id: 'kitchen' }],
  ]);
  const refused = await run('switch off the kitchen light', 'old');
  expect(refused).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('status 401') });
  expect(JSON.stringify(refused)).not.toContain('old');
  house.close();
});
