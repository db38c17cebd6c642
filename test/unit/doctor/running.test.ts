import { execFile } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { runningCatnap } from '../../../src/doctor/running.js';
import { root } from '../../support/tools.js';

async function serve(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

it('is known by its health, also where it listens on every address', async () => {
  const health = JSON.stringify({ status: 'degraded', components: { 'kitchen/heavy': 'down' } });
  const port = await serve((_, response) => response.writeHead(200).end(health));
  expect(await runningCatnap('0.0.0.0', port)).toEqual({
    url: `http://127.0.0.1:${port}`,
    status: 'degraded',
  });
});

it('is not what answers something else, nor nothing', async () => {
  const port = await serve((_, response) => response.writeHead(200).end('{"status":"fine"}'));
  expect(await runningCatnap('127.0.0.1', port)).toBeNull();
  expect(await runningCatnap('127.0.0.1', 1)).toBeNull();
});

it('is not what hangs up, and that is told although nothing else is going on', async () => {
  const server = createTcpServer((socket) => socket.end());
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  // A process of its own: one that waits for nothing more ends, be its promise settled or not.
  const look = `import { runningCatnap } from ${JSON.stringify(`${root}dist/doctor/running.js`)};
    console.log(await runningCatnap('127.0.0.1', ${port}));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', look]);
  expect(stdout).toBe('null\n');
});
