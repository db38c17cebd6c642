import { mkdir } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, openPage, paintedShare, shotsDirectory } from '../support/browser.js';
import { startCatnap } from '../support/catnap-process.js';
import { requireTool } from '../support/tools.js';

/** The recordings play in real time, and the machine may be busy. */
const PATIENCE = { timeout: 200_000 };
const TEST_MS = 500_000;

describe.runIf(requireTool('npm start in a browser', 'chromium'))('npm start', () => {
  let browser: Browser;
  beforeAll(async () => {
    await mkdir(shotsDirectory, { recursive: true });
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it(
    'shows a visitor the whole cascade at work on the bundled recordings',
    async () => {
      await using catnap = await startCatnap('npm', ['start', '--', '--port', '0']);
      const { page, complaints, strangers } = await openPage(browser, catnap.url);
      await expect.poll(() => paintedShare(page, /^Level of/), PATIENCE).toBeGreaterThan(0.01);
      await expect.poll(() => paintedShare(page, /^Tiny’s confidence on/), PATIENCE).toBeGreaterThan(0.005);

      const card = (outcome: string) => page.locator(`.detection[data-outcome="${outcome}"]`).first();
      for (const outcome of ['settled', 'answered', 'refused']) await card(outcome).waitFor(PATIENCE);
      const settled = page
        .locator('.detection[data-outcome="settled"]')
        .filter({ has: page.locator('.transcript') })
        .first();
      expect(await settled.locator('.transcript').innerText()).toMatch(/\w+/);
      expect(await settled.locator('.chip').first().innerText()).toMatch(/\w+/);
      for (const stage of ['Tiny', 'Heavy', 'Speech', 'Recogniser']) {
        await settled.locator('.waterfall').getByRole('rowheader', { name: stage }).waitFor();
      }
      expect(await settled.locator('.card-foot').innerText()).toMatch(/mJ|J/);

      for (const stage of ['gate', 'tiny', 'heavy', 'endpointer', 'recogniser']) {
        const row = page.locator(`tr[data-stage="${stage}"]`);
        const calls = await row.locator('td').first().innerText();
        expect(Number(calls.replaceAll(',', ''))).toBeGreaterThan(0);
        expect(await row.innerText()).toMatch(/J\s*modelled|J\s*measured/);
      }
      const sensor = (source: string) => page.locator(`[data-source="${source}"]`);
      await sensor('motor').getByText('Unknown fault').waitFor(PATIENCE);
      await sensor('motor').getByText('spectrum 500-1000 Hz').waitFor(PATIENCE);
      await sensor('pump').getByText('Known fault', { exact: true }).waitFor(PATIENCE);
      await page.locator('tr.idle').getByText('not counted above').waitFor();
      expect(Number(await page.locator('[data-step="cloud"] .number').first().innerText())).toBeGreaterThan(
        0,
      );

      await page.screenshot({ path: `${shotsDirectory}/dashboard-light.png` });
      // Without a graphics card a page that is open keeps a core busy.
      await page.close();
      const dark = await openPage(browser, catnap.url, { dark: true });
      await dark.page.locator('.detection').first().waitFor();
      await expect.poll(() => paintedShare(dark.page, /^Level of/), PATIENCE).toBeGreaterThan(0.01);
      await dark.page.screenshot({ path: `${shotsDirectory}/dashboard-dark.png` });
      await dark.page.close();
      const phone = await openPage(browser, catnap.url, { width: 390, height: 844 });
      await phone.page.locator('.detection').first().waitFor();
      await expect.poll(() => paintedShare(phone.page, /^Level of/), PATIENCE).toBeGreaterThan(0.01);
      await phone.page.screenshot({ path: `${shotsDirectory}/dashboard-phone.png` });

      expect(complaints).toEqual([]);
      expect(strangers).toEqual([]);
    },
    TEST_MS,
  );
});
