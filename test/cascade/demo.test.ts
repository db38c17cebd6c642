import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileSource } from '../../src/sources/recording/file.js';
import { eventsOf } from '../support/replay.js';
import { root } from '../support/tools.js';

/** What becomes of the orders of one of the demonstration's rooms. */
async function room(id: string, recording: string) {
  const path = join(root, 'fixtures/demo', recording);
  const events = await eventsOf(new FileSource({ id, path }));
  const labels = events.flatMap((event) => (event.type === 'verified' ? [event.label] : []));
  const ends = events.flatMap(({ type }) => (type === 'settled' || type === 'escalated' ? [type] : []));
  return { labels, ends };
}

it("hears no word in both rooms of the demonstration, where it would be one order and the other room's be left", async () => {
  const kitchen = await room('kitchen', 'voice.wav');
  const office = await room('office', 'office.wav');
  expect(kitchen.ends).toEqual(['settled', 'escalated', 'settled', 'settled']);
  expect(office.ends).toEqual(['escalated', 'escalated']);
  expect(office.labels.filter((label) => kitchen.labels.includes(label))).toEqual([]);
});
