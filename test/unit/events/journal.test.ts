import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CascadeEvent, EventOf } from '../../../src/core/events/events.js';
import { Emulator } from '../../../src/emulator/emulator.js';
import { JOURNAL_FOLDER, type JournalFiles, openJournal } from '../../../src/events/journal.js';
import { indexPath } from '../../../src/events/journal-index.js';
import { journalEvents, newestEvents } from '../../../src/events/journal-reading.js';
import { systemTimer } from '../../../src/runtime/process/system-clock.js';
import { VirtualTime } from '../../../src/simulator/virtual-time.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { root } from '../../support/tools.js';
import { escalation, Published, uplinkTo } from '../../support/uplink.js';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

let stateDir = '';
let told: string[] = [];
const onError = (error: unknown) => told.push(error instanceof Error ? error.message : String(error));
beforeEach(() => {
  stateDir = temporaryFolder();
  told = [];
});

const catnap = (...args: string[]) =>
  execFileSync(process.execPath, [join(root, 'dist/cli.js'), ...args, '--state', stateDir], {
    encoding: 'utf8',
  });
const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

function ended(source: string, second: number, label: string): CascadeEvent {
  const wallTime = `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`;
  return {
    v: 1,
    id: `${source}/${second}`,
    measured: { wallTime, run: 'r', latencyMs: null },
    type: 'ended',
    trail: [],
    source,
    sample: second,
    atMs: second * 1_000,
    detection: `${source}/${second}`,
    label,
    startSample: 0,
    endSample: second,
  };
}

/** Ids of the events there are, oldest first. */
async function kept(): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of journalEvents(join(stateDir, JOURNAL_FOLDER))) ids.push(id);
  return ids;
}

const open = (maxEvents = 1_000) =>
  openJournal({
    folder: join(stateDir, JOURNAL_FOLDER),
    maxEvents,
    flushMs: 10,
    timer: systemTimer,
    onError,
  });

describe('journal', () => {
  it('answers questions by time, source and label while a running process has it', async () => {
    const journal = open();
    for (let second = 0; second < 20; second++) {
      journal.publish(ended(second % 2 ? 'mic' : 'pump', second, second < 10 ? 'early' : 'late, "very"'));
    }
    await journal.flush();
    const found = rowsOf(
      catnap('events', '--json', '--source', 'mic', '--label', 'early', '--from', '2026-01-01T00:00:03Z'),
    );
    expect(found.map((row) => row.id)).toEqual(['mic/3', 'mic/5', 'mic/7', 'mic/9']);
    const csv = catnap('events', '--format', 'csv', '--limit', '1').split('\r\n');
    expect(csv[0]).toMatch(/^wallTime,type,source,detection,label,/);
    expect(csv[1]).toContain('"late, ""very"""');
    await journal.close();
  });

  it('finds what was decided without the cloud', async () => {
    const journal = open();
    const { startSample: _, endSample: __, ...base } = ended('mic', 1, 'alexa') as EventOf<'ended'>;
    const verified = { ...base, type: 'verified', trail: [], startSample: 0 } as const;
    journal.publish({ ...verified, id: 'mic/1', degraded: false });
    journal.publish({ ...verified, id: 'mic/2', degraded: true });
    await journal.close();
    expect(rowsOf(catnap('events', '--json', '--outcome', 'degraded')).map(({ id }) => id)).toEqual([
      'mic/2',
    ]);
  });

  it('finds what somebody said was wrong, and who said so', async () => {
    const journal = open();
    const label = {
      v: 1,
      type: 'label',
      detection: 'r/mic/d1',
      source: 'mic',
      label: 'alexa',
      at: '',
    } as const;
    const measured = { wallTime: '2026-01-01T00:00:00.000Z', run: 'r', latencyMs: null };
    const said = { ...label, measured, by: 'anna (127.0.0.1)' };
    journal.publish({ ...said, id: 'page/1', verdict: 'right', was: null });
    journal.publish({ ...said, id: 'page/2', verdict: 'wrong', was: 'television' });
    await journal.close();
    expect(catnap('events', '--outcome', 'wrong')).toMatch(/wrong {2}television {2}anna \(127\.0\.0\.1\)/);
    expect(rowsOf(catnap('events', '--json', '--outcome', 'label'))).toHaveLength(2);
  });

  it('gives the newest events back to who starts anew, over segments and damage, and none where there is none', async () => {
    const folder = join(stateDir, JOURNAL_FOLDER);
    expect(await newestEvents(folder, 5)).toEqual([]);
    for (const base of [0, 3]) {
      const journal = open(4);
      for (let n = 0; n < 3; n++) journal.publish(ended('mic', base + n, 'x'));
      await journal.close();
    }
    const last = readdirSync(folder).sort().at(-1) ?? '';
    writeFileSync(join(folder, last), '{"half a li', { flag: 'a' });
    const ids = async (most: number) => (await newestEvents(folder, most)).map(({ id }) => id);
    expect(await ids(4)).toEqual(['mic/2', 'mic/3', 'mic/4', 'mic/5']);
    expect(await ids(2)).toEqual(['mic/4', 'mic/5']);
    expect(await ids(0)).toEqual([]);
  });

  it('keeps an answer once, not its pieces', async () => {
    const journal = open();
    const base = { v: 1, measured: null, detection: 'mic/1' } as const;
    journal.publish({ ...base, id: 'uplink/0', type: 'answer-part', text: 'Mi' });
    const cost = { bytesUp: 0, bytesDown: 0, tokens: 0, money: 0, latencyMs: 0 };
    journal.publish({
      ...base,
      id: 'uplink/1',
      type: 'verdict',
      provider: 'cloud',
      label: 'weather',
      text: 'Mild.',
      cost,
    });
    await journal.close();
    expect(rowsOf(catnap('events', '--json')).map((row) => row.id)).toEqual(['uplink/1']);
  });

  it('keeps the newest when it is full', async () => {
    const first = open(5);
    for (let second = 0; second < 20; second++) first.publish(ended('mic', second, 'x'));
    await first.close();
    expect(await kept()).toEqual([15, 16, 17, 18, 19].map((n) => `mic/${n}`));
  });

  it('keeps at most one segment more than asked for, over several runs', async () => {
    for (let run = 0; run < 4; run++) {
      const journal = open(7);
      for (let n = 0; n < 5; n++) journal.publish(ended('mic', 5 * run + n, 'x'));
      await journal.close();
    }
    const numbers = (await kept()).map((id) => Number(id.slice(4)));
    expect(numbers.at(-1)).toBe(19);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => 20 - numbers.length + i));
    expect(numbers.length).toBeGreaterThanOrEqual(7);
    expect(numbers.length).toBeLessThan(14);
  });

  it('goes on after half a line that a power cut left, and leaves out what is damaged', async () => {
    const before = open();
    for (let second = 0; second < 3; second++) before.publish(ended('mic', second, 'x'));
    await before.close();
    const [name = ''] = readdirSync(join(stateDir, JOURNAL_FOLDER));
    const path = join(stateDir, JOURNAL_FOLDER, name);
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [lines[0], '{"v":1,"id"', lines[2]?.slice(0, 40)].join('\n'));
    const after = open();
    after.publish(ended('mic', 3, 'x'));
    await after.close();
    expect(await kept()).toEqual(['mic/0', 'mic/3']);
  });

  it('keeps what the disk does not take, and writes it once it does', async () => {
    writeFileSync(join(stateDir, JOURNAL_FOLDER), 'in the way');
    const journal = open();
    journal.publish(ended('mic', 1, 'x'));
    journal.publish(ended('mic', 2, 'x'));
    await journal.flush();
    expect(journal.dropped).toBe(0);
    rmSync(join(stateDir, JOURNAL_FOLDER));
    journal.publish(ended('mic', 3, 'x'));
    await journal.close();
    expect(journal.dropped).toBe(0);
    expect(await kept()).toEqual(['mic/1', 'mic/2', 'mic/3']);
    expect(told).toEqual([]);
  });

  it('row 24: tells what it lacks where the disk takes nothing to the end', async () => {
    const folder = join(stateDir, JOURNAL_FOLDER);
    writeFileSync(folder, 'in the way');
    const journal = open();
    journal.publish(ended('mic', 1, 'x'));
    journal.publish(ended('mic', 2, 'x'));
    await journal.close();
    expect(journal.dropped).toBe(2);
    expect(told).toEqual([
      expect.stringContaining(`${folder}: expected to write events, found EEXIST`),
      `${folder}: 2 events could not be written`,
    ]);
  });
});

describe('a disk that fills up in the middle of a line', () => {
  it('row 24: is given neither what it took a second time, nor less than it did not take', async () => {
    const texts = new Map<string, string>();
    let room = 900;
    const files: JournalFiles = {
      makeFolder: async () => {},
      list: async () => [...texts.keys()].map((path) => basename(path)),
      read: async (path) => texts.get(path) ?? '',
      append: async (path, text) => {
        const taken = text.slice(0, room);
        room -= taken.length;
        texts.set(path, (texts.get(path) ?? '') + taken);
        if (taken !== text) throw new Error('ENOSPC');
      },
      remove: async () => {},
    };
    const timer = new VirtualTime().timer;
    const journal = openJournal({ folder: 'x', maxEvents: 100, flushMs: 10, timer, onError, files });
    for (let n = 0; n < 12; n++) journal.publish(ended('mic', n, 'x'));
    await journal.flush();
    room = 500;
    await journal.flush();
    room = 100_000;
    await journal.flush();
    const ids = [...texts.values()]
      .flatMap((text) => text.split('\n'))
      .flatMap((line) => /^\{.*"id":"([^"]+)".*\}$/.exec(line)?.[1] ?? []);
    expect(texts.size).toBe(3);
    expect(ids).toEqual(Array.from({ length: 12 }, (_, n) => `mic/${n}`));
  });
});

describe('a disk that takes seconds', () => {
  /** Files whose appending lasts until it is told to be over. */
  function slowFiles() {
    const texts = new Map<string, string>();
    const waiting: (() => void)[] = [];
    const files: JournalFiles = {
      makeFolder: async () => {},
      list: async () => [...texts.keys()].map((path) => basename(path)),
      read: async (path) => texts.get(path) ?? '',
      append: async (path, text) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        texts.set(path, (texts.get(path) ?? '') + text);
      },
      remove: async (path) => {
        texts.delete(path);
      },
    };
    const written = () =>
      [...texts]
        .filter(([path]) => path !== indexPath('x'))
        .flatMap(([, text]) => text.split('\n'))
        .filter((line) => line !== '');
    return { files, written, waiting, goOn: () => waiting.splice(0).forEach((resume) => void resume()) };
  }

  it('row 24: holds up nobody who publishes, holds a bounded number of events, and gets them in order', async () => {
    const time = new VirtualTime();
    const { files, written, waiting, goOn } = slowFiles();
    const journal = openJournal({
      folder: 'x',
      maxEvents: 10_000,
      flushMs: 10,
      timer: time.timer,
      onError,
      files,
    });
    for (let n = 0; n < 3_000; n++) {
      journal.publish(ended('mic', n, 'x'));
      await time.advance(10);
    }
    expect(waiting).toHaveLength(1);
    expect(written()).toEqual([]);
    // One batch is under way; of what waits behind it the newest are kept.
    expect(journal.dropped).toBeGreaterThan(0);
    const kept = 3_000 - journal.dropped;
    expect(kept).toBeLessThan(2_100);
    expect(told).toEqual(['x: the disk is slower than events come']);
    const closed = journal.close();
    for (let look = 0; look < 200; look++) {
      goOn();
      await time.settle();
    }
    await closed;
    const ids = written().map((line) => (JSON.parse(line) as CascadeEvent).id);
    expect(ids).toHaveLength(kept);
    expect(ids.at(-1)).toBe('mic/2999');
    expect(told.slice(1)).toEqual([`x: ${journal.dropped} events could not be written`]);
    expect(ids).toEqual(ids.toSorted((a, b) => Number(a.slice(4)) - Number(b.slice(4))));
  });
});

describe('catnap outbox and the audit', () => {
  it('list, retry and drop dead letters of a running process, and show what left', async () => {
    let refuse = true;
    const emulator = await Emulator.start(systemTimer, {
      thinkMs: 0,
      wordMs: 0,
      behave: () => (refuse ? { kind: 'reject', status: 422, retryAfterMs: null } : { kind: 'answer' }),
    });
    const published = new Published();
    const uplink = await uplinkTo(emulator.url, published, {}, { stateDir });
    const [kept, dropped] = [escalation({ transcript: 'a secret' }), escalation()];
    await uplink.offer(kept);
    await uplink.offer(dropped);
    await published.until((all) => all.of('undelivered').length === 2);
    const listed = catnap('outbox', 'list', '--json');
    expect(rowsOf(listed)).toMatchObject([
      { key: kept.key, death: { code: 'UPLINK_REJECTED' } },
      { key: dropped.key, death: { code: 'UPLINK_REJECTED' } },
    ]);
    expect(listed).not.toContain('secret');
    refuse = false;
    await inBackground('outbox', 'drop', dropped.key);
    await inBackground('outbox', 'retry');
    await published.until((all) => all.of('verdict').length === 1);
    expect(published.of('verdict')).toMatchObject([{ detection: kept.detection }]);
    expect(published.of('sent')).toMatchObject([
      { provider: 'cloud', parts: expect.arrayContaining(['transcript']) },
      {},
      { detection: kept.detection },
    ]);
    const audit = rowsOf(catnap('events', '--audit', '--json', '--source', 'mic'));
    expect(audit.map((row) => row.outcome)).toEqual(['rejected', 'rejected', 'answered']);
    await uplink.close(0);
    await emulator.close();
    expect(rowsOf(catnap('outbox', 'list', '--json'))).toEqual([]);
    expect(catnap('events', '--audit')).toContain('to cloud by rule "voice"');
    const [totals] = rowsOf(catnap('outbox', 'stats', '--json'));
    expect(totals).toMatchObject({ offered: 3, delivered: 1, dead: 2, sent: 3 });
    expect(Number(totals?.bytesWritten)).toBeGreaterThan(1_000);
  });
});

/** Not to block the process whose outbox it changes. */
async function inBackground(...args: string[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, [join(root, 'dist/cli.js'), ...args, '--state', stateDir], (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}
