import { describe, expect, it } from 'vitest';
import type { SourceThread } from '../../../../src/runtime/worker/source-thread.js';
import { hosted, newThread, until } from '../../../support/hosted-source.js';

/** A source of a thread, running. */
function serve(thread: SourceThread, source: string, spec: string) {
  const { host, said, health } = hosted(spec, { source, hangMs: 1500 }, thread);
  return { host, said, health, running: host.run() };
}

describe('a thread of several sources', () => {
  it('serves them all, beside each other', async () => {
    const thread = newThread();
    const [kitchen, hall] = [serve(thread, 'kitchen', 'thread'), serve(thread, 'hall', 'thread')];
    await until(() => kitchen.said.length >= 2 && hall.said.length >= 2);
    expect(kitchen.said[0]).toBe('kitchen');
    expect(hall.said[0]).toBe('hall');
    expect(kitchen.said[1]).toBe(hall.said[1]);
    await Promise.all([kitchen.host.stop(5000), hall.host.stop(5000)]);
    await Promise.all([kitchen.running, hall.running]);
  });

  it('goes on with the others when one fails, is over, or is started again', async () => {
    const thread = newThread();
    const kitchen = serve(thread, 'kitchen', 'thread');
    const [hall, shed] = [serve(thread, 'hall', 'throw'), serve(thread, 'shed', 'end')];
    await shed.running;
    await until(() => hall.said.length >= 3);
    expect(hall.said).toEqual(['hall', 'hall~2', 'hall~3']);
    expect(hall.health[0]).toMatchObject({ state: 'down', detail: 'hall: its worker failed: scripted' });
    await hall.host.stop(1000);
    await kitchen.host.command('relay on');
    expect(kitchen.health).toEqual([]);
    expect(kitchen.said).toHaveLength(2);
    await kitchen.host.stop(5000);
    await Promise.all([kitchen.running, hall.running]);
  });

  it.each([
    ['ends', 'crash'],
    ['hangs', 'hang'],
  ])('has all of them come back when it %s, and says so of each', async (_, fault) => {
    const thread = newThread();
    const both = [serve(thread, 'kitchen', 'thread'), serve(thread, 'hall', 'thread')];
    await until(() => both.every(({ said }) => said.length >= 2));
    await expect(both[0]?.host.command(fault)).rejects.toThrow('its worker ended');
    await until(() => both.every(({ said }) => said.length >= 4));
    for (const { said, health } of both) {
      expect(health.map(({ state }) => state)).toEqual(['down', 'ok']);
      expect(said[2]).toMatch(/~2$/);
      expect(said[3]).not.toBe(said[1]);
    }
    expect(both[0]?.said[3]).toBe(both[1]?.said[3]);
    await Promise.all(both.map(({ host }) => host.stop(5000)));
    await Promise.all(both.map(({ running }) => running));
  });

  it('ends with its last source, and is another for the next', async () => {
    const thread = newThread();
    const kitchen = serve(thread, 'kitchen', 'thread');
    await until(() => kitchen.said.length >= 2);
    await kitchen.host.stop(5000);
    const hall = serve(thread, 'hall', 'thread');
    await until(() => hall.said.length >= 2);
    expect(hall.said[1]).not.toBe(kitchen.said[1]);
    await hall.host.stop(5000);
    await Promise.all([kitchen.running, hall.running]);
  });
});
