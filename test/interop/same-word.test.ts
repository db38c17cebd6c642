import { describe, expect, it } from 'vitest';
import { configuredBroker, freePort } from '../support/broker.js';
import { Daemon } from '../support/daemon.js';
import { goldenPcm } from '../support/recordings.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool } from '../support/tools.js';
import { WyomingEnd } from '../support/wyoming.js';

/** A Catnap that is told what it hears over the network, and does something at a word. */
async function device(name: string, brokerPort: number) {
  const port = await freePort();
  const daemon = Daemon.run(`
name: ${name}
sources: [{ id: mic, kind: wyoming, listen: 127.0.0.1, port: ${port} }]
edge: { broker: { url: 'mqtt://127.0.0.1:${brokerPort}' } }
actions: { dryRun: false }
dashboard: { enabled: false }
cascades:
  voice: { kind: voice, utterance: { enabled: false }, wakeActions: { alexa: { kind: command, run: [/bin/true] } } }
`);
  await daemon.health('edge/house', 'ok');
  return { daemon, satellite: await WyomingEnd.soonAt(port) };
}

function counted({ daemon }: { readonly daemon: Daemon }, type: string): number {
  return daemon.events.filter((event) => event.type === type).length;
}

describe.runIf(requireTool('two Catnaps at an MQTT broker', 'mosquitto'))(
  'a word that two Catnaps hear',
  () => {
    it('is acted on once', async () => {
      const brokerPort = await freePort();
      await using _broker = await configuredBroker(temporaryFolder(), brokerPort, [
        `listener ${brokerPort} 127.0.0.1`,
        'allow_anonymous true',
      ]);
      const devices = [await device('kitchen', brokerPort), await device('hall', brokerPort)];
      const sum = (type: string) => devices.reduce((total, each) => total + counted(each, type), 0);
      try {
        const bytes = goldenPcm('settled');
        const said = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
        for (let words = 1; words <= 3; words++) {
          for (const { satellite } of devices) satellite.stream(said, { isOver: false });
          await expect.poll(() => sum('verified'), { timeout: 60_000 }).toBe(2 * words);
          await expect.poll(() => sum('action'), { timeout: 60_000 }).toBe(words);
        }
      } finally {
        for (const { daemon, satellite } of devices) {
          satellite.socket.destroy();
          await daemon.end();
        }
      }
    });
  },
);
