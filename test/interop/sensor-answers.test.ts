import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Emulator } from '../../src/emulator/emulator.js';
import { systemTimer } from '../../src/runtime/process/system-clock.js';
import type { PlainEvent } from '../../src/uplink/providers/plain/protocol.js';
import { hello } from '../support/bridge.js';
import { broker, freePort } from '../support/broker.js';
import { catnap } from '../support/cli.js';
import { Daemon } from '../support/daemon.js';
import { plug, ScriptedBoard } from '../support/serial.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool, root } from '../support/tools.js';

const recording = (name: string) => join(root, 'fixtures/demo', `${name}.bridge`);
const source = (name: string) =>
  `sources: [{ id: pump, kind: serial-recording, path: ${recording(name)}, speed: 0 }]\n`;
const quiet = 'dashboard: { enabled: false }\njournal: { enabled: false }\n';

/** A whole Catnap that plays the pump and knows the fault of its valve by name. */
function withKnownValve(seeded: string, yaml: string): Daemon {
  const state = join(temporaryFolder(), 'state');
  cpSync(seeded, state, { recursive: true });
  return Daemon.run(`${quiet}${yaml}`, { stateDir: state });
}

describe('a fault that was given a name', () => {
  let seeded: string;
  beforeAll(async () => {
    seeded = temporaryFolder();
    const first = Daemon.run(`${quiet}${source('pump-valve')}`, { stateDir: seeded });
    await first.exit();
    const named = catnap(['faults', 'name', 'pump', 'valve', '--sample', '700', '--state', seeded]);
    expect(named.stdout).toContain('valve is known now');
    expect(catnap(['faults', 'list', 'pump', '--state', seeded]).stdout).toMatch(/^valve: /m);
  });

  /** Plays it, and gives what its answer came to; no other fault of the recording may be settled. */
  async function answered(yaml: string) {
    const daemon = withKnownValve(seeded, yaml);
    try {
      const settled = await daemon.event('settled');
      expect(settled).toMatchObject({ source: 'pump', label: 'valve', reasons: ['known-fault'] });
      const { outcome, detail } = await daemon.event('action');
      return { outcome, detail };
    } finally {
      await daemon.end();
    }
  }

  it('is answered by a webhook', async () => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      request.setEncoding('utf8');
      request.on('data', (text: string) => bodies.push(text));
      request.on('end', () => response.end());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const action = `{ kind: webhook, url: 'http://127.0.0.1:${port}/valve' }`;
    const yaml = `${source('pump')}cascades: { sensor: { kind: sensor, faults: { valve: ${action} } } }\nactions: { dryRun: false }\n`;
    expect(await answered(yaml)).toMatchObject({ outcome: 'done' });
    server.close();
    expect(bodies.map((body) => JSON.parse(body))).toMatchObject([
      {
        intent: 'valve',
        source: 'pump',
        slots: { value: 'valve' },
        detection: expect.stringMatching(/^pump\//),
      },
    ]);
  });

  it('does nothing but say what it would do until it is told to act', async () => {
    const action = `{ kind: webhook, url: 'http://127.0.0.1:9/valve' }`;
    const yaml = `${source('pump')}cascades: { sensor: { kind: sensor, faults: { valve: ${action} } } }\n`;
    expect(await answered(yaml)).toMatchObject({ outcome: 'dry-run', detail: 'POST 127.0.0.1:9/valve' });
  });

  it.runIf(requireTool('an MQTT action', 'mosquitto'))('is answered by an MQTT message', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    const heard: string[] = [];
    client.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
    await client.subscribeAsync('plant/#');
    const yaml = `${source('pump')}cascades: { sensor: { kind: sensor, faults: { valve: { kind: mqtt, topic: plant/alarm, payload: '{label}' } } } }
actions: { dryRun: false, mqttUrl: 'mqtt://127.0.0.1:${port}' }\n`;
    expect(await answered(yaml)).toMatchObject({ outcome: 'done' });
    await client.endAsync();
    expect(heard).toEqual(['plant/alarm valve']);
  });

  it.runIf(requireTool('a serial action', 'socat'))(
    'is answered by a command to a board, which acknowledges or refuses it',
    async () => {
      const scratch = temporaryFolder();
      await using _cable = await plug(`${scratch}/board`, `${scratch}/host`);
      await using board = await ScriptedBoard.open(`${scratch}/board`, hello());
      const yaml = (command: string) => `
sources:
  - { id: pump, kind: serial-recording, path: ${recording('pump')}, speed: 60 }
  - { id: relay, kind: serial, path: ${scratch}/host, idleMs: 60000 }
cascades: { sensor: { kind: sensor, faults: { valve: { kind: serial, source: relay, command: ${command} } } } }
actions: { dryRun: false }\n`;
      expect(await answered(yaml('bypass open'))).toEqual({ outcome: 'done', detail: 'relay: bypass open' });
      expect(board.heard).toContainEqual({ kind: 'command', text: 'bypass open' });
      board.refuses = 'no such relay';
      expect(await answered(yaml('bypass ajar'))).toEqual({
        outcome: 'failed',
        detail: expect.stringContaining('no such relay'),
      });
    },
  );
});

describe('a fault that nobody has named', () => {
  /** Plays the pump against a cloud, and gives what came there, byte for byte parsed. */
  async function sentBy(cascade: string): Promise<readonly PlainEvent[]> {
    const seen: PlainEvent[] = [];
    const cloud = await Emulator.start(systemTimer, {
      thinkMs: 0,
      wordMs: 0,
      onEvent: (event) => seen.push(event),
    });
    const daemon = Daemon.run(
      `${quiet}${source('pump')}cascades: { sensor: { kind: sensor, ${cascade} } }\nuplink: { providers: [{ kind: plain, name: cloud, url: '${cloud.url}' }] }\n`,
    );
    try {
      await daemon.until(
        () => daemon.events.filter(({ type }) => type === 'verdict').length === 2,
        'two verdicts',
      );
    } finally {
      await daemon.end();
      await cloud.close();
    }
    return seen;
  }

  it('leaves as a compact summary: figures and what explains it, no sample', async () => {
    const sent = await sentBy('');
    for (const event of sent) {
      expect(event).toMatchObject({ kind: 'sensor', reasons: ['unknown-fault'], clip: null });
      expect(JSON.stringify(event).length).toBeLessThan(4096);
      expect(JSON.stringify(event.summary)).not.toMatch(/plot|samples/);
    }
    const summaries = sent.map((event) => event.summary as { channels: Record<string, unknown>[] });
    expect(summaries[1]?.channels[0]).toMatchObject({
      name: 'vibration',
      unit: 'mm/s',
      normal: expect.any(Number),
    });
    // Nowhere a list of numbers longer than a handful: nothing of the signal itself.
    expect(JSON.stringify(sent)).not.toMatch(/(-?[\d.]+,){6}/);
  });

  it('brings a small plot and its newest samples where the configuration asks for them', async () => {
    const [valve] = await sentBy('summary: { plotWidth: 24, samples: 50 }');
    if (valve === undefined) throw new Error('nothing was sent');
    const summary = valve.summary as { channels: { plot: string }[]; samples: Record<string, number[]> };
    expect(summary.channels[0]?.plot).toMatch(/^[▁▂▃▄▅▆▇█ ]{24}$/);
    expect(Object.keys(summary.samples)).toContain('flow');
    expect(summary.samples.flow).toHaveLength(50);
  });
});
