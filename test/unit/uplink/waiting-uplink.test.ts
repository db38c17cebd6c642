import { beforeEach, describe, expect, it } from 'vitest';
import type { Passed } from '../../../src/egress/way-out.js';
import { SimulatedDisk } from '../../../src/simulator/disk.js';
import { Life } from '../../../src/simulator/life.js';
import { VirtualTime } from '../../../src/simulator/virtual-time.js';
import { auditRows } from '../../../src/uplink/accounts/audit.js';
import { escalation, Published, uplinkTo } from '../../support/uplink.js';

let time: VirtualTime;
let disk: SimulatedDisk;
let published: Published;
let away: boolean[];
beforeEach(() => {
  time = new VirtualTime();
  disk = new SimulatedDisk(() => 0);
  disk.state = 'full';
  published = new Published();
  away = [];
});

async function started() {
  const life = new Life(time, 'run-1');
  const opening = uplinkTo(
    'ws://127.0.0.1:9',
    published,
    {},
    {
      ...life.time,
      openStore: () => disk.open(life),
      onAway: (isAway) => away.push(isAway),
    },
  );
  // The provider's code is loaded, which takes time that is not virtual.
  for (let look = 0; look < 1_000 && published.events.length === 0; look++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await time.advance(10);
  }
  return opening;
}

/** A message that an action sent. */
function sent(action: string, wallMs: number): Passed {
  const passage = { what: 'mqtt', to: 'broker', bytes: 10 } as const;
  return {
    detection: 'mic/d1',
    rule: `action ${action}`,
    passage,
    wallMs,
    latencyMs: 1,
    outcome: 'sent',
    verdict: 'ok',
  };
}

const healths = () =>
  published.of('health').map(({ component, state, code }) => `${component} ${state} ${code}`);

describe('row 24: an uplink that finds the disk full when it starts', () => {
  it('starts, says so once, and that the cloud is away', async () => {
    await started();
    await time.advance(60_000);
    expect(healths()).toEqual(['uplink/outbox degraded STORE_FULL']);
    expect(away).toEqual([true]);
  });

  it('holds what is offered in memory, and hands it over in order once there is room', async () => {
    const uplink = await started();
    const offered = [escalation(), escalation(), escalation()];
    for (const each of offered) await uplink.offer(each);
    expect(uplink.stats().outbox.offered).toBe(0);
    disk.state = 'ok';
    await time.advance(5_100);
    expect(healths().slice(0, 2)).toEqual(['uplink/outbox degraded STORE_FULL', 'uplink/outbox ok OK']);
    expect(away.slice(0, 2)).toEqual([true, false]);
    expect(uplink.stats()).toMatchObject({ outbox: { offered: 3 }, waiting: { count: 3 } });
    const another = uplink.offer(escalation());
    await time.advance(100);
    await another;
    expect(uplink.stats().outbox.offered).toBe(4);
  });

  it('writes down what actions sent meanwhile, once there is room, with the time it had', async () => {
    const uplink = await started();
    await uplink.passed(sent('bell', 1_000));
    disk.state = 'ok';
    await time.advance(5_100);
    const written = uplink.passed(sent('lamp', 6_000));
    const opening = disk.open(new Life(time, 'look'));
    await time.advance(100);
    await written;
    const store = await opening;
    const rows: string[] = [];
    for await (const { rule, wallTime } of auditRows(store, null, null)) rows.push(`${wallTime} ${rule}`);
    expect(rows).toEqual(['1970-01-01T00:00:01.000Z action bell', '1970-01-01T00:00:06.000Z action lamp']);
  });

  it('tells how many of them found no room', async () => {
    const uplink = await started();
    for (let row = 0; row < 1_200; row++) await uplink.passed(sent('bell', row));
    await uplink.close(0);
    expect(published.of('health').at(-1)).toMatchObject({
      component: 'uplink/audit',
      detail: '1200 audit rows of actions found no room',
    });
  });

  it('drops the oldest beyond its cap, and tells of each', async () => {
    const uplink = await started();
    const offered = Array.from({ length: 40 }, () => escalation());
    for (const each of offered) await uplink.offer(each);
    expect(published.of('undelivered')).toMatchObject(
      offered.slice(0, 8).map(({ detection }) => ({ detection, outcome: 'dropped', code: 'STORE_FULL' })),
    );
  });

  it('tells of what it held when it is closed before there was room', async () => {
    const uplink = await started();
    const held = escalation();
    await uplink.offer(held);
    await uplink.close(0);
    expect(published.of('undelivered')).toMatchObject([{ detection: held.detection, outcome: 'dropped' }]);
    expect(time.waiting).toBe(0);
  });
});
