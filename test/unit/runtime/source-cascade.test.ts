import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsNothing, parseConfig } from '../../../src/config/load.js';
import type { CascadeEvent } from '../../../src/core/events/events.js';
import { quietEdges } from '../../../src/runtime/build.js';
import { plannedOf } from '../../../src/runtime/plans.js';
import { SourceCascade } from '../../../src/runtime/source-cascade.js';
import { SerialRecording } from '../../../src/sources/serial/serial-recording.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { root } from '../../support/tools.js';

const path = join(root, 'fixtures/demo/pump.bridge');

/** All is learnt by then, and there was no fault yet. */
const LEARNT_SAMPLE = 350;

/** The plans of two sensor cascades for the same source and state folder. */
async function plans() {
  const stateDir = temporaryFolder();
  const of = async (name: string) => {
    const config = parseConfig(
      `sources: [{ id: pump, kind: file, path: '${path}', cascade: ${name} }]\nstateDir: '${stateDir}'\n` +
        'cascades: { first: { kind: sensor, learnSeconds: 300 }, second: { kind: sensor, learnSeconds: 300, falseAlarmsPerDay: 2 } }\n',
      join(root, 'catnap.yaml'),
      {},
      needsNothing,
    );
    const [plan] = (await plannedOf(config)).plans;
    if (plan === undefined) throw new Error('there is one source');
    return { plan, place: { source: 'pump', run: 'run', intents: config.intents } };
  };
  return { first: await of('first'), second: await of('second') };
}

/** What is told of the recording; the second cascade takes the first one's place at a sample, or never. */
async function told(exchangedAt: number): Promise<readonly CascadeEvent[]> {
  const { first, second } = await plans();
  const events: CascadeEvent[] = [];
  const edges = quietEdges((event) => events.push(event));
  const cascade = await SourceCascade.open(first.place, first.plan, edges);
  let exchanged: Promise<unknown> | null = null;
  for await (const item of new SerialRecording({ id: 'pump', path }).frames(new AbortController().signal)) {
    const work = cascade.push(item);
    // Asked for in the midst of a row.
    if (item.kind === 'frame' && item.sample >= exchangedAt) exchanged ??= cascade.exchange(second.plan);
    await work;
  }
  await cascade.finish(false);
  await cascade.dispose();
  await exchanged;
  return events;
}

describe("a source's cascade of sensors", () => {
  it('is exchanged while its rows come in: none is lost, and what was learnt stays', async () => {
    const usual = await told(Number.POSITIVE_INFINITY);
    const exchanged = await told(LEARNT_SAMPLE);
    const of = (events: readonly CascadeEvent[]) => events.map(({ type }) => type);
    expect(of(exchanged)).toEqual(of(usual));
    expect(exchanged.filter(({ type }) => type === 'verified')).toHaveLength(2);
    expect(usual.map(({ id }) => id)).toContain('pump/1');
    expect(exchanged.map(({ id }) => id)).toContain('pump~1.2/1');
  });

  it('goes on with what it has where the other cannot be had', async () => {
    const { first } = await plans();
    const cascade = await SourceCascade.open(
      first.place,
      first.plan,
      quietEdges(() => {}),
    );
    const { plan } = first;
    if (plan.kind !== 'sensor') throw new Error('it watches a sensor');
    const missing = { ...plan, stages: { ...plan.stages, tiny: { ...plan.stages.tiny, kind: 'none' } } };
    await expect(cascade.exchange(missing as never)).rejects.toThrow();
    for await (const item of new SerialRecording({ id: 'pump', path }).frames(new AbortController().signal))
      await cascade.push(item);
    await cascade.dispose();
  });
});
