import { type Browser, chromium, type Page } from 'playwright-core';
import { root } from './tools.js';

/** Where tests leave pictures of what they saw. */
export const shotsDirectory = process.env.CATNAP_SCREENSHOTS ?? `${root}build/screenshots`;

const PATIENCE_MS = 120_000;

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What has a browser hear a recording, which it plays over and over, and ask nobody whether it may. */
export const hearing = (path: string): readonly string[] => [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-audio-capture=${path}`,
];

/** Debian's Chromium, headless and quiet on the network. */
export function openBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: [...FLAGS, ...more] });
}

export interface OpenPage {
  readonly page: Page;
  /** Errors and policy violations the page has reported so far. */
  readonly complaints: readonly string[];
  /** Addresses outside the dashboard it asked for. */
  readonly strangers: readonly string[];
}

/** Opens an address in a window of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  look: { readonly dark?: boolean; readonly width?: number; readonly height?: number } = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1360, height: look.height ?? 1000 },
    colorScheme: look.dark === true ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  // A machine that also runs other suites is slow, and slowness is not what these tests are about.
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  const strangers: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) strangers.push(request.url());
  });
  await page.goto(url);
  return { page, complaints, strangers };
}

/** Share of the pixels of the first chart of that label that are painted. */
export function paintedShare(page: Page, label: string | RegExp): Promise<number> {
  return page
    .getByRole('img', { name: label })
    .first()
    .evaluate((host) => {
      const canvas = host.querySelector('canvas');
      const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      let painted = 0;
      for (let index = 3; index < pixels.length; index += 4) if (pixels[index] !== 0) painted += 1;
      return painted / Math.max(1, pixels.length / 4);
    });
}
