import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wavOf } from '../../src/files/wav-header.js';
import { hearing, openBrowser, openPage, shotsDirectory } from '../support/browser.js';
import { Daemon, writeConfig } from '../support/daemon.js';
import { goldenPcm, recordingOf } from '../support/recordings.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool } from '../support/tools.js';

/** Somebody who says `alexa`, as a file. */
function saidAlexa(): string {
  const file = join(temporaryFolder(), 'alexa.wav');
  writeFileSync(file, wavOf(16_000, goldenPcm('settled').slice(16_000, 52_000)));
  return file;
}

/** The words of the owner's on the page of a Catnap that runs, on a phone. */
async function opened(browser: Browser, config: string) {
  const daemon = new Daemon(['run', '--json', config]);
  await daemon.until(() => /dashboard at http/.test(daemon.stderr), 'no dashboard');
  const url = /dashboard at (http:\S+)/.exec(daemon.stderr)?.[1] ?? '';
  const { page, complaints } = await openPage(browser, url, { width: 375, height: 740 });
  const words = page.locator('.own-words');
  await words.getByText('Words of your own').click();
  const lookAt = async (say: string) => {
    await words.getByLabel('Another word').fill(say);
    await words.getByRole('button', { name: 'What to expect' }).click();
  };
  return { daemon, page, complaints, words, lookAt };
}

describe.runIf(requireTool('words of one’s own on the page', 'chromium'))('the page’s own words', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser(hearing(saidAlexa()));
  });
  afterAll(() => browser.close());

  it('are typed, looked at, recorded, listened for, tried as they are said, and removed', async () => {
    const config = writeConfig(`
sources: [{ id: hall, kind: file, path: '${recordingOf('settled')}', realtime: true, loop: true }]
cascades: { voice: { kind: voice, tiny: { words: [{ say: operator }] }, utterance: { enabled: false } } }
dashboard: { port: 0 }
`);
    const { daemon, page, complaints, words, lookAt } = await opened(browser, config);
    await words.locator('[data-word="operator"]').getByText('believed from 0.50').waitFor();

    await lookAt('alexa');
    const outlook = words.locator('[data-outlook="alexa"]');
    await outlook.getByText(/Expect \d+ of 100 missed/).waitFor();
    expect(await outlook.locator('textarea').inputValue()).toContain('l ɛ k s');

    for (const count of [1, 2, 3]) {
      await outlook.getByRole('button', { name: `Record take ${count}` }).click();
      await outlook.getByText(`take ${count} of "alexa"`).waitFor();
    }
    const takes = join(dirname(config), 'takes/alexa');
    expect(existsSync(takes)).toBe(false);
    await outlook.getByRole('button', { name: 'Listen for it by 3 takes' }).click();
    await words.locator('[data-word="alexa"]').getByText('with takes').waitFor();
    expect(readdirSync(takes)).toEqual(['01.wav', '02.wav', '03.wav']);
    expect(statSync(join(takes, '01.wav')).mode & 0o077).toBe(0);
    expect(existsSync(join(dirname(config), 'state/fresh-takes'))).toBe(false);

    await words.getByRole('button', { name: 'Try a word' }).click();
    await words.locator('.trial li', { hasText: 'Alexa is heard' }).first().waitFor();
    await page.screenshot({ path: `${shotsDirectory}/own-words-phone.png`, fullPage: true });
    const overflows = await page.locator('html').evaluate((html) => html.scrollWidth > html.clientWidth);
    expect(overflows).toBe(false);

    await words.getByLabel('Remove alexa').click();
    await words.getByRole('button', { name: 'Remove it and the takes' }).click();
    await words.locator('[data-word="alexa"]').waitFor({ state: 'detached' });
    expect(existsSync(takes)).toBe(false);
    expect(readFileSync(config, 'utf8')).toContain('words: [ { say: operator } ]');

    // What nobody can read is recorded all the same, or said in IPA.
    await lookAt('你好');
    const unread = words.locator('[data-outlook="你好"]');
    for (const count of [1, 2, 3]) {
      await unread.getByRole('button', { name: `Record take ${count}` }).click();
      await unread.getByText(`take ${count} of "你好"`).waitFor();
    }
    await unread.getByRole('button', { name: 'Listen for it by 3 takes' }).click();
    await words.locator('[data-word="你好"]').getByText('with takes').waitFor();
    await unread.locator('textarea').fill('n i x aʊ');
    await unread.getByRole('button', { name: 'Said so' }).click();
    await words
      .locator('.outlook')
      .getByText(/Expect \d+ of 100 missed/)
      .waitFor();
    expect(complaints).toEqual([]);
    const asked = daemon.events.flatMap((event) => (event.type === 'command' ? [event.command] : []));
    expect(asked).toEqual([
      'take',
      'take',
      'take',
      'keep-takes',
      'remove-word',
      // That it was refused.
      'report-word',
      'take',
      'take',
      'take',
      'keep-takes',
    ]);
    await daemon.end();
  });

  it('tell beside what was asked why it is refused, and take out with a word what hangs on it', async () => {
    const config = writeConfig(`
sources: [{ id: hall, kind: file, path: '${recordingOf('settled')}', realtime: true, loop: true }]
cascades:
  voice:
    kind: voice
    tiny: { words: [{ say: operator }, { say: hey pumpkin }] }
    utterance: { enabled: false }
    leadsTo: { operator: office }
  office: { kind: voice, utterance: { enabled: false } }
dashboard: { port: 0 }
`);
    const { daemon, complaints, words, lookAt } = await opened(browser, config);

    const operator = words.locator('[data-word="operator"]');
    await operator.getByLabel('Remove operator').click();
    await operator.getByRole('alert').getByText('found cascades.voice.leadsTo.operator: office').waitFor();
    expect(readFileSync(config, 'utf8')).toContain('operator: office');
    await operator.getByRole('button', { name: 'Remove it and that with it' }).click();
    await operator.waitFor({ state: 'detached' });
    expect(readFileSync(config, 'utf8')).not.toContain('operator');

    // What is no word is none that anybody could record.
    await lookAt('🎃');
    await words.locator('.outlook').getByText('expected a word or phrase in letters, found').waitFor();
    expect(await words.getByRole('button', { name: 'Record take 1' }).count()).toBe(0);
    await lookAt('مرحبا');
    await words.getByRole('alert').getByText('Say here how it is said, in IPA, or record it.').waitFor();
    await words.getByRole('button', { name: 'Record take 1' }).waitFor();

    await lookAt('alexa');
    await words.getByText(/Expect \d+ of 100 missed/).waitFor();
    const written = readFileSync(config, 'utf8');
    writeFileSync(config, written.replace('dashboard:', 'dashbord:'));
    await words.getByRole('button', { name: 'Listen for it', exact: true }).click();
    await words.getByRole('alert').getByText('the configuration has to be mended on the device').waitFor();
    writeFileSync(config, written);
    await words.getByRole('button', { name: 'Listen for it', exact: true }).click();
    await words.locator('[data-word="alexa"]').waitFor();

    await lookAt('magnolia');
    await words.getByText(/Expect \d+ of 100 missed/).waitFor();
    await daemon.end();
    await lookAt('bergamot');
    await words.getByRole('alert').getByText('Look again when this page is connected').waitFor();
    expect(complaints.filter((complaint) => !/WebSocket|ERR_CONNECTION/.test(complaint))).toEqual([]);
  });

  it('say what to do where the browser gives no microphone', async () => {
    const config = writeConfig(`
sources: [{ id: hall, kind: file, path: '${recordingOf('settled')}', realtime: true, loop: true }]
cascades: { voice: { kind: voice, utterance: { enabled: false } } }
dashboard: { port: 0 }
`);
    // Without its flags a headless browser has no microphone, and lets nobody have one.
    await using deaf = await openBrowser();
    const { daemon, complaints, words, lookAt } = await opened(deaf, config);
    await lookAt('hey pumpkin');
    await words.getByRole('button', { name: 'Record take 1' }).click();
    await words.getByText(/This browser (may not use its|finds no) microphone.*record again/).waitFor();
    expect(await words.getByRole('button', { name: 'Record take 1' }).isEnabled()).toBe(true);
    expect(complaints).toEqual([]);
    await daemon.end();
  });
});
