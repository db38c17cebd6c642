import { mkdir } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, openPage } from '../support/browser.js';
import { serveDashboard } from '../support/dashboard.js';
import { playHouse } from '../support/scripted-house.js';
import { requireTool, root } from '../support/tools.js';

const shots = process.env.CATNAP_SCREENSHOTS ?? `${root}build/screenshots`;

describe.runIf(requireTool('the dashboard in a browser', 'chromium'))('the dashboard’s page', () => {
  let browser: Browser;
  beforeAll(async () => {
    await mkdir(shots, { recursive: true });
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it('shows a late joiner the whole story, and no error', async () => {
    await using served = await serveDashboard({ historyEvents: 500 });
    playHouse(served.bus, 90_000);
    const { page, complaints, strangers } = await openPage(browser, served.dashboard.url);
    await page.getByText('Answered').first().waitFor();
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${shots}/scripted-light.png`, fullPage: true });
    const dark = await openPage(browser, served.dashboard.url, { dark: true });
    await dark.page.getByText('Answered').first().waitFor();
    await dark.page.waitForTimeout(400);
    await dark.page.screenshot({ path: `${shots}/scripted-dark.png`, fullPage: true });
    const phone = await openPage(browser, served.dashboard.url, { width: 390, height: 844 });
    await phone.page.getByText('Answered').first().waitFor();
    await phone.page.waitForTimeout(400);
    await phone.page.screenshot({ path: `${shots}/scripted-phone.png`, fullPage: true });
    expect(complaints).toEqual([]);
    expect(strangers).toEqual([]);
  });
});
