import { describe, expect, it } from 'vitest';
import { createWayOut, type Passed } from '../../src/egress/way-out.js';
import { actionRunner } from '../support/actions.js';
import { hello } from '../support/bridge.js';
import { broker, freePort } from '../support/broker.js';
import { Daemon } from '../support/daemon.js';
import { writeMicrophoneShim } from '../support/microphone-shim.js';
import { goldenPcm } from '../support/recordings.js';
import { plug, ScriptedBoard } from '../support/serial.js';
import { createShims } from '../support/shims.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool } from '../support/tools.js';

describe.runIf(requireTool('MQTT actions', 'mosquitto'))('an MQTT action at a real broker', () => {
  const request = {
    detection: 'mic/d1',
    name: 'light',
    action: { kind: 'mqtt', topic: 'home/{room}/light', payload: '{"on":"{state}"}', retain: true },
    slots: { room: 'kitchen', state: 'yes' },
  } as const;

  it('arrives once, is kept where it is to be retained, and stands in the audit', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    const passed: Passed[] = [];
    const wayOut = createWayOut(false);
    const mqttUrl = `mqtt://127.0.0.1:${port}`;
    const edges = { gate: wayOut, onPassage: (one: Passed) => passed.push(one) };
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
      actionRunner({ dryRun, mqttUrl }, { gate: createWayOut(offline) }).run(request);
    expect((await run(true, false)).outcome).toBe('dry-run');
    expect(await run(false, true)).toMatchObject({
      outcome: 'failed',
      detail: expect.stringMatching(/offline/),
    });
    await client.publishAsync('mark', '');
    await expect.poll(() => heard).toEqual(['mark']);
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
