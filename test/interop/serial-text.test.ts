import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systemTime } from '../../src/runtime/process/system-clock.js';
import { SerialSource } from '../../src/sources/serial/serial.js';
import { checkLines } from '../../src/sources/serial-text/check.js';
import { type SerialTextOptions, SerialTextSource } from '../../src/sources/serial-text/serial-text.js';
import { Listener, plug, until } from '../support/serial.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool } from '../support/tools.js';

const board = (path: string) => ({
  ...systemTime,
  id: 'board',
  path,
  baud: 115_200,
  rateHz: 1,
  channels: null,
  time: null,
  timeUnitSeconds: null,
  dayOrder: null,
  timeZone: null,
  silentMs: 20_000,
  hopRows: null,
});

/** A board at one end of a cable, which prints lines, and what is heard at the other. */
async function printed(lines: readonly string[], changes: Partial<SerialTextOptions> = {}, rows = 1) {
  const folder = temporaryFolder();
  await using _cable = await plug(`${folder}/board`, `${folder}/host`);
  const told: string[] = [];
  const source = new SerialTextSource({
    ...board(`${folder}/host`),
    onHealth:
      () =>
      ({ state, detail }) =>
        void told.push(`${state}: ${detail}`),
    ...changes,
  });
  await using heard = new Listener(source);
  // The port is open once what is printed comes out; what came before it is half a line.
  const printing = setInterval(() => writeFileSync(`${folder}/board`, `${lines.join('\r\n')}\r\n`), 100);
  try {
    if (rows > 0) await heard.until('rows', ({ frames }) => frames.length >= rows);
    else await until('a complaint', () => told.length > 0);
  } finally {
    clearInterval(printing);
  }
  return {
    told,
    format: heard.items[0],
    frames: heard.frames.map(({ data }) => [...data]),
    gaps: heard.gaps,
  };
}

const f32 = (...values: readonly number[]) => values.map((value) => Math.fround(value));

describe.runIf(requireTool('a board that prints text', 'socat'))('lines of text on a serial port', () => {
  it.each([
    ['numbers between commas', '12.3,45.6', ['column 1', 'column 2'], [12.3, 45.6]],
    ['names and values', 'flow=12.3 temp=20.1', ['flow', 'temp'], [12.3, 20.1]],
    ["names as Arduino's plotter wants them", 'flow:12.3,temp:20.1', ['flow', 'temp'], [12.3, 20.1]],
    ['JSON', '{"flow": 12.3, "open": true}', ['flow', 'open'], [12.3, 1]],
    ['one number', '21.5', ['column 1'], [21.5]],
  ])('are read: %s', async (_, line, names, values) => {
    const { format, frames } = await printed([line]);
    expect(format).toMatchObject({ rateHz: 1, channels: names.map((name) => ({ name })) });
    expect(frames[0]).toEqual(f32(...values));
  });

  it('have the names and units of a header, or of the configuration', async () => {
    const lines = ['flow (L/min);temp (°C)', '12.3;20.1'];
    const channels = [
      { name: 'flow', unit: 'L/min' },
      { name: 'temp', unit: '°C' },
    ];
    expect((await printed(lines, {}, 2)).format).toMatchObject({ channels });
    const named = [{ name: 'inlet', unit: 'bar', path: 'p' }];
    const { format, frames } = await printed(['q=1 p=2.5'], { channels: named });
    expect(format).toMatchObject({ channels: [{ name: 'inlet', unit: 'bar' }] });
    expect(frames[0]).toEqual([2.5]);
  });

  it('that hold no value make the source degraded, with what they say', async () => {
    const { told } = await printed(['pump is ready!'], {}, 0);
    expect(told[0]).toMatch(/^degraded: 5 rows without a value: .* found "pump is ready!"/);
  });

  it.each([
    ['what it says', 'flow=12.3 temp=20.1', { level: 'ok', detail: /: flow 12\.3, temp 20\.1$/ }],
    ['what stands there instead', 'pump is ready!', { level: 'problem', detail: /found "pump is ready!"/ }],
  ])('are listened to by the doctor, who says %s', async (_, line, { level, detail }) => {
    const folder = temporaryFolder();
    await using _cable = await plug(`${folder}/board`, `${folder}/host`);
    const printing = setInterval(() => writeFileSync(`${folder}/board`, `${line}\r\n`), 100);
    const options = { ...board(`${folder}/host`), rateHz: 10 };
    const found = await checkLines(options).finally(() => clearInterval(printing));
    expect(found).toMatchObject({ level, detail: expect.stringMatching(detail) });
  });

  it('without the values that were asked for are no silence to the doctor', async () => {
    const folder = temporaryFolder();
    await using _cable = await plug(`${folder}/board`, `${folder}/host`);
    const printing = setInterval(() => writeFileSync(`${folder}/board`, 'flow=12.3\r\n'), 100);
    const channels = [{ name: 'inlet', unit: 'bar', path: 'p' }];
    const options = { ...board(`${folder}/host`), rateHz: 10, channels };
    const found = await checkLines(options).finally(() => clearInterval(printing));
    expect(found).toMatchObject({
      level: 'problem',
      detail: `${folder}/host: expected a number at p, found flow`,
    });
  });

  it('are told by a source that waits for the bridge, with one of them', async () => {
    const folder = temporaryFolder();
    await using _cable = await plug(`${folder}/board`, `${folder}/host`);
    const source = new SerialSource({
      ...systemTime,
      id: 'pump',
      path: `${folder}/host`,
      idleMs: 500,
      answerMs: 500,
    });
    await using heard = new Listener(source);
    const printing = setInterval(() => writeFileSync(`${folder}/board`, 'flow=12.3;temp=20.1\r\n'), 50);
    const error = await heard.ended;
    clearInterval(printing);
    expect(error).toMatchObject({
      code: 'SOURCE_SILENT',
      message: expect.stringMatching(/\d+ bytes of text, such as "flow=12\.3;temp=20\.1".*kind: serial-text/),
    });
  });
});
