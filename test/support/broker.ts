import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { Child } from './serial.js';

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Mosquitto with the lines of a configuration; resolves once its port answers. */
export async function configuredBroker(
  folder: string,
  port: number,
  lines: readonly string[],
): Promise<Child> {
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const process = new Child('mosquitto', ['-c', file]);
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return process;
    } catch {
      await delay(50);
    } finally {
      socket.destroy();
    }
  }
}

/** Mosquitto on loopback, and a client that plays the sensors. */
export async function broker(port: number): Promise<{ process: Child; client: MqttClient }> {
  const process = new Child('mosquitto', ['-p', `${port}`]);
  for (;;) {
    try {
      return { process, client: await connectAsync(`mqtt://127.0.0.1:${port}`, {}, false) };
    } catch {
      await delay(50);
    }
  }
}
