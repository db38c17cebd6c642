import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { systemTime } from '../../src/runtime/process/system-clock.js';
import type { BoardPacket } from '../../src/sources/serial/protocol/packet.js';
import { SerialSource } from '../../src/sources/serial/serial.js';
import { SupervisedSource } from '../../src/sources/supervisor.js';
import { hello, samples } from '../support/bridge.js';
import { Listener, plug, relink, ScriptedBoard, until } from '../support/serial.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool } from '../support/tools.js';

const quick = { idleMs: 300, answerMs: 300 };
const retry = { firstMs: 50, maxMs: 200, earlyMaxMs: 200, earlyForMs: 60_000 };

function supervise(source: SerialSource) {
  const health: string[] = [];
  const onHealth = ({ state, code }: { state: string; code: string }) => health.push(`${state} ${code}`);
  return { health, source: new SupervisedSource(source, { ...systemTime, onHealth, retry }) };
}

describe.runIf(requireTool('serial faults over ptys', 'socat'))('a board on a serial line', () => {
  it('row 6: is read through garbage, which is counted and costs only what it hit', async () => {
    const scratch = temporaryFolder();
    await using _cable = await plug(`${scratch}/board`, `${scratch}/host`);
    await using board = await ScriptedBoard.open(`${scratch}/board`, hello());
    const told: string[] = [];
    const source = new SerialSource({
      ...systemTime,
      id: 'board',
      path: `${scratch}/host`,
      ...quick,
      idleMs: 5000,
      onHealth: ({ state, detail }) => void told.push(`${state}: ${detail}`),
    });
    await using heard = new Listener(source);
    await heard.until('the format', ({ items }) => items.length === 1);
    board.send(samples(0, 1));
    board.port.write(Buffer.concat([Buffer.from('boot: ready\r\n'), board.bytes(samples(1, 1))]));
    board.send(samples(2, 1));
    board.port.write(Buffer.concat([Buffer.alloc(10_000, 0x55), Buffer.of(0)]));
    board.send(samples(3, 1));
    board.send(samples(4, 20));
    await heard.until('the last row', ({ frames }) => frames.at(-1)?.sample === 23);
    expect(heard.gaps).toEqual([]);
    expect(heard.frames.filter(({ data }) => Number.isNaN(data[0])).map(({ sample }) => sample)).toEqual([1]);
    expect(told).toEqual([expect.stringMatching(/^ok: 1 rows without a value .* damaged on the line$/)]);
    expect(source.stats.garbage).toMatchObject({ oversize: 1 });
    expect(source.stats.garbageBytes).toBeGreaterThan(10_000);
  });

  it('row 8: comes back when its cable was cut and plugged again, with the gap counted to the row', async () => {
    const scratch = temporaryFolder();
    const ends = [`${scratch}/board`, `${scratch}/host`] as const;
    const cable = await plug(...ends);
    const first = await ScriptedBoard.open(ends[0], hello());
    const { source, health } = supervise(
      new SerialSource({ ...systemTime, id: 'board', path: ends[1], ...quick, idleMs: 5000 }),
    );
    await using heard = new Listener(source);
    await heard.until('the format', ({ items }) => items.length === 1);
    first.send(samples(0, 3));
    await heard.until('three rows', ({ frames }) => frames.length === 3);
    await cable.kill();
    await first.close();
    await until('the loss', () => health.length === 1);

    await using _again = await plug(...ends);
    await using second = await ScriptedBoard.open(ends[0], hello({ nextRow: 1003 }));
    await until('a handshake', () => second.heard.length > 0);
    second.send(samples(1003, 2));
    await heard.until('two more rows', ({ frames }) => frames.length === 5);
    expect(health).toEqual(['down SOURCE_LOST', 'ok OK']);
    expect(heard.gaps).toEqual([
      [3, 0, 'lost'],
      [3, 1000, 'lost'],
    ]);
    expect(heard.frames.map((frame) => frame.sample)).toEqual([0, 1, 2, 1003, 1004]);
  });

  it('row 9: is followed to another tty by its stable path', async () => {
    const scratch = temporaryFolder();
    const byId = `${scratch}/usb-Catnap_board-if00`;
    const cable = await plug(`${scratch}/board0`, `${scratch}/tty0`);
    relink(byId, `${scratch}/tty0`);
    const first = await ScriptedBoard.open(`${scratch}/board0`, hello());
    const { source, health } = supervise(
      new SerialSource({ ...systemTime, id: 'board', path: byId, ...quick, idleMs: 5000 }),
    );
    await using heard = new Listener(source);
    await heard.until('the format', ({ items }) => items.length === 1);
    first.send(samples(0, 1));
    await heard.until('a row', ({ frames }) => frames.length === 1);

    await using _other = await plug(`${scratch}/board1`, `${scratch}/tty1`);
    relink(byId, `${scratch}/tty1`);
    await using second = await ScriptedBoard.open(`${scratch}/board1`, hello({ bootId: 2, session: 200 }));
    await cable.kill();
    await first.close();
    await until('the loss', () => health.length === 1);
    await until('a handshake', () => second.heard.length > 0);
    second.send(samples(0, 1, { session: 200 }));
    await heard.until('a row of the other tty', ({ frames }) => frames.length === 2);
    expect(heard.gaps.map(([, , reason]) => reason)).toContain('reset');
    expect(health.at(-1)).toBe('ok OK');
  });

  it('is asked for a hello when it falls silent, and given up when it does not answer', async () => {
    const scratch = temporaryFolder();
    await using _cable = await plug(`${scratch}/board`, `${scratch}/host`);
    await using board = await ScriptedBoard.open(`${scratch}/board`, hello({ rateHz: 1000 }));
    await using heard = new Listener(
      new SerialSource({ ...systemTime, id: 'board', path: `${scratch}/host`, hopRows: 1, ...quick }),
    );
    await heard.until('the format', ({ items }) => items.length === 1);
    board.send(samples(0, 1));
    await heard.until('a row', ({ frames }) => frames.length === 1);
    const asked = board.heard.length;
    board.answersHello = false;
    expect(await heard.ended).toMatchObject({ code: 'SOURCE_SILENT' });
    expect(board.heard.slice(asked).map((packet) => packet.kind)).toEqual(['hello-request']);
  });

  it('is given up when it answers and samples nothing', async () => {
    const scratch = temporaryFolder();
    await using _cable = await plug(`${scratch}/board`, `${scratch}/host`);
    await using _board = await ScriptedBoard.open(`${scratch}/board`, hello({ rateHz: 1000 }));
    await using heard = new Listener(
      new SerialSource({ ...systemTime, id: 'board', path: `${scratch}/host`, hopRows: 1, ...quick }),
    );
    expect(await heard.ended).toMatchObject({ code: 'SOURCE_SILENT' });
  });

  it('row 8: is brought back by the new handshake when it was reset unseen', async () => {
    const scratch = temporaryFolder();
    await using _cable = await plug(`${scratch}/board`, `${scratch}/host`);
    await using board = await ScriptedBoard.open(`${scratch}/board`, hello());
    await using heard = new Listener(
      new SerialSource({ ...systemTime, id: 'board', path: `${scratch}/host`, ...quick, idleMs: 5000 }),
    );
    await heard.until('the format', ({ items }) => items.length === 1);
    board.send(samples(0, 2));
    await heard.until('two rows', ({ frames }) => frames.length === 2);
    Object.assign(board.hello, { bootId: 2, session: 300 });
    const asked = board.heard.length;
    // Its first hello was lost: samples of a session nobody described.
    for (let row = 0; board.heard.length === asked; row++) {
      board.send(samples(row, 1, { session: 300 }));
      await delay(20);
    }
    board.send(samples(500, 1, { session: 300 }));
    await heard.until('a row of the new boot', ({ frames }) => frames.length > 2);
    expect(heard.gaps[0]).toEqual([2, 0, 'reset']);
  });

  it('lives beside another one: each has its own rows, and one may go', async () => {
    const scratch = temporaryFolder();
    const cableA = await plug(`${scratch}/boardA`, `${scratch}/hostA`);
    await using _cableB = await plug(`${scratch}/boardB`, `${scratch}/hostB`);
    const a = await ScriptedBoard.open(`${scratch}/boardA`, hello({ deviceId: 'a' }));
    await using b = await ScriptedBoard.open(`${scratch}/boardB`, hello({ deviceId: 'b', session: 7 }));
    await using heardA = new Listener(new SerialSource({ ...systemTime, id: 'a', path: `${scratch}/hostA` }));
    await using heardB = new Listener(new SerialSource({ ...systemTime, id: 'b', path: `${scratch}/hostB` }));
    await heardA.until('format a', ({ items }) => items.length === 1);
    await heardB.until('format b', ({ items }) => items.length === 1);
    a.send(samples(0, 2));
    b.send(samples(0, 1, { session: 7 }));
    await heardA.until('rows of a', ({ frames }) => frames.length === 2);
    await cableA.kill();
    expect(await heardA.ended).toMatchObject({ code: 'SOURCE_LOST' });
    b.send(samples(1, 1, { session: 7 }));
    await heardB.until('rows of b', ({ frames }) => frames.length === 2);
    expect(heardB.frames.every((frame) => frame.source === 'b')).toBe(true);
    await a.close();
  });

  it("that is not there is an error naming its path, and so is one that is another program's", async () => {
    const scratch = temporaryFolder();
    await using absent = new Listener(
      new SerialSource({ ...systemTime, id: 'board', path: `${scratch}/nothing` }),
    );
    expect(await absent.ended).toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining(`${scratch}/nothing`),
    });
    await using _cable = await plug(`${scratch}/board`, `${scratch}/host`);
    await using _taken = await ScriptedBoard.open(`${scratch}/host`, hello());
    await using second = new Listener(
      new SerialSource({ ...systemTime, id: 'board', path: `${scratch}/host` }),
    );
    expect(await second.ended).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });

  it("that refuses its configuration is an error with the board's own reason", async () => {
    const scratch = temporaryFolder();
    await using _cable = await plug(`${scratch}/board`, `${scratch}/host`);
    await using board = await ScriptedBoard.open(`${scratch}/board`, hello());
    await using heard = new Listener(
      new SerialSource({ ...systemTime, id: 'board', path: `${scratch}/host`, rateHz: 5000 }),
    );
    await until('a configuration', () => board.heard.some((packet) => packet.kind === 'configure'));
    const refusal: BoardPacket = {
      kind: 'nack',
      ofType: 0x42,
      ofSequence: 1,
      code: 'over-budget',
      why: 'over 80% of the line',
    };
    board.send(refusal);
    expect(await heard.ended).toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('over 80% of the line'),
    });
  });
});
