import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.js';
import type { Frame } from '../../src/core/signal/frame.js';
import { planCascade } from '../../src/runtime/plan.js';
import { systemTime } from '../../src/runtime/process/system-clock.js';
import type { SourceSpec } from '../../src/runtime/source-worker.js';
import { MainSignals } from '../../src/runtime/worker/main-signals.js';
import { SourceHost } from '../../src/runtime/worker/source-host.js';
import { SourceThread } from '../../src/runtime/worker/source-thread.js';
import { SerialSource } from '../../src/sources/serial/serial.js';
import { SupervisedSource } from '../../src/sources/supervisor.js';
import { readAll } from '../support/bridge.js';
import { buildFirmware, requireFirmware, runDeterministic, runLive } from '../support/firmware.js';
import { Listener, plugSocket, until } from '../support/serial.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool, root } from '../support/tools.js';

describe.runIf(requireFirmware('the firmware on an emulated Cortex-M4'))('the firmware', () => {
  const built = temporaryFolder();
  let pump: string;
  let ramp: string;
  let record: string;
  beforeAll(() => {
    pump = buildFirmware(built, 'pump.elf');
    ramp = buildFirmware(built, 'ramp.elf');
    record = buildFirmware(built, 'record');
  });

  it('passes its own checks under the sanitizers', () => {
    const said = execFileSync('make', ['-s', '-C', join(root, 'firmware-bridge'), `BUILD=${built}`, 'check']);
    expect(said.toString()).toMatch(/checks hold/);
  });

  it('writes the same bytes on a Cortex-M4 as on this machine, and as the golden recording', async () => {
    const scratch = temporaryFolder();
    writeFileSync(
      `${scratch}/pump.script`,
      ['0 rate 100', '0 rows-per-frame 10', '0 seed 1', '0 device pump-mps2', '1000 end', ''].join('\n'),
    );
    execFileSync(record, [`${scratch}/pump.script`, `${scratch}/host.bridge`]);
    const host = readFileSync(`${scratch}/host.bridge`);
    expect(host.equals(readFileSync(join(root, 'test/interop/golden/pump-mps2.bridge')))).toBe(true);

    const output = `${scratch}/qemu.bridge`;
    await using _qemu = runDeterministic(pump, output);
    await until(
      'a thousand rows',
      () => (statSync(output, { throwIfNoEntry: false })?.size ?? 0) >= host.length,
    );
    expect(readFileSync(output).subarray(0, host.length).equals(host)).toBe(true);
  });

  it('says what its core takes of a Cortex-M4, in flash and in static RAM', () => {
    const args = ['-s', '-C', join(root, 'firmware-bridge'), `BUILD=${built}`, 'footprint'];
    const [header, ...rows] = execFileSync('make', args).toString().trimEnd().split('\n');
    expect(header).toMatch(/flash B\s+RAM B/);
    expect(rows).toHaveLength(3);
    // A small Cortex-M has 16 KiB of flash and 4 KiB of RAM.
    for (const row of rows) {
      const [flashBytes, ramBytes] = row.split(/\s+/).slice(-2).map(Number);
      expect(flashBytes).toBeLessThan(16_384);
      expect(ramBytes).toBeLessThan(4096);
    }
  });

  it('remakes the demonstration recordings byte for byte', () => {
    for (const name of ['pump', 'pump-valve', 'motor']) {
      const remade = `${built}/${name}.bridge`;
      execFileSync(record, [join(root, `fixtures/demo/${name}.script`), remade]);
      expect(readFileSync(remade).equals(readFileSync(join(root, `fixtures/demo/${name}.bridge`)))).toBe(
        true,
      );
    }
  });

  it('tells of every row once through its own gate, and Catnap reads what moved', () => {
    const script = `${built}/gated.script`;
    const output = `${built}/gated.bridge`;
    const lines = [
      '0 rate 100',
      '0 rows-per-frame 10',
      '0 gate 128',
      '4000 fault valve 256 8',
      '6000 end',
      '',
    ];
    writeFileSync(script, lines.join('\n'));
    execFileSync(record, [script, output]);
    const items = readAll(readFileSync(output));
    const gated = items.flatMap((item) => (item.kind === 'gap' ? [item] : []));
    expect(gated.length).toBeGreaterThan(0);
    expect(gated.every((gap) => gap.reason === 'gated')).toBe(true);
    const closing = items.filter((item): item is Frame => item.kind === 'frame' && item.sample >= 3900);
    expect(closing[0]?.sample).toBeLessThan(4000);
    expect(closing.some((frame) => (frame.data[0] as number) < 25)).toBe(true);
  });

  it('carries 16 channels a thousand times a second: every value as sampled, no frame lost on the line', async () => {
    const scratch = temporaryFolder();
    await using _qemu = await runLive(ramp, `${scratch}/uart`);
    await using _cable = await plugSocket(`${scratch}/uart`, `${scratch}/tty`);
    const source = new SerialSource({ ...systemTime, id: 'ramp', path: `${scratch}/tty`, baud: 921_600 });
    await using heard = new Listener(source);
    await heard.until('the format', ({ items }) => items.length > 0);
    // The cable was plugged in in mid-frame.
    const garbageBefore = source.stats.garbageBytes;
    await heard.until('3,000 rows', () => source.stats.rows >= 3000);
    expect(heard.items[0]).toMatchObject({ kind: 'format', rateHz: 1000 });
    // A board that the emulator starved says so itself; nothing else may be missing.
    expect(heard.gaps.filter(([, , reason]) => reason !== 'overrun')).toEqual([]);
    expect(source.stats.garbageBytes).toBe(garbageBefore);
    for (const { data } of heard.frames) {
      for (let i = 0; i < data.length; i += 16)
        for (let c = 1; c < 16; c++) expect(data[i + c]).toBe(((data[i] as number) + c * 1000) % 30_000);
    }
  });

  it('obeys commands, and refuses what it does not know', async () => {
    const scratch = temporaryFolder();
    await using _qemu = await runLive(pump, `${scratch}/uart`);
    await using _cable = await plugSocket(`${scratch}/uart`, `${scratch}/tty`);
    const source = new SerialSource({ ...systemTime, id: 'pump', path: `${scratch}/tty` });
    await using heard = new Listener(source);
    await heard.until('a row', ({ frames }) => frames.length > 0);
    expect(source.hello).toMatchObject({ deviceId: 'pump-mps2', rateHz: 100 });
    await source.command('fault valve');
    await heard.until('the valve to close', ({ frames }) => (frames.at(-1)?.data[0] as number) < 25);
    await expect(source.command('open sesame')).rejects.toThrow(/refused \(refused\): unknown command/);
  });

  it('obeys what the main thread commands through the worker that reads it', async () => {
    const scratch = temporaryFolder();
    await using _qemu = await runLive(pump, `${scratch}/uart`);
    await using _cable = await plugSocket(`${scratch}/uart`, `${scratch}/tty`);
    const yaml = `sources: [{ id: pump, kind: serial, path: ${scratch}/tty }]`;
    const { sources, cascades, intents, meter } = parseConfig(yaml, 'test.yaml');
    const [source] = sources;
    if (source === undefined || cascades.sensor === undefined)
      throw new Error('expected a source and a cascade');
    const cascade = await planCascade(cascades.sensor, { source: 'pump', stateDir: `${scratch}/state` });
    const folder = scratch;
    const spec: SourceSpec = {
      shadow: null,
      source,
      cascade,
      intents,
      meter,
      folder,
      offline: false,
      duplex: false,
      hasCompany: false,
      keepsClips: null,
    };
    let isListening = false;
    const thread = new SourceThread(`${root}/dist/runtime/source-worker.js`, new MainSignals());
    const host = new SourceHost({
      ...systemTime,
      source: 'pump',
      spec,
      run: 'r',
      startWorker: thread.serve,
      onReport: (report) => {
        isListening ||= report.kind === 'telemetry' && report.reading.type === 'source';
      },
      onHealth: () => {},
      onForgotten: () => {},
    });
    const running = host.run();
    await until('the board', () => isListening);
    await host.command('fault bearing');
    await expect(host.command('open sesame')).rejects.toThrow(/unknown command/);
    await host.stop(5000);
    await running;
  });

  it('takes another rate, and keeps to the byte budget of its line', async () => {
    const scratch = temporaryFolder();
    await using _qemu = await runLive(pump, `${scratch}/uart`);
    await using _cable = await plugSocket(`${scratch}/uart`, `${scratch}/tty`);
    {
      await using heard = new Listener(
        new SerialSource({
          ...systemTime,
          id: 'pump',
          path: `${scratch}/tty`,
          rateHz: 200,
          rowsPerFrame: 20,
        }),
      );
      await heard.until('200 Hz', ({ items }) =>
        items.some((item) => item.kind === 'format' && item.rateHz === 200),
      );
      await heard.until('rows at it', ({ frames }) => frames.at(-1)?.rateHz === 200);
    }
    await using refused = new Listener(
      new SerialSource({ ...systemTime, id: 'pump', path: `${scratch}/tty`, rateHz: 1000, rowsPerFrame: 1 }),
    );
    expect(await refused.ended).toMatchObject({ message: expect.stringContaining('over 80% of the line') });
  });

  it('goes on sampling while unplugged, and Catnap counts what it missed to the row', async () => {
    const scratch = temporaryFolder();
    await using _qemu = await runLive(ramp, `${scratch}/uart`);
    const cable = await plugSocket(`${scratch}/uart`, `${scratch}/tty`);
    const source = new SerialSource({
      ...systemTime,
      id: 'ramp',
      path: `${scratch}/tty`,
      hopRows: 1,
      baud: 921_600,
    });
    const health: string[] = [];
    const supervised = new SupervisedSource(source, {
      ...systemTime,
      onHealth: ({ state }) => health.push(state),
      retry: { firstMs: 50, maxMs: 200, earlyMaxMs: 200, earlyForMs: 60_000 },
    });
    await using heard = new Listener(supervised);
    await heard.until('rows', ({ frames }) => frames.length > 50);
    await cable.kill();
    await until('the loss', () => health.includes('down'));
    await using _again = await plugSocket(`${scratch}/uart`, `${scratch}/tty`);
    await until('recovery', () => health.at(-1) === 'ok');
    const seen = heard.frames.length;
    await heard.until('rows again', ({ frames }) => frames.length > seen + 50);
    // The ramp tells which row each sample really is: the clock must agree over the whole outage.
    const first = heard.frames[0] as Frame;
    const offset = (first.data[0] as number) - first.sample * 7;
    for (const frame of heard.frames) {
      const expected = (((frame.sample * 7 + offset) % 30_000) + 30_000) % 30_000;
      expect(frame.data[0]).toBe(expected);
    }
    expect(heard.gaps.some(([, lost]) => lost > 0)).toBe(true);
  });

  it('is told from its former self after a reset', async () => {
    const scratch = temporaryFolder();
    await using _qemu = await runLive(pump, `${scratch}/uart`);
    await using _cable = await plugSocket(`${scratch}/uart`, `${scratch}/tty`);
    const source = new SerialSource({ ...systemTime, id: 'pump', path: `${scratch}/tty` });
    await using heard = new Listener(source);
    await heard.until('rows', ({ frames }) => frames.length > 2);
    // It is gone before it can say that it obeys.
    source.command('reset').catch(() => {});
    await heard.until('the reset', ({ gaps }) => gaps.some(([, , reason]) => reason === 'reset'));
    const seen = heard.frames.length;
    await heard.until('rows of the new boot', ({ frames }) => frames.length > seen);
    expect(source.hello?.bootId).toBe(2);
  });

  it('is given up when it hangs', async () => {
    const scratch = temporaryFolder();
    await using _qemu = await runLive(pump, `${scratch}/uart`);
    await using _cable = await plugSocket(`${scratch}/uart`, `${scratch}/tty`);
    const source = new SerialSource({
      ...systemTime,
      id: 'pump',
      path: `${scratch}/tty`,
      idleMs: 1000,
      answerMs: 1000,
    });
    await using heard = new Listener(source);
    await heard.until('rows', ({ frames }) => frames.length > 2);
    await source.command('hang');
    expect(await heard.ended).toMatchObject({ code: 'SOURCE_SILENT' });
  });
});

describe.runIf(requireTool('the Arduino sketch', 'make', 'avr-gcc'))('the Arduino sketch', () => {
  it('compiles and links for an Uno with the same core, and fits it', () => {
    const built = temporaryFolder();
    const args = ['-s', '-C', join(root, 'firmware-bridge'), `BUILD=${built}`, 'arduino-check'];
    const sizes = execFileSync('make', args).toString().trimEnd().split('\n').at(-1) ?? '';
    const [text = 0, data = 0, bss = 0] = sizes.trim().split(/\s+/).map(Number);
    expect(text + data).toBeLessThan(32_256);
    expect(data + bss).toBeLessThan(2048);
  });
});
