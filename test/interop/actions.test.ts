import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.js';
import { createWayOut, type Passed } from '../../src/egress/way-out.js';
import { createBrokers } from '../../src/runtime/brokers.js';
import { openActions } from '../../src/runtime/configured-actions.js';
import { systemClock, systemTimer } from '../../src/runtime/process/system-clock.js';
import { IntentMatcher } from '../../src/voice/intents/matcher.js';
import { actionRunner, FIELDS_OF_LIGHT } from '../support/actions.js';
import { hello } from '../support/bridge.js';
import { broker, configuredBroker, freePort } from '../support/broker.js';
import { Daemon } from '../support/daemon.js';
import { writeMicrophoneShim } from '../support/microphone-shim.js';
import { goldenPcm } from '../support/recordings.js';
import { plug, ScriptedBoard } from '../support/serial.js';
import { createShims } from '../support/shims.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool, root } from '../support/tools.js';

describe.runIf(requireTool('MQTT actions', 'mosquitto'))('an MQTT action at a real broker', () => {
  const request = {
    detection: 'mic/d1',
    name: 'light',
    action: { kind: 'mqtt', topic: 'home/{room}/light', payload: '{"on":"{state}"}', retain: true },
    slots: { room: 'kitchen', state: 'yes' },
    fields: FIELDS_OF_LIGHT,
  } as const;

  it('arrives once, is kept where it is to be retained, and stands in the audit', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    const passed: Passed[] = [];
    const wayOut = createWayOut(false);
    const mqttUrl = `mqtt://127.0.0.1:${port}`;
    const edges = { wayOut, onPassage: (one: Passed) => passed.push(one) };
    const outcome = await actionRunner({ mqttUrl }, edges).run(request);
    expect(outcome).toMatchObject({ outcome: 'done', detail: 'home/kitchen/light {"on":"yes"}' });
    // Subscribed after it was published: only a retained message is still there.
    const message = new Promise<[string, string]>((resolve) =>
      client.once('message', (topic, payload) => resolve([topic, payload.toString()])),
    );
    await client.subscribeAsync('home/#');
    expect(await message).toEqual(['home/kitchen/light', '{"on":"yes"}']);
    expect(passed).toMatchObject([{ outcome: 'sent', passage: { what: 'mqtt', bytes: 30 } }]);
    expect(wayOut.bytesOut.mqtt).toBe(30);
    client.end(true);
  });

  it('publishes nothing in a dry run, and nothing when offline', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    const heard: string[] = [];
    client.on('message', (topic) => heard.push(topic));
    await client.subscribeAsync('#');
    const mqttUrl = `mqtt://127.0.0.1:${port}`;
    const run = (dryRun: boolean, offline: boolean) =>
      actionRunner({ dryRun, mqttUrl }, { wayOut: createWayOut(offline) }).run(request);
    expect((await run(true, false)).outcome).toBe('dry-run');
    expect(await run(false, true)).toMatchObject({
      outcome: 'failed',
      detail: expect.stringMatching(/offline/),
    });
    await client.publishAsync('mark', '');
    await expect.poll(() => heard).toEqual(['mark']);
    client.end(true);
  });

  it('goes over one lasting connection, with any password and an authority of one’s own', async () => {
    const [port, folder] = [await freePort(), temporaryFolder()];
    const password = "p@ss:w/or d#%'ü";
    const openssl = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', 'key.pem', '-out', 'ca.pem'];
    execFileSync('openssl', [...openssl, ...names], { cwd: folder, stdio: 'ignore' });
    writeFileSync(`${folder}/users`, '');
    execFileSync('mosquitto_passwd', ['-b', `${folder}/users`, 'cat', password], { stdio: 'ignore' });
    // Started by root it would give itself up to a user that may not read here.
    const lines = [`listener ${port} 127.0.0.1`, `certfile ${folder}/ca.pem`, `keyfile ${folder}/key.pem`];
    const access = [
      'allow_anonymous false',
      `password_file ${folder}/users`,
      'user root',
      `log_dest file ${folder}/log`,
    ];
    await using _process = await configuredBroker(folder, port, [...lines, ...access]);
    const settings = { mqttUrl: `mqtts://127.0.0.1:${port}`, mqttUsername: 'cat', mqttCaFile: 'ca.pem' };
    const runner = actionRunner({ ...settings, mqttPassword: password }, {}, folder);
    for (const _ of [1, 2, 3]) expect(await runner.run(request)).toMatchObject({ outcome: 'done' });
    expect(readFileSync(`${folder}/log`, 'utf8').match(/New client connected.*cat/g)).toHaveLength(1);
    const refused = await actionRunner({ ...settings, mqttPassword: 'wrong' }, {}, folder).run(request);
    expect(refused).toMatchObject({ outcome: 'failed', detail: expect.stringMatching(/not authori[sz]ed/i) });
    expect(refused.detail).not.toContain(password);
  });

  it('connects anew after the broker was away', async () => {
    const port = await freePort();
    const first = await broker(port);
    const runner = actionRunner({ mqttUrl: `mqtt://127.0.0.1:${port}` });
    expect((await runner.run(request)).outcome).toBe('done');
    first.client.end(true);
    await first.process[Symbol.asyncDispose]();
    await expect.poll(async () => (await runner.run(request)).outcome).toBe('failed');
    const second = await broker(port);
    await using _process = second.process;
    expect((await runner.run(request)).outcome).toBe('done');
    second.client.end(true);
  });

  it('switches the lamp of the README', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    const shown = /^# lamp\.yaml\n(.*?)^```/ms.exec(readFileSync(`${root}README.md`, 'utf8'))?.[1] ?? '';
    const config = parseConfig(shown.replace(':1883', `:${port}`), 'lamp.yaml');
    const message = new Promise<[string, string]>((resolve) =>
      client.once('message', (topic, payload) => resolve([topic, payload.toString()])),
    );
    await client.subscribeAsync('home/#');
    const wayOut = createWayOut(false);
    const brokers = createBrokers(config, '.', wayOut, systemTimer);
    const actions = await openActions(config, '.', systemTimer, {
      wayOut,
      broker: brokers.actions,
      clock: systemClock,
      sendToBoard: async () => {},
    });
    const match = new IntentMatcher(config.intents).match('Turn on the "lights"!');
    if (match === null) throw new Error('expected the sentence of the README to be understood');
    const { intent: name, slots, action } = match;
    const fields = { ...FIELDS_OF_LIGHT, source: 'kitchen', transcript: 'turn on the "lights"' };
    expect((await actions.run({ detection: 'kitchen/d1', name, slots, action, fields })).outcome).toBe(
      'done',
    );
    const [topic, payload] = await message;
    expect([topic, JSON.parse(payload)]).toEqual([
      'home/kitchen/lamp/set',
      { state: 'ON', said: 'turn on the "lights"' },
    ]);
    await actions.close(0);
    await brokers.close();
    client.end(true);
  });

  it('fails and says so when the broker is away', async () => {
    const mqttUrl = `mqtt://127.0.0.1:${await freePort()}`;
    const passed: Passed[] = [];
    const runner = actionRunner({ mqttUrl }, { onPassage: (one: Passed) => passed.push(one) });
    expect((await runner.run(request)).outcome).toBe('failed');
    expect(passed).toMatchObject([{ outcome: 'failed' }]);
  });
});

describe.runIf(requireTool('commands to a board', 'socat'))('a command to a board on a serial line', () => {
  it.each([
    [true, 'dry-run', 0],
    [false, 'done', 1],
  ])('said in the kitchen, dryRun %s: %s', async (dryRun, outcome, commands) => {
    const scratch = temporaryFolder();
    await using _cable = await plug(`${scratch}/board`, `${scratch}/host`);
    await using board = await ScriptedBoard.open(`${scratch}/board`, hello());
    const shims = createShims();
    writeMicrophoneShim(shims, goldenPcm('settled'));
    const daemon = Daemon.run(`
sources:
  - { id: mic, kind: microphone }
  - { id: board, kind: serial, path: '${scratch}/host', cascade: sensor, idleMs: 60000 }
cascades: { voice: { kind: voice }, sensor: { kind: sensor } }
intents:
  sentences:
    - intent: light.on
      sentences: ['(turn|switch) on [the] {room} (light|lights)']
      action: { kind: serial, source: board, command: 'relay {room} on' }
actions: { dryRun: ${dryRun} }
dashboard: { enabled: false }
`);
    try {
      const action = await daemon.event('action');
      expect(action).toMatchObject({ action: 'light.on', outcome, detail: 'board: relay kitchen on' });
      const heard = board.heard.filter(({ kind }) => kind === 'command');
      expect(heard).toEqual(Array(commands).fill({ kind: 'command', text: 'relay kitchen on' }));
    } finally {
      await daemon.end();
      shims.restore();
    }
  });
});
