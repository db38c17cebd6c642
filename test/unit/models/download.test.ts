import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createWayOut } from '../../../src/egress/way-out.js';
import { download } from '../../../src/models/download.js';
import { VirtualTime } from '../../../src/simulator/virtual-time.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) % 251));
const sha256 = createHash('sha256').update(content).digest('hex');
const time = new VirtualTime();

/** Serves what `answer` does with what was asked from; tells the ranges that were asked for. */
async function served(answer: (from: number, response: ServerResponse) => void) {
  const ranges: (string | undefined)[] = [];
  const server = createServer(({ headers: { range } }, response) => {
    ranges.push(range);
    answer(Number(/bytes=(\d+)-/u.exec(range ?? '')?.[1] ?? 0), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
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
    await expect(download({ url, sha256, path, wayOut: shut, time })).rejects.toMatchObject({
      code: 'EGRESS_DENIED',
    });
    expect(ranges).toEqual([]);
  });

  it('appears as a whole', async () => {
    const { url } = await served(whole);
    const path = join(temporaryFolder(), 'x.onnx');
    await download({ url, sha256, path, wayOut, time });
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
    await expect(download({ url, sha256, path, wayOut, time })).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringMatching(
        /found the connection cut after \d+ bytes; run the command again, it goes on/,
      ),
    });
    expect(existsSync(path)).toBe(false);
    await download({ url, sha256, path, wayOut, time });
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/u);
    expect(readFileSync(path)).toEqual(content);
  });

  it('is given up where nothing comes for 30 s, keeps what came, and goes on from there', async () => {
    const [path, slow] = [join(temporaryFolder(), 'x.onnx'), new VirtualTime()];
    let isSilent = true;
    const { url, ranges } = await served((from, response) => {
      if (!isSilent) return whole(from, response);
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 60_000));
    });
    const ended = vi.fn();
    const fetched = download({ url, sha256, path, wayOut, time: slow }).finally(ended);
    const refused = expect(fetched).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: `${url}: expected all of it, found nothing more for 30 s after 60000 bytes; run the command again, it goes on from there`,
    });
    await vi.waitFor(() => expect(statSync(`${path}.partial`).size).toBe(60_000));
    await slow.advance(29_999);
    expect(ended).not.toHaveBeenCalled();
    await slow.advance(1);
    await refused;
    expect([slow.waiting, existsSync(path)]).toEqual([0, false]);
    isSilent = false;
    await download({ url, sha256, path, wayOut, time: slow });
    expect(ranges).toEqual([undefined, 'bytes=60000-']);
    expect(readFileSync(path)).toEqual(content);
  });

  it('may take as long as it likes where it goes on', async () => {
    const [path, slow] = [join(temporaryFolder(), 'x.onnx'), new VirtualTime()];
    const { url } = await served(async (_, response) => {
      for (let from = 0; from < content.length; from += 2500) {
        response.write(content.subarray(from, from + 2500));
        await vi.waitFor(() => expect(statSync(`${path}.partial`).size).toBe(from + 2500));
        await slow.advance(29_000);
      }
      response.end();
    });
    await download({ url, sha256, path, wayOut, time: slow });
    expect(readFileSync(path)).toEqual(content);
  });

  it('is given up where a server takes the question and does not answer', async () => {
    const slow = new VirtualTime();
    const { url, ranges } = await served(() => {});
    const path = join(temporaryFolder(), 'x.onnx');
    const refused = expect(download({ url, sha256, path, wayOut, time: slow })).rejects.toThrow(
      `${url}: expected an answer, found none in 30 s`,
    );
    await vi.waitFor(() => expect(ranges).toHaveLength(1));
    await slow.advance(30_000);
    await refused;
  });

  it('is refused where it is another, and nothing is kept of it', async () => {
    const { url } = await served((_, response) => response.end('a login page'));
    const folder = temporaryFolder();
    await expect(download({ url, sha256, path: join(folder, 'x.onnx'), wayOut, time })).rejects.toMatchObject(
      {
        code: 'MODEL_CORRUPT',
        message: expect.stringContaining(`expected sha256 ${sha256}, found `),
      },
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('starts anew where the far end cannot go on, and is done where all of it came before', async () => {
    const { url } = await served((_, response) => response.end(content));
    const path = join(temporaryFolder(), 'x.onnx');
    writeFileSync(`${path}.partial`, 'of another day');
    await download({ url, sha256, path, wayOut, time });
    expect(readFileSync(path)).toEqual(content);
    const { url: full } = await served((_, response) => response.writeHead(416).end());
    writeFileSync(`${path}.partial`, content);
    await download({ url: full, sha256, path, wayOut, time });
    expect(readFileSync(path)).toEqual(content);
  });

  it('says what the far end answered, or that nobody did', async () => {
    const { url } = await served((_, response) => response.writeHead(404).end());
    const path = join(temporaryFolder(), 'x.onnx');
    await expect(download({ url, sha256, path, wayOut, time })).rejects.toThrow(
      `${url}: expected a file, found status 404`,
    );
    const nobody = 'http://127.0.0.1:9/x.onnx';
    await expect(download({ url: nobody, sha256, path, wayOut, time })).rejects.toThrow(
      `${nobody}: expected an answer, found none`,
    );
  });
});
