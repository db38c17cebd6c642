import { once } from 'node:events';
import { createServer } from 'node:net';
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
