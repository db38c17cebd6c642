import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Daemon, writeConfig } from '../support/daemon.js';
import { withMicrophone } from '../support/daemon-with-microphone.js';
import { order } from '../support/microphone-shim.js';
import { descendants } from '../support/processes.js';
import { isAlive } from '../support/shims.js';
import { requireTool, root } from '../support/tools.js';

const MICROPHONE = 'sources: [{ id: mic, kind: microphone }]';
const QUIET = `${MICROPHONE}\ndashboard: { enabled: false }`;

const microphone = withMicrophone('settled');

const children = (daemon: Daemon, part: string) => descendants(daemon.child.pid ?? 0, part);

/** Catnap in the midst of a verification that does not come to an end. */
async function hungWhileVerifying(): Promise<{ running: Daemon; stopped: readonly number[] }> {
  const running = microphone.run(
    `${QUIET}\ncascades: { voice: { kind: voice, heavy: { budgetMs: 60000 } } }`,
  );
  await running.event('verified');
  const stopped = children(running, 'heavy-child');
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  const noticed = () => running.events.filter(({ type }) => type === 'noticed').length;
  const before = noticed();
  await running.until(() => noticed() > before, 'no second detection');
  return { running, stopped };
}

describe('faults of the process', () => {
  it('row 32: a bad configuration ends with 78 and every error, and opens nothing', async () => {
    microphone.shims.write('arecord', 'touch "$(dirname "$0")/opened"; exit 1');
    const daemon = microphone.run(`sources: [{ id: mic, kind: microfone }]\ndashboard: { prot: 8420 }`);
    expect(await daemon.exit()).toBe(78);
    expect(daemon.stderr).toMatch(/catnap\.yaml:2:.* sources\.0\.kind: expected one of microphone/);
    expect(daemon.stderr).toMatch(/catnap\.yaml:3:.* dashboard\.prot: unknown key; did you mean "port"/);
    expect(daemon.events).toEqual([]);
    expect(existsSync(join(microphone.shims.folder, 'opened'))).toBe(false);
  });

  it('ends with 69 when the port of its dashboard is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const daemon = microphone.run(`${MICROPHONE}\ndashboard: { port: ${port} }`);
    expect(await daemon.exit()).toBe(69);
    expect(daemon.stderr).toContain(`${port}`);
    taken.close();
  });

  it('row 33: SIGTERM in mid-event brings it to its end, says offline and exits with 0', async () => {
    const daemon = microphone.run(QUIET);
    const { detection } = await daemon.event('verified');
    const below = children(daemon, '');
    expect(below.length).toBeGreaterThan(0);
    daemon.kill('SIGTERM');
    expect(await daemon.exit()).toBe(0);
    const about = daemon.events.filter((event) => 'detection' in event && event.detection === detection);
    expect(about.find(({ type }) => type === 'utterance')).toMatchObject({ outcome: 'end-of-source' });
    expect(daemon.events.at(-1)).toMatchObject({ component: 'catnap', state: 'down', detail: 'offline' });
    await expect.poll(() => below.filter(isAlive)).toEqual([]);
  });

  it('row 33: SIGTERM while heavy hangs exits with 0 all the same', async () => {
    const { running } = await hungWhileVerifying();
    running.kill('SIGTERM');
    expect(await running.exit()).toBe(0);
    expect(running.events.at(-1)).toMatchObject({ component: 'catnap', state: 'down' });
  });

  it('row 33: a terminal that is closed, which may say so twice, brings it to its end as well', async () => {
    const { running } = await hungWhileVerifying();
    running.kill('SIGHUP');
    await delay(200);
    running.kill('SIGHUP');
    expect(await running.exit()).toBe(0);
    expect(running.events.at(-1)).toMatchObject({ component: 'catnap', state: 'down' });
  });

  it('row 33: a second signal ends it now', async () => {
    const { running, stopped } = await hungWhileVerifying();
    running.kill('SIGTERM');
    await delay(200);
    running.kill('SIGINT');
    expect(await running.exit()).toBe(75);
    expect(stopped).toHaveLength(1);
    await expect.poll(() => stopped.filter(isAlive)).toEqual([]);
  });

  it('row 35: a main thread that stalls ends the process, for systemd to start it again', async () => {
    const child = spawn(
      process.execPath,
      [join(root, 'test/support/stalling-main.mjs'), writeConfig(QUIET)],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    expect(signal).toBe('SIGABRT');
    expect(stderr).toContain('the main thread has not answered');
  });

  it.runIf(requireTool('out of file descriptors', 'prlimit'))(
    'row 36: out of file descriptors refuses visitors and keeps the source, which can be opened again after',
    async () => {
      const daemon = microphone.run(`${MICROPHONE}\ndashboard: { port: 0, maxClients: 256 }`, {
        under: ['prlimit', '--nofile=192'],
      });
      await daemon.event('noticed');
      const port = Number(/dashboard at http:\/\/127\.0\.0\.1:(\d+)/.exec(daemon.stderr)?.[1]);
      const sockets: Socket[] = [];
      for (let i = 0; i < 300; i += 1) {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => {});
        sockets.push(socket);
      }
      const heard = daemon.events.length;
      await daemon.until(() => daemon.events.length >= heard + 4, 'deaf');
      expect(daemon.transitions('mic/source')).toEqual([]);
      order(microphone.shims, 'exit');
      await daemon.health('mic/source', 'down');
      order(microphone.shims, 'run');
      for (const socket of sockets) socket.destroy();
      await daemon.health('mic/source', 'ok');
      expect(daemon.child.exitCode).toBeNull();
    },
  );
});
