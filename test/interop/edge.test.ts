import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CatnapError } from '../../src/core/errors.js';
import { checkWorkers } from '../../src/edge/check.js';
import { Keeper, sha256Of } from '../../src/edge/fleet/keeper.js';
import { FleetMember } from '../../src/edge/fleet/member.js';
import { Overseer } from '../../src/edge/fleet/overseer.js';
import { edgeTopics } from '../../src/edge/topics.js';
import { createBroker } from '../../src/egress/broker.js';
import { createWayOut } from '../../src/egress/way-out.js';
import { systemTime } from '../../src/runtime/process/system-clock.js';
import { version } from '../../src/runtime/process/version.js';
import { configuredBroker, freePort } from '../support/broker.js';
import {
  Asking,
  brokerAt,
  closedHouseAt,
  houseAt,
  scoreOf,
  TOYS,
  Worker,
  windowOf,
} from '../support/edge.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool } from '../support/tools.js';

const never = new AbortController().signal;
const LINES = (port: number) => [`listener ${port} 127.0.0.1`, 'allow_anonymous true'];

describe.runIf(requireTool('workers at an MQTT broker', 'mosquitto'))('workers of the house', () => {
  it('row 38: answer two devices once each, through a worker killed in mid-request and a broker started anew', async () => {
    const [port, folder] = [await freePort(), temporaryFolder()];
    let broker = await configuredBroker(folder, port, LINES(port));
    await using first = new Worker(port, 'first');
    await using second = new Worker(port, 'second');
    await Promise.all([first.serves(), second.serves()]);
    await using kitchen = new Asking(port, 'kitchen');
    await using hall = new Asking(port, 'hall');
    const devices = [kitchen, hall];
    await expect.poll(() => devices.map(({ health }) => health.at(-1)?.code)).toEqual(['OK', 'OK']);
    const stages = [await kitchen.stage(20), await hall.stage(20)];
    const answers: (string | number)[][] = [[], []];
    try {
      for (let i = 1; i <= 20; i++) {
        const asked = stages.map((stage) => Promise.resolve(stage.decide(windowOf(i / 32_768), never)));
        // One is at work, or about to be.
        if (i === 6) await first.end('SIGKILL');
        if (i === 12) {
          await broker.kill();
          broker = await configuredBroker(folder, port, LINES(port));
        }
        for (const [d, decision] of (await Promise.all(asked)).entries()) answers[d]?.push(scoreOf(decision));
      }
    } finally {
      await broker.kill();
    }
    const each = Array.from({ length: 20 }, (_, i) => (i + 1) / 32_768);
    expect(answers).toEqual([each, each]);
    const workers = devices.flatMap(({ passed }) => passed.map(({ verdict }) => verdict));
    expect(new Set(workers)).toEqual(new Set(['first', 'second']));
    for (const { passed, heavy } of devices) {
      expect(passed.map(({ outcome }) => outcome)).toEqual(each.map(() => 'sent'));
      expect(passed.every(({ latencyMs, rule }) => latencyMs > 0 && rule === 'house')).toBe(true);
      // No process of its own was needed.
      expect(heavy.pid).toBeNull();
    }
  });

  it('row 39: are done without, marked degraded, where none is there, and not asked what has to stay here', async () => {
    const [port, folder] = [await freePort(), temporaryFolder()];
    await using _broker = await configuredBroker(folder, port, LINES(port));
    const rules = [
      { name: 'home', labels: ['secret'] },
      { name: 'house', edge: true },
    ];
    await using device = new Asking(port, 'kitchen', rules);
    const stage = await device.stage(0, { waitMs: 300 });
    await expect.poll(() => device.health.at(-1)?.code).toBe('EDGE_AWAY');
    expect(await stage.decide(windowOf(0.5), never)).toMatchObject({
      kind: 'accept',
      score: 0.5,
      degraded: true,
    });
    const alone = await device.stage(0, { waitMs: 300, local: false });
    alone.prepare?.();
    expect(await alone.decide(windowOf(0.5), never)).toMatchObject({ kind: 'abstain', code: 'EDGE_AWAY' });

    await using worker = new Worker(port, 'late');
    await worker.serves();
    await expect.poll(() => device.health.at(-1)?.code).toBe('OK');
    const patient = await device.stage(0, { local: false });
    patient.prepare?.();
    expect(scoreOf(await patient.decide(windowOf(0.25), never))).toBe(0.25);
    const kept = await patient.decide(windowOf(0.25, 'secret'), never);
    expect(kept).toMatchObject({ kind: 'abstain', code: 'EGRESS_DENIED' });
    expect(device.passed.map(({ outcome, rule }) => [outcome, rule])).toEqual([
      ['failed', 'house'],
      ['failed', 'house'],
      ['sent', 'house'],
      ['denied', 'home'],
    ]);
  });

  it('are not asked where they are of another version, which is told once: the device goes on alone', async () => {
    const [port, folder] = [await freePort(), temporaryFolder()];
    await using _broker = await configuredBroker(folder, port, LINES(port));
    await using device = new Asking(port, 'kitchen', undefined, '0.0.9');
    await using worker = new Worker(port, 'cupboard');
    await worker.serves();
    await expect
      .poll(() => device.health.filter(({ condition }) => condition === 'cupboard'))
      .toEqual([
        {
          ...{ state: 'degraded', code: 'EDGE_DIFFERS', condition: 'cupboard' },
          detail: `worker cupboard is Catnap ${version}: expected 0.0.9, as this device is; it is not asked`,
        },
      ]);
    const stage = await device.stage(0, { waitMs: 300 });
    for (const value of [0.25, 0.5])
      expect(await stage.decide(windowOf(value), never)).toMatchObject({ score: value, degraded: true });
    await worker.end('SIGTERM');
    await expect
      .poll(() => device.health.at(-1))
      .toMatchObject({ state: 'ok', condition: 'cupboard', detail: 'worker cupboard is gone' });
    expect(device.health.filter(({ code }) => code === 'EDGE_DIFFERS')).toHaveLength(1);
  });

  it('leave to the others what one has another file for, and to the device where it is the only one', async () => {
    const [port, folder] = [await freePort(), temporaryFolder()];
    await using _broker = await configuredBroker(folder, port, LINES(port));
    writeFileSync(
      join(folder, 'toy-slow-heavy.mjs'),
      `${readFileSync(join(TOYS, 'toy-slow-heavy.mjs'))}// Another.\n`,
    );
    await using device = new Asking(port, 'kitchen');
    await using other = new Worker(port, 'other', ['--models', folder]);
    await other.serves();
    await expect.poll(() => device.health.at(-1)?.code).toBe('OK');
    const stage = await device.stage(0);
    for (const value of [0.125, 0.25])
      expect(await stage.decide(windowOf(value), never)).toMatchObject({ score: value, degraded: true });
    const told = device.health.filter(({ condition }) => condition === 'other');
    expect(told).toMatchObject([{ state: 'degraded', code: 'EDGE_DIFFERS' }]);
    expect(told[0]?.detail).toMatch(
      /^worker other cannot answer as this device would: module toy-slow-heavy.mjs: /,
    );

    await using same = new Worker(port, 'same');
    await same.serves();
    const degraded = async (): Promise<boolean> => 'degraded' in (await stage.decide(windowOf(0.5), never));
    await expect.poll(degraded).toBe(false);
    for (const value of [0.5, 0.625, 0.75])
      expect(await stage.decide(windowOf(value), never)).toMatchObject({ kind: 'accept', score: value });
    const verdicts = device.passed.map(({ verdict }) => verdict);
    expect(new Set(verdicts)).toEqual(new Set(['EDGE_AWAY', 'same']));
    expect(verdicts.slice(-4)).toEqual(['same', 'same', 'same', 'same']);
    expect(device.health.filter(({ code }) => code === 'EDGE_DIFFERS')).toHaveLength(1);
  });

  it('say with the verdict where the word ended, so that its audio leaves the device once', async () => {
    const [port, folder] = [await freePort(), temporaryFolder()];
    await using _broker = await configuredBroker(folder, port, LINES(port));
    await using device = new Asking(port, 'kitchen');
    await using worker = new Worker(port, 'cupboard');
    await worker.serves();
    await expect.poll(() => device.health.at(-1)?.code).toBe('OK');
    const stage = await device.stage(0, { local: false }, 'toy-placing-heavy.mjs');
    const placed = await stage.decide({ ...windowOf(0.25), startSample: 16_000 }, never);
    expect(placed).toMatchObject({ kind: 'accept', label: 'alexa', score: 0.25, endSample: 16_800 });
    // What could not be placed is believed all the same.
    const unplaced = await stage.decide(windowOf(0.75), never);
    expect(unplaced).toMatchObject({ kind: 'accept', label: 'alexa', score: 0.75 });
    expect(unplaced).not.toHaveProperty('endSample');
    expect(await stage.endOf?.(windowOf(0.75), 'alexa', never)).toBeNull();
    expect(device.passed.map(({ outcome }) => outcome)).toEqual(['sent', 'sent']);
  });
});

describe.runIf(requireTool('two of one name at an MQTT broker', 'mosquitto'))(
  'two devices of one name',
  () => {
    it('are told why they lose each other the broker', async () => {
      const [port, folder] = [await freePort(), temporaryFolder()];
      await using _broker = await configuredBroker(folder, port, LINES(port));
      const whys: string[] = [];
      const brokers = [1, 2].map(() => createBroker(brokerAt(port), createWayOut(false), systemTime.timer));
      for (const broker of brokers) {
        const line = { clientId: 'catnap-kitchen', will: null, topics: [], what: 'edge' } as const;
        const onDown = ({ message }: Error) => whys.push(message);
        broker.keep({ ...line, onDown, onUp: () => {}, onMessage: () => {} });
      }
      try {
        await expect.poll(() => whys.length, { timeout: 30_000 }).toBeGreaterThan(2);
        for (const why of whys) expect(why).toContain('another client is called catnap-kitchen');
      } finally {
        for (const broker of brokers) await broker.close();
      }
    });
  },
);

describe.runIf(requireTool('devices at an MQTT broker', 'mosquitto'))(
  'devices that heard the same word',
  () => {
    it('have it done once, by the surest, and alone again at once', async () => {
      const [port, folder] = [await freePort(), temporaryFolder()];
      await using _broker = await configuredBroker(folder, port, LINES(port));
      const houses = { kitchen: houseAt(port, 'kitchen'), hall: houseAt(port, 'hall') };
      try {
        await expect
          .poll(() => Object.values(houses).map(({ hasCompany }) => hasCompany))
          .toEqual([true, true]);
        const done: string[] = [];
        for (let order = 1; order <= 10; order++) {
          const detection = `mic/d${order}`;
          const word = { detection, source: 'mic', label: `word${order}`, power: 0.1, agoMs: 300 };
          houses.hall.heard({ ...word, confidence: 0.8 });
          houses.kitchen.heard({ ...word, confidence: 0.9 });
          const [hall, kitchen] = await Promise.all([
            houses.hall.isMine(detection),
            houses.kitchen.isMine(detection),
          ]);
          if (hall) done.push('hall');
          if (kitchen) done.push('kitchen');
        }
        expect(done).toEqual(Array.from({ length: 10 }, () => 'kitchen'));
        await houses.kitchen.close();
        await expect.poll(() => houses.hall.hasCompany).toBe(false);
      } finally {
        for (const house of Object.values(houses)) await house.close();
      }
    });
  },
);

/** A device that says what it runs, and starts anew by saying so. */
function memberAt(port: number, device: string, health: (config: string) => string) {
  const configFile = join(temporaryFolder(), 'catnap.yaml');
  writeFileSync(configFile, 'first');
  const house = closedHouseAt(port, device);
  const now = (): string => readFileSync(configFile, 'utf8');
  let starts = 0;
  const keeper = new Keeper(configFile);
  const model = join(dirname(configFile), 'models', 'm.tflite');
  const isRotten = (): boolean => existsSync(model) && readFileSync(model, 'utf8') === 'rotten';
  const member: FleetMember = new FleetMember({
    house,
    topics: edgeTopics('catnap-edge'),
    device,
    about: () => ({
      accepts: true,
      since: starts,
      config: sha256Of(Buffer.from(now())),
      pending: keeper.isPending,
    }),
    state: () => ({ health: health(now()), starts }),
    rollOut: {
      configFile,
      keeper,
      check: (text) => {
        if (text === 'wrong')
          throw new CatnapError('CONFIG_INVALID', 'catnap.yaml:1:1 (top): expected an object');
      },
      again: () => {
        // What it does not run with it takes back by itself.
        if (isRotten()) keeper.back();
        starts += 1;
        member.up();
      },
    },
  });
  house.open([member]);
  return { now, close: () => house.close() };
}

describe.runIf(requireTool('doctor at an MQTT broker', 'mosquitto'))('the check of the edge', () => {
  it('names the workers that are there, and warns where one is asked and none is there', async () => {
    const [port, folder] = [await freePort(), temporaryFolder()];
    await using _broker = await configuredBroker(folder, port, LINES(port));
    const check = (isAsked: boolean, own = version) => {
      const broker = createBroker(brokerAt(port), createWayOut(false), systemTime.timer);
      return checkWorkers(broker, edgeTopics('catnap-edge'), {
        ...{ version: own, isAsked, timer: systemTime.timer },
      });
    };
    expect(await check(true)).toMatchObject({
      level: 'warning',
      remedy: expect.stringContaining('catnap worker'),
    });
    expect(await check(false)).toMatchObject({ level: 'ok' });
    await using worker = new Worker(port, 'cupboard');
    await worker.serves();
    expect(await check(true)).toMatchObject({
      level: 'ok',
      detail: expect.stringContaining('workers: cupboard'),
    });
    expect(await check(true, '0.0.9')).toMatchObject({
      level: 'warning',
      detail: expect.stringContaining(`not asked, as this device is 0.0.9: cupboard is ${version}`),
    });
  });
});

describe.runIf(requireTool('a fleet at an MQTT broker', 'mosquitto'))('a fleet', () => {
  it('is given a configuration wave by wave, and all go back where one is unwell with it', async () => {
    const [port, folder] = [await freePort(), temporaryFolder()];
    await using _broker = await configuredBroker(folder, port, LINES(port));
    const members = ['attic', 'hall', 'kitchen'].map((name) =>
      memberAt(port, name, (config) => (config === 'bad for the hall' && name === 'hall' ? 'down' : 'ok')),
    );
    const broker = createBroker(brokerAt(port), createWayOut(false), systemTime.timer);
    const overseer = new Overseer(broker, edgeTopics('catnap-edge'), systemTime.timer);
    const said: string[] = [];
    const give = (text: string) =>
      overseer.rollOut(
        overseer.devices().map(({ device }) => device),
        { kind: 'config', content: Buffer.from(text) },
        { waves: [1, 2, 3], settleMs: 300, withinMs: 10_000, say: (line) => said.push(line) },
      );
    const configs = () => members.map(({ now }) => now());
    try {
      await overseer.open();
      expect(overseer.devices()).toMatchObject([
        { device: 'attic', isThere: true, about: { accepts: true }, state: { health: 'ok' } },
        { device: 'hall', isThere: true },
        { device: 'kitchen', isThere: true },
      ]);
      expect(await give('second')).toBe(true);
      expect(configs()).toEqual(['second', 'second', 'second']);
      expect(await give('wrong')).toBe(false);
      expect(said.join()).toContain('attic: CONFIG_INVALID');
      const wrong = { kind: 'config', content: Buffer.from('wrong') } as const;
      const shares = {
        waves: [1, 1, 1],
        settleMs: 300,
        withinMs: 1000,
        say: (line: string) => said.push(line),
      };
      expect(await overseer.rollOut(['attic'], wrong, shares)).toBe(false);
      expect(said).toContain('wave 1 of 1: attic');
      expect(await give('bad for the hall')).toBe(false);
      expect(configs()).toEqual(['second', 'second', 'second']);
      const model = { kind: 'model', name: 'm.tflite', content: Buffer.from('rotten') } as const;
      const plan = { waves: [1, 3], settleMs: 300, withinMs: 1000, say: (line: string) => said.push(line) };
      expect(await overseer.rollOut(['attic', 'hall', 'kitchen'], model, plan)).toBe(false);
      expect(said.slice(-3).join()).toContain('attic: was not there again with it in time');
      // It has gone back by itself, and keeps what it was given before.
      expect(configs()).toEqual(['second', 'second', 'second']);
    } finally {
      await overseer.close();
      for (const member of members) await member.close();
    }
  });
});
