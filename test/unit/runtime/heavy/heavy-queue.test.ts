import { describe, expect, it } from 'vitest';
import type { HeavyRole } from '../../../../src/runtime/heavy/heavy-protocol.js';
import { HeavyQueue, type Job } from '../../../../src/runtime/heavy/heavy-queue.js';

const data = new Float32Array();

function ask(source: string, id: number, role: HeavyRole = 'stage'): Job {
  const window = { source, startSample: 0, rateHz: 16_000, channels: 1, data };
  const question = { kind: 'ask', id, name: role, fresh: true, window } as const;
  return { kind: 'ask', source, key: role, role, question, budgetMs: 1000 };
}

function order(queue: HeavyQueue): string[] {
  const taken: string[] = [];
  for (let job = queue.next(() => true); job !== null; job = queue.next(() => true)) {
    taken.push(job.kind === 'ask' ? `${job.source} ${job.question.id}` : `${job.source} loads`);
  }
  return taken;
}

describe('what waits for the heavy process', () => {
  it('is taken in turns, so that a talkative source delays another by one question', () => {
    const queue = new HeavyQueue();
    for (const id of [1, 2, 3]) queue.add(ask('kitchen', id));
    queue.add(ask('hall', 1));
    expect(order(queue)).toEqual(['kitchen 1', 'hall 1', 'kitchen 2', 'kitchen 3']);
  });

  it('is taken with short questions before recognitions and loads', () => {
    const queue = new HeavyQueue();
    queue.add(ask('kitchen', 1, 'recogniser'));
    queue.add({ kind: 'load', source: 'attic', key: 'recogniser' });
    queue.add(ask('hall', 1, 'stream'));
    expect(order(queue)).toEqual(['hall 1', 'kitchen 1', 'attic loads']);
  });

  it('is left waiting while it is not possible, and taken out when it is over', () => {
    const queue = new HeavyQueue();
    queue.add(ask('kitchen', 1));
    queue.add(ask('hall', 1));
    expect(queue.next(({ source }) => source === 'hall')).toMatchObject({ source: 'hall' });
    expect(queue.next(({ source }) => source === 'hall')).toBeNull();
    expect(queue.remove(() => true)).toHaveLength(1);
    expect(queue.jobs).toEqual([]);
  });
});
