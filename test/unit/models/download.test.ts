import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createWayOut } from '../../../src/egress/way-out.js';
import { download } from '../../../src/models/download.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 251));
const sha256 = createHash('sha256').update(content).digest('hex');
const noEnd = new AbortController().signal;

/** Serves what `answer` does with what was asked from; tells the ranges that were asked for. */
async function served(answer: (from: number, response: ServerResponse) => void) {
  const ranges: (string | undefined)[] = [];
  const server = createServer(({ headers: { range } }, response) => {
    ranges.push(range);
    answer(Number(/bytes=(\d+)-/u.exec(range ?? '')?.[1] ?? 0), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.onnx`, ranges };
}

const whole = (from: number, response: ServerResponse): void => {
  response.writeHead(from === 0 ? 200 : 206).end(content.subarray(from));
};

const wayOut = createWayOut(false);

describe('a model that is fetched', () => {
  it('is not asked for when nothing may leave', async () => {
    const { url, ranges } = await served(whole);
    const path = join(temporaryFolder(), 'x.onnx');
    const shut = createWayOut(true);
    await expect(download({ url, sha256, path, wayOut: shut }, noEnd)).rejects.toMatchObject({
      code: 'EGRESS_DENIED',
    });
    expect(ranges).toEqual([]);
  });

  it('appears as a whole', async () => {
    const { url } = await served(whole);
    const path = join(temporaryFolder(), 'x.onnx');
    await download({ url, sha256, path, wayOut }, noEnd);
    expect(readFileSync(path)).toEqual(content);
    expect(existsSync(`${path}.partial`)).toBe(false);
  });

  it('goes on where the connection was cut, and is not there until then', async () => {
    let isCut = false;
    const { url, ranges } = await served((from, response) => {
      if (isCut) return whole(from, response);
      isCut = true;
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 60_000));
      void vi
        .waitFor(() => expect(statSync(`${path}.partial`).size).toBeGreaterThan(0))
        .then(() => response.destroy());
    });
    const path = join(temporaryFolder(), 'x.onnx');
    await expect(download({ url, sha256, path, wayOut }, noEnd)).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringMatching(
        /found the connection cut after \d+ bytes; run the command again, it goes on/,
      ),
    });
    expect(existsSync(path)).toBe(false);
    await download({ url, sha256, path, wayOut }, noEnd);
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/u);
    expect(readFileSync(path)).toEqual(content);
  });

  it('is refused where it is another, and nothing is kept of it', async () => {
    const { url } = await served((_, response) => response.end('a login page'));
    const folder = temporaryFolder();
    await expect(
      download({ url, sha256, path: join(folder, 'x.onnx'), wayOut }, noEnd),
    ).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      message: expect.stringContaining(`expected sha256 ${sha256}, found `),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('starts anew where the far end cannot go on, and is done where all of it came before', async () => {
    const { url } = await served((_, response) => response.end(content));
    const path = join(temporaryFolder(), 'x.onnx');
    writeFileSync(`${path}.partial`, 'of another day');
    await download({ url, sha256, path, wayOut }, noEnd);
    expect(readFileSync(path)).toEqual(content);
    const { url: full } = await served((_, response) => response.writeHead(416).end());
    writeFileSync(`${path}.partial`, content);
    await download({ url: full, sha256, path, wayOut }, noEnd);
    expect(readFileSync(path)).toEqual(content);
  });

  it('says what the far end answered, or that nobody did', async () => {
    const { url } = await served((_, response) => response.writeHead(404).end());
    const path = join(temporaryFolder(), 'x.onnx');
    await expect(download({ url, sha256, path, wayOut }, noEnd)).rejects.toThrow(
      `${url}: expected a file, found status 404`,
    );
    const nobody = 'http://127.0.0.1:9/x.onnx';
    await expect(download({ url: nobody, sha256, path, wayOut }, noEnd)).rejects.toThrow(
      `${nobody}: expected an answer, found none`,
    );
  });
});
