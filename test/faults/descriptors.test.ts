import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startCatnap } from '../support/catnap-process.js';
import { visit } from '../support/dashboard.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool, root } from '../support/tools.js';

const cli = `${root}dist/cli.js`;
const built = existsSync(cli);
if (!built) process.stderr.write('SKIPPED out of file descriptors: needs npm run build\n');

/** Descriptors left when the crowd comes. */
const SPARE = 12;
const CROWD = 200;

describe.runIf(built && requireTool('out of file descriptors', 'prlimit'))(
  'Catnap out of file descriptors',
  () => {
    let folder: string;
    beforeAll(async () => {
      folder = temporaryFolder();
      await writeFile(
        join(folder, 'catnap.yaml'),
        `sources:\n  - { id: hall, kind: file, path: ${root}fixtures/demo/voice.wav, loop: true }\n` +
          'dashboard: { port: 0, maxClients: 256 }\n',
      );
    });

    it('row 36: refuses visitors, keeps its source, and lets visitors in again once there is room', async () => {
      await using catnap = await startCatnap(process.execPath, [cli, 'run', 'catnap.yaml'], folder);
      const liveUrl = `${catnap.url.replace('http:', 'ws:')}/live`;
      using early = await visit(liveUrl);
      await early.until((message) => message.type === 'telemetry' && message.reading.type === 'level');

      const pid = String(catnap.child.pid);
      const limit = readdirSync(`/proc/${pid}/fd`).length + SPARE;
      execFileSync('prlimit', ['--pid', pid, `--nofile=${limit}:`]);

      const { port } = new URL(catnap.url);
      const crowd: Socket[] = Array.from({ length: CROWD }, () =>
        connect(Number(port), '127.0.0.1').on('error', () => {}),
      );
      const refused = await Promise.race(
        crowd.map((socket) => new Promise((resolve) => socket.once('close', () => resolve(true)))),
      );
      expect(refused).toBe(true);

      const seen = early.messages.length;
      await early.until(
        (message) =>
          early.messages.indexOf(message) > seen &&
          message.type === 'telemetry' &&
          message.reading.type === 'counters' &&
          message.reading.frames > 0,
      );
      expect(catnap.child.exitCode).toBeNull();

      for (const socket of crowd) socket.destroy();
      await expect
        .poll(
          () =>
            fetch(`${catnap.url}/healthz`).then(
              (answer) => answer.status,
              () => 0,
            ),
          { timeout: 20_000 },
        )
        .toBe(200);
      using late = await visit(liveUrl);
      expect(late.messages[0]?.type).toBe('hello');
    });
  },
);
