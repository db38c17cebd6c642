import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CascadeEvent } from '../../src/core/events/events.js';
import { Daemon } from '../support/daemon.js';
import { recordingOf } from '../support/recordings.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool } from '../support/tools.js';

let running: Daemon | null = null;
afterEach(async () => {
  await running?.end();
});

/** Everything that could open a socket outwards, all of it wanting to reach one port. */
const everything = (port: number, offline: boolean) => `
sources:
  - { id: mic, kind: file, path: '${recordingOf('settled', 'complex')}', realtime: true, loop: true }
  - { id: pump, kind: mqtt, url: 'mqtt://127.0.0.1:${port}', topic: plant/pump, cascade: sensor, rateHz: 1, channels: [{ name: flow, unit: L/min }] }
cascades: { voice: { kind: voice }, sensor: { kind: sensor } }
intents:
  sentences:
    - intent: light.on
      sentences: ['(turn|switch) on [the] {room} (light|lights)']
      action: { kind: webhook, url: 'http://127.0.0.1:${port}/light' }
actions: { dryRun: false, mqttUrl: 'mqtt://127.0.0.1:${port}' }
uplink:
  offline: ${offline}
  providers:
    - { kind: plain, name: plain, url: 'ws://127.0.0.1:${port}' }
    - { kind: openai-realtime, url: 'ws://127.0.0.1:${port}', secret: '\${CATNAP_TEST_KEY}' }
    - { kind: gemini-live, url: 'ws://127.0.0.1:${port}', model: any, secret: '\${CATNAP_TEST_KEY}' }
dashboard: { enabled: true, port: 0 }
`;

/** Internet sockets that system calls of the whole process tree reached out with, by strace's record of them. */
function reachedOut(record: string): string[] {
  return readFileSync(record, 'utf8')
    .split('\n')
    .filter((line) => /\b(connect|sendto|sendmsg)\(/.test(line) && /AF_INET6?/.test(line));
}

async function traced(
  offline: boolean,
): Promise<{ reached: string[]; requests: number; events: readonly CascadeEvent[] }> {
  let requests = 0;
  const server = createServer((_, response) => response.writeHead(204).end());
  server.on('connection', () => {
    requests++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const record = join(temporaryFolder(), 'calls');
  const under = [
    'strace',
    '-D',
    '-f',
    '--seccomp-bpf',
    '-qq',
    '-e',
    'trace=connect,sendto,sendmsg',
    '-o',
    record,
  ];
  const { port } = server.address() as AddressInfo;
  const daemon = Daemon.run(everything(port, offline), { under, env: { CATNAP_TEST_KEY: 'key' } });
  running = daemon;
  await daemon.health('pump/source', 'down');
  await daemon.event('action');
  await daemon.event('escalated');
  if (offline) await daemon.event('undelivered', ({ outcome }) => outcome === 'unanswered');
  await daemon.end();
  await new Promise((resolve) => server.close(resolve));
  return { reached: reachedOut(record), requests, events: daemon.events };
}

describe.runIf(requireTool('system calls of an offline Catnap', 'strace'))('offline', () => {
  it('opens no socket, whatever is configured, and says what it kept in', async () => {
    const { reached, requests, events } = await traced(true);
    expect(reached).toEqual([]);
    expect(requests).toBe(0);
    expect(events.find((event) => event.type === 'action')).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('offline'),
    });
    expect(
      events.find((event) => event.type === 'health' && event.component === 'pump/source'),
    ).toMatchObject({
      code: 'EGRESS_DENIED',
    });
  });

  it('is what makes the difference: the same configuration reaches out when it may', async () => {
    const { reached, requests } = await traced(false);
    expect(reached.length).toBeGreaterThan(2);
    expect(requests).toBeGreaterThan(2);
  });
});
