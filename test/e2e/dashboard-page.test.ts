import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CatnapError } from '../../src/core/errors.js';
import type { RunCommand } from '../../src/dashboard/commands.js';
import { dashboardConfigSchema } from '../../src/dashboard/config.js';
import { startDashboard } from '../../src/dashboard/server.js';
import { createEventBus } from '../../src/events/bus.js';
import { systemTime } from '../../src/runtime/process/system-clock.js';
import { openBrowser, openPage, paintedShare, shotsDirectory } from '../support/browser.js';
import { NOBODY, serveDashboard } from '../support/dashboard.js';
import { gapEvent, healthEvent, levelReading } from '../support/events.js';
import { playHouse } from '../support/scripted-house.js';
import { requireTool } from '../support/tools.js';

const PATIENCE = { timeout: 120_000 };

const overflowsSideways = (page: Page): Promise<boolean> =>
  page.locator('html').evaluate((html) => html.scrollWidth > html.clientWidth);

describe.runIf(requireTool('the dashboard in a browser', 'chromium'))('the dashboard’s page', () => {
  let browser: Browser;
  beforeAll(async () => {
    await mkdir(shotsDirectory, { recursive: true });
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it('shows a late joiner the whole story, in light and dark, without an error or a stranger', async () => {
    await using served = await serveDashboard({ historyEvents: 500 });
    playHouse(served.bus, 90_000);
    for (const dark of [false, true]) {
      const { page, complaints, strangers } = await openPage(browser, served.dashboard.url, { dark });
      const answered = page.locator('[data-detection="k3"]');
      await answered.getByText('Answered').waitFor();
      await answered.getByText('quick-pickled on the side').waitFor();
      await page.locator('[data-detection="k2"]').getByText('timer.start').waitFor();
      await page.locator('[data-detection="k1"]').getByText('Refused', { exact: true }).waitFor();
      await page.locator('[data-source="pump"]').getByText('Unknown fault').waitFor();
      await page.getByText('Arbitration', { exact: true }).waitFor();
      await page.locator('[data-step="cloud"]').getByText('1', { exact: true }).waitFor();
      await page.locator('tr.idle').getByText('not counted above').waitFor();
      await expect
        .poll(() => paintedShare(page, 'Level of kitchen over its floor'), PATIENCE)
        .toBeGreaterThan(0.01);
      expect(await paintedShare(page, 'Channels of pump')).toBeGreaterThan(0.01);
      await page.screenshot({
        path: `${shotsDirectory}/scripted-${dark ? 'dark' : 'light'}.png`,
        fullPage: true,
      });
      expect(complaints).toEqual([]);
      expect(strangers).toEqual([]);
      await page.context().close();
    }
  });

  it.each([
    ['a phone', 375, 740, true],
    ['a tablet', 820, 1180, false],
    ['a desk', 1360, 1000, false],
  ])('fits %s, and on a narrow one events come before charts', async (name, width, height, dark) => {
    await using served = await serveDashboard({ historyEvents: 500 });
    playHouse(served.bus, 90_000);
    const { page } = await openPage(browser, served.dashboard.url, { width, height, dark });
    const answered = page.locator('[data-detection="k3"]');
    await answered.getByText('Answered').waitFor();
    await expect
      .poll(() => paintedShare(page, 'Tiny’s confidence on kitchen'), PATIENCE)
      .toBeGreaterThan(0.005);
    const shot = `${shotsDirectory}/scripted-${name.replaceAll(' ', '-')}.png`;
    await page.screenshot({ path: shot, fullPage: true });
    expect(await overflowsSideways(page)).toBe(false);
    const top = async (of: string) => (await page.locator(of).boundingBox())?.y ?? Number.NaN;
    const isAbove = (await top('[data-detection="k3"]')) < (await top('[data-source="kitchen"]'));
    expect(isAbove).toBe(width < 1080);
  });

  it('follows what happens: state, score, a gap, an answer as it streams', async () => {
    await using served = await serveDashboard({ historyEvents: 500 });
    playHouse(served.bus, 54_300);
    const { page } = await openPage(browser, served.dashboard.url);
    const asked = page.locator('[data-detection="k3"]');
    await asked.getByText('Asking the cloud').waitFor();
    for (const text of ['Egg fried', ' rice.']) {
      served.bus.publish({
        v: 1,
        type: 'answer-part',
        id: `u${text}`,
        measured: { wallTime: '2026-11-22T09:00:55.000Z', run: 'run-1', latencyMs: null },
        detection: 'k3',
        text,
      });
    }
    await asked.getByText('Egg fried rice.').waitFor();
    served.bus.telemetry({ ...levelReading('kitchen', 545), state: 'verifying' });
    await page.locator('[data-source="kitchen"]').getByText('Verifying').waitFor();
    served.bus.publish(gapEvent('kitchen', 9));
    await page.getByText('kitchen: 320 samples missing').waitFor();
    served.bus.publish({ ...gapEvent('office', 10), lostSamples: 0, reason: 'reset' });
    await page.getByText('office: it started again').waitFor();
    served.bus.publish(healthEvent('kitchen/source', 'down'));
    await page.getByText('Something is down').click();
    await expect.poll(() => page.locator('.popover').getByText('kitchen/source').isVisible()).toBe(true);
  });

  it('asks for a known fault to be forgotten, and says so where that is refused', async () => {
    const asked: unknown[] = [];
    const runCommand: RunCommand = async (command, by) => {
      asked.push(command, by);
      throw new CatnapError('USAGE', 'expected the name of a known fault, found "valve-closed"');
    };
    await using served = await serveDashboard({ historyEvents: 500 }, undefined, { runCommand });
    playHouse(served.bus, 90_000);
    const { page } = await openPage(browser, served.dashboard.url);
    await page.locator('[data-detection="p1"]').getByRole('button', { name: 'Forget' }).click();
    await page.getByRole('status').getByText('Not done: expected the name of a known fault').waitFor();
    expect(asked).toEqual([{ kind: 'forget-fault', source: 'pump', name: 'valve-closed' }, '127.0.0.1']);
  });

  it.each([
    ['light', 1360, false],
    ['dark', 1360, true],
    ['a phone', 375, true],
  ])('lists what each name of a fault stands for, in %s', async (name, width, dark) => {
    const last = { wallTime: '2026-11-22T09:01:01.100Z', detection: 'run-1/p1' };
    const unnamed = { name: null, looks: ['Current up (88%)'], seen: 1, last: null };
    const faults = [
      {
        name: 'valve-closed',
        looks: ['Flow down (61%), Pressure up (30%), Current up (6%)', 'Flow down (74%), Pressure up (19%)'],
        seen: 4,
        last,
      },
      { name: 'a bearing that runs hot', looks: ['Temperature up (97%)'], seen: 0, last: null },
      ...Array.from({ length: 7 }, (_, at) => ({ ...unnamed, looks: [`Current up (${80 + at}%)`] })),
    ];
    const runCommand: RunCommand = async () => ({ detail: '', faults, isQuestion: true });
    await using served = await serveDashboard({ historyEvents: 500 }, undefined, { runCommand });
    playHouse(served.bus, 90_000);
    const { page, complaints } = await openPage(browser, served.dashboard.url, { width, dark });
    const list = page.locator('[data-source="pump"] .faults');
    await list.getByText('Faults and their names').click();
    await list.getByText(/^2 examples · seen 4 times lately, last /).waitFor();
    await list.getByText('1 example · not seen lately').waitFor();
    await list.getByText('And 2 more without a name').waitFor();
    // What was told so long ago that nobody remembers it, the page cannot name.
    expect(await list.getByRole('button', { name: 'Name it' }).count()).toBe(0);
    await list.getByLabel('Rename valve-closed').click();
    await list.getByLabel('New name of valve-closed').waitFor();
    const shot = `${shotsDirectory}/faults-${name.replaceAll(' ', '-')}.png`;
    await page.locator('[data-source="pump"]').screenshot({ path: shot });
    expect(await overflowsSideways(page)).toBe(false);
    expect(complaints).toEqual([]);
  });

  it('has a sensor learn again, in two steps', async () => {
    const asked: unknown[] = [];
    const runCommand: RunCommand = async (command) => {
      asked.push(command);
      return { detail: 'learns again from now on' };
    };
    await using served = await serveDashboard({ historyEvents: 500 }, undefined, { runCommand });
    playHouse(served.bus, 20_000);
    const { page } = await openPage(browser, served.dashboard.url);
    const pump = page.locator('[data-source="pump"]');
    await pump.getByText('Learn again').click();
    expect(asked).toEqual([]);
    await pump.getByRole('button', { name: 'Forget what is normal' }).click();
    await expect.poll(() => asked, PATIENCE).toEqual([{ kind: 'learn-again', source: 'pump' }]);
  });

  it('says what happens in a line an event, and what may be said', async () => {
    await using served = await serveDashboard({ historyEvents: 500 });
    playHouse(served.bus, 20_000);
    const { page } = await openPage(browser, served.dashboard.url);
    await page.getByText('What you can say').click();
    await page.getByText('set a timer for {minutes}').waitFor();
    await page.getByRole('heading', { name: 'attic' }).waitFor();
    served.bus.publish(healthEvent('kitchen/source', 'down'));
    await page.locator('[data-glance="kitchen"]').getByText('Deaf').waitFor();
    const line = page.locator('[aria-live="polite"]');
    await expect.poll(() => line.innerText(), PATIENCE).toBe('kitchen/source is down: unplugged');
  });

  it('tells the values under the pointer of every chart, at wall time', async () => {
    await using served = await serveDashboard({ historyEvents: 500 });
    playHouse(served.bus, 90_000);
    const { page } = await openPage(browser, served.dashboard.url);
    const charts = [
      ['Level of kitchen over its floor', /^\d\d:\d\d:\d\d\s+level -?\d+\.\d dB, usual noise -?\d+\.\d dB$/],
      ['Tiny’s confidence on kitchen', /^\d\d:\d\d:\d\d\s+(\d\.\d\d|–)$/],
      ['Channels of pump', /^\d\d:\d\d:\d\d\s+(-?\d+\.\d\d(, )?){6}$/],
      ['Tiny’s confidence on pump', /^\d\d:\d\d:\d\d\s+(\d\.\d\d|–)$/],
    ] as const;
    expect(await page.getByRole('img').count()).toBe(charts.length);
    for (const [label, said] of charts) {
      const chart = page.getByRole('img', { name: label });
      await expect.poll(() => paintedShare(page, label), PATIENCE).toBeGreaterThan(0.001);
      await chart.hover();
      await expect.poll(() => chart.locator('.readout').innerText(), PATIENCE).toMatch(said);
    }
  });

  it('shows the score of a word that is tried beside what it needs, and what came of it', async () => {
    await using served = await serveDashboard({ historyEvents: 500 });
    playHouse(served.bus, 10_000);
    const { page } = await openPage(browser, served.dashboard.url);
    const kitchen = page.locator('[data-source="kitchen"]');
    await kitchen.getByRole('button', { name: 'Try a word' }).click();
    // A page that is behind is not given every reading.
    await expect
      .poll(() => {
        served.bus.telemetry({ ...levelReading('kitchen', 101), confidence: 0.42 });
        return kitchen.getByText('Say a wake word: 0.42 of 0.').count();
      }, PATIENCE)
      .toBe(1);
    const trail = [
      { kind: 'accept', stage: 'wake-tiny', label: 'computer', confidence: 0.97, score: 0.97 },
    ] as const;
    served.bus.publish({
      v: 1,
      type: 'noticed',
      id: 'kitchen/900',
      measured: { wallTime: '2026-11-22T09:00:10.500Z', run: 'run-1', latencyMs: null },
      source: 'kitchen',
      sample: 168_000,
      atMs: 10_500,
      detection: 'tried',
      label: 'computer',
      trail: trail.map((entry) => ({ ...entry, sample: 168_000, contributions: [], measured: null })),
    });
    await kitchen.locator('.trial li').getByText('Computer').waitFor();
    await kitchen.locator('.trial li').getByText('0.97').waitFor();
    await kitchen.getByRole('button', { name: 'Try a word' }).click();
    await expect.poll(() => kitchen.locator('.trial').count(), PATIENCE).toBe(0);
  });

  it('shows a source that appears later, and what it does not know yet', async () => {
    await using served = await serveDashboard();
    const { page, complaints } = await openPage(browser, served.dashboard.url);
    await page.getByText('Waiting for the first source').waitFor();
    await page.getByText('It naps until something matters').waitFor();
    served.bus.telemetry({
      ...levelReading('hall', 1),
      levelDb: Number.NEGATIVE_INFINITY,
      state: 'pondering',
    });
    await page.locator('[data-source="hall"]').getByText('Pondering').waitFor();
    expect(complaints).toEqual([]);
  });

  it('says that nothing was sent where there is no cloud', async () => {
    await using served = await serveDashboard();
    served.bus.telemetry(levelReading('hall', 1));
    const { page } = await openPage(browser, served.dashboard.url);
    const figure = page.locator('.figure', { hasText: 'Sent to the cloud' });
    await figure.getByText('no cloud: nothing leaves').waitFor();
    expect(await figure.locator('.figure-value').innerText()).toBe('0');
  });

  it('filters events and remembers the chosen theme', async () => {
    await using served = await serveDashboard({ historyEvents: 500 });
    playHouse(served.bus, 90_000);
    const { page } = await openPage(browser, served.dashboard.url);
    await page.getByRole('button', { name: 'Refused' }).click();
    await expect.poll(() => page.locator('.entries > li').count(), PATIENCE).toBe(1);
    await page.getByRole('button', { name: 'Dark theme' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Light theme' }).waitFor();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  });

  it('says that the connection is lost, and is whole again when Catnap is back', async () => {
    const first = await serveDashboard();
    playHouse(first.bus, 30_000);
    const { page } = await openPage(browser, first.dashboard.url);
    await page.locator('[data-detection="k1"]').waitFor();
    const { port } = first.dashboard;
    await first[Symbol.asyncDispose]();
    await page.getByText('Connection lost').waitFor();
    const bus = createEventBus({ historyEvents: 100 });
    const config = dashboardConfigSchema.parse({ port });
    const second = await startDashboard({
      ...systemTime,
      config,
      bus,
      ...NOBODY,
      run: 'run-2',
      version: '0.0.0',
    });
    try {
      playHouse(bus, 13_000);
      await page.getByText('All well').waitFor();
      await expect.poll(() => page.locator('.detection').count(), PATIENCE).toBe(1);
    } finally {
      await second.close();
    }
  });
});
