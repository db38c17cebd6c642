import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CascadeEvent } from '../../../src/core/events/events.js';
import { openJournal } from '../../../src/events/journal.js';
import { IndexSearch, summariesOf, summaryLine, summaryOf } from '../../../src/events/journal-index.js';
import { type JournalQuestion, journalEvents, newestEvents } from '../../../src/events/journal-reading.js';
import { systemTimer } from '../../../src/runtime/process/system-clock.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

let folder = '';
beforeEach(() => {
  folder = temporaryFolder();
});

/** The n-th event, a second after the one before it; every hundredth is of the pump. */
function event(n: number): CascadeEvent {
  const source = n % 100 === 0 ? 'pump' : 'kitchen';
  return {
    v: 1,
    id: `${source}/${n}`,
    measured: { wallTime: new Date(1_767_225_600_000 + n * 1_000).toISOString(), run: 'r', latencyMs: null },
    type: 'ended',
    trail: [],
    source,
    sample: n,
    atMs: n,
    detection: `${source}/${n}`,
    label: n % 2 === 0 ? 'alexa' : 'jarvis',
    startSample: 0,
    endSample: 1,
  };
}

/** Of it somebody says that it was wrong. */
function said(n: number): CascadeEvent {
  const { v, measured } = event(n);
  const about = {
    v,
    id: `kitchen/${n}`,
    measured,
    detection: `r/kitchen/${n}`,
    source: 'kitchen',
    label: 'alexa',
  };
  return { ...about, type: 'label', at: '2026-01-01T00:00:00Z', verdict: 'wrong', was: null, by: 'page' };
}

function unexpected(error: unknown): never {
  throw error;
}

async function written(count: number, maxEvents = 100_000): Promise<void> {
  const journal = openJournal({ folder, maxEvents, flushMs: 1, timer: systemTimer, onError: unexpected });
  for (let n = 0; n < count; n += 500) {
    for (let each = n; each < Math.min(count, n + 500); each++) journal.publish(event(each));
    await journal.flush();
  }
  await journal.close();
}

async function ids(question: JournalQuestion): Promise<string[]> {
  const found: string[] = [];
  for await (const { id } of journalEvents(folder, question)) found.push(id);
  return found;
}

const index = () => join(folder, 'index.jsonl');

describe('the index of a journal', () => {
  it('tells of each full segment, and answers the same as a journal without one', async () => {
    await written(3_500);
    expect([...summariesOf(readFileSync(index(), 'utf8')).keys()].sort((a, b) => a - b)).toEqual([
      0, 1000, 2000,
    ]);
    const questions: JournalQuestion[] = [
      { facets: { source: 'pump' } },
      { facets: { detection: 'kitchen/1234' } },
      { facets: { detection: 'r/kitchen/3456' } },
      { facets: { source: 'pump', label: 'jarvis' } },
      { from: event(990).measured?.wallTime ?? null, to: event(1_010).measured?.wallTime ?? null },
      { from: event(1_950).measured?.wallTime ?? null, facets: { source: 'pump', outcome: 'ended' } },
      { facets: { reason: 'uncertain' } },
    ];
    const withIndex = [];
    for (const question of questions) withIndex.push(await ids(question));
    expect(withIndex.map(({ length }) => length)).toEqual([35, 1, 1, 0, 20, 15, 0]);
    const newest = (await newestEvents(folder, 3, { facets: { source: 'pump' } })).map(({ id }) => id);
    expect(newest).toEqual(['pump/3200', 'pump/3300', 'pump/3400']);
    rmSync(index());
    for (const [at, question] of questions.entries()) expect(await ids(question)).toEqual(withIndex[at]);
  });

  it('catches up where there was none, and forgets segments that are gone', async () => {
    await written(2_500);
    rmSync(index());
    await written(2_000);
    expect(summariesOf(readFileSync(index(), 'utf8')).size).toBeGreaterThanOrEqual(3);
    rmSync(folder, { recursive: true });
    await written(40_000, 2_000);
    const lines = readFileSync(index(), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThan(30);
    expect(await ids({ facets: { detection: 'kitchen/39999' } })).toEqual(['kitchen/39999']);
  });

  it('reads a segment as a whole whose line is damaged, or that holds bytes that are no text', async () => {
    await written(2_100);
    const [first = '', ...others] = readFileSync(index(), 'utf8').split('\n');
    writeFileSync(index(), [first.slice(0, -20), ...others].join('\n'));
    expect(await ids({ facets: { source: 'pump' } })).toHaveLength(21);
    const text = `${'\uFFFD'}\n${JSON.stringify(event(0))}\n`;
    const line = Buffer.from(summaryLine(summaryOf(0, text)).trimEnd());
    expect(new IndexSearch({ source: 'pump' }).of(line)?.places).toBe('anywhere');
    appendFileSync(index(), 'half a li');
    expect(await ids({ facets: { source: 'pump' } })).toHaveLength(21);
  });

  it('checks each line of a segment that is not as it was when its lines were checked', async () => {
    await written(2_100);
    const [path, half] = [
      join(folder, '000000001000.jsonl'),
      { from: event(1_500).measured?.wallTime ?? null },
    ];
    expect(await ids(half)).toHaveLength(600);
    appendFileSync(path, '{"type":"ended"}\n');
    expect(await ids(half)).toHaveLength(600);
  });

  it('has the events of a rare type itself, and opens no segment for them', async () => {
    const journal = openJournal({
      folder,
      maxEvents: 100_000,
      flushMs: 1,
      timer: systemTimer,
      onError: unexpected,
    });
    for (let n = 0; n < 2_100; n++) {
      journal.publish(n % 700 === 0 ? said(n) : event(n));
      if (n % 500 === 0) await journal.flush();
    }
    await journal.close();
    const labels: JournalQuestion = { facets: { type: 'label' } };
    const detections: JournalQuestion = { facets: { detection: 'r/kitchen/1400' } };
    const late: JournalQuestion = { ...labels, from: event(700).measured?.wallTime ?? null };
    expect(await ids(labels)).toEqual(['kitchen/0', 'kitchen/700', 'kitchen/1400']);
    expect(await ids(late)).toEqual(['kitchen/700', 'kitchen/1400']);
    expect(await ids(detections)).toEqual(['kitchen/1400']);
    writeFileSync(join(folder, '000000001000.jsonl'), '');
    expect(await ids(labels)).toEqual(['kitchen/0', 'kitchen/700', 'kitchen/1400']);
  });
});
