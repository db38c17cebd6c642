import { cpSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, openPage } from '../support/browser.js';
import { catnap } from '../support/cli.js';
import { Daemon, writeConfig } from '../support/daemon.js';
import { visit } from '../support/dashboard.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool, root } from '../support/tools.js';

const HOUSE = `sources: [{ id: kitchen, kind: file, path: ${root}fixtures/demo/voice.wav, loop: true }]
dashboard: { port: 0 }
journal: { flushMs: 50 }
uplink: { offline: true }
`;

const PUMP = `sources: [{ id: pump, kind: serial-recording, path: ${root}fixtures/demo/pump.bridge, speed: 60, loop: true }]
dashboard: { port: 0 }
uplink: { offline: true }
`;

async function addressOf(daemon: Daemon): Promise<string> {
  await daemon.until(() => /dashboard at http/.test(daemon.stderr), 'no dashboard');
  return /dashboard at (http:\S+)/.exec(daemon.stderr)?.[1] ?? '';
}

describe.runIf(requireTool('what the page does', 'chromium'))('the page of a running Catnap', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it('mutes a source until it is unmuted, over a restart, and the journal says who asked', async () => {
    const stateDir = temporaryFolder();
    const first = Daemon.run(HOUSE, { stateDir });
    const { page, complaints } = await openPage(browser, await addressOf(first));
    const kitchen = page.locator('[data-source="kitchen"]');
    await first.event('noticed');
    await kitchen.getByLabel('Mute kitchen').click();
    await kitchen.getByRole('button', { name: 'Until I say' }).click();
    await kitchen.getByText('Muted until you say').waitFor();
    await page.locator('.line-title').getByText('Mute kitchen').waitFor();
    const began = await first.event('gap', ({ reason }) => reason === 'muted');
    expect(began.lostSamples).toBe(0);
    expect(await first.health('kitchen/mute', 'down')).toMatchObject({ code: 'OK' });
    expect(await first.event('command')).toMatchObject({
      command: 'mute',
      source: 'kitchen',
      outcome: 'done',
    });
    await page.context().close();
    first.kill('SIGTERM');
    expect(await first.exit()).toBe(0);
    expect(complaints).toEqual([]);

    const second = Daemon.run(HOUSE, { stateDir });
    const again = await openPage(browser, await addressOf(second));
    const muted = again.page.locator('[data-source="kitchen"]');
    await muted.getByText('Muted until you say').waitFor();
    await second.event('gap', ({ reason }) => reason === 'muted');
    await muted.getByRole('button', { name: 'Listen again' }).click();
    await muted.getByText('Napping').or(muted.getByText('Hearing')).waitFor();
    const ended = await second.event(
      'gap',
      ({ reason, lostSamples }) => reason === 'muted' && lostSamples > 0,
    );
    const whileMuted = second.events.slice(0, second.events.indexOf(ended)).map(({ type }) => type);
    expect(whileMuted).not.toContain('noticed');
    expect(ended.source).toBe('kitchen');
    await second.health('kitchen/mute', 'ok');
    await second.event('noticed');
    await second.end();
  });

  it('asks no cloud once somebody says so, until somebody says otherwise', async () => {
    const cloud = HOUSE.replace(
      'offline: true',
      'providers: [{ kind: plain, name: cloud, url: ws://127.0.0.1:9 }]',
    );
    const daemon = Daemon.run(cloud);
    const { page } = await openPage(browser, await addressOf(daemon));
    await page.getByRole('button', { name: 'Offline', pressed: false }).click();
    await page.getByText('offline: nothing leaves').waitFor();
    await daemon.health('uplink/offline', 'down');
    await page.getByRole('button', { name: 'Offline', pressed: true }).click();
    await page.getByRole('button', { name: 'Offline', pressed: false }).waitFor();
    await daemon.health('uplink/offline', 'ok');
    await daemon.end();
  });

  it('listens again by itself when the time is over', async () => {
    const daemon = Daemon.run(HOUSE);
    const url = await addressOf(daemon);
    using visitor = await visit(`${url.replace('http', 'ws')}/live`);
    await daemon.event('noticed');
    const command = { kind: 'mute', source: null, forMs: 2000 };
    visitor.socket.send(JSON.stringify({ type: 'command', id: 1, command }));
    await visitor.until(({ type }) => type === 'done');
    await daemon.health('kitchen/mute', 'down');
    await daemon.health('kitchen/mute', 'ok');
    await daemon.event('gap', ({ reason, lostSamples }) => reason === 'muted' && lostSamples > 0);
    const last = await visitor.until((message) => message.type === 'muted' && message.muted.length === 0);
    expect(last).toMatchObject({ type: 'muted', muted: [] });
    await daemon.end();
  });

  it('keeps what somebody says of an event, over a restart, for the command line too', async () => {
    const stateDir = temporaryFolder();
    const first = Daemon.run(HOUSE, { stateDir });
    const { page, complaints } = await openPage(browser, await addressOf(first));
    await page.getByText('All well').click();
    await page.getByLabel('Your name in the journal').fill('Anna');
    const { detection, measured } = await first.event('verified');
    const card = page.locator(`[data-detection="${detection}"]`);
    await card.getByRole('button', { name: 'Right' }).click();
    await first.event('label', ({ verdict }) => verdict === 'right');
    await card.getByRole('button', { name: 'Wrong' }).click();
    await card.getByLabel('What was it?').fill('television');
    await card.getByRole('button', { name: 'Keep' }).click();
    const label = await first.event('label', ({ was }) => was === 'television');
    expect(label).toMatchObject({ verdict: 'wrong', source: 'kitchen', by: 'Anna (127.0.0.1)' });
    expect(label.detection).toBe(`${measured?.run}/${detection}`);
    // What was said is held against how sure the stages were, once the journal has it.
    const kitchen = page.locator('[data-source="kitchen"]');
    await kitchen.getByText('What if it were stricter?').click();
    const reliable = kitchen.locator('.reliability');
    const kept = () => catnap(['events', '--state', stateDir, '--outcome', 'wrong']).stdout;
    await expect.poll(kept, { timeout: 30_000, interval: 500 }).toContain('television');
    await reliable.getByRole('button').click();
    await reliable.getByText(/^wake-heavy was \d+% sure and \d+% right, of \d+ labelled/).waitFor();
    await page.context().close();
    first.kill('SIGTERM');
    expect(await first.exit()).toBe(0);
    expect(complaints).toEqual([]);
    expect(catnap(['events', 'reliability', '--state', stateDir]).stdout).toMatch(
      /^kitchen: wake-heavy was \d+% sure and \d+% right/m,
    );

    expect(kept()).toMatch(/label {2}kitchen .* wrong {2}television {2}Anna \(127\.0\.0\.1\)/);
    const second = Daemon.run(HOUSE, { stateDir });
    const again = await openPage(browser, await addressOf(second));
    const remembered = again.page
      .locator(`[data-detection="${detection}"]`)
      .filter({ hasText: 'television' });
    await remembered.getByText('Wrong: television').waitFor();
    await second.end();
  });

  it('shows what the command line and a labelled folder say, at once and over a restart', async () => {
    const [stateDir, folder] = [temporaryFolder(), temporaryFolder()];
    const house = `${HOUSE}clips: { enabled: true }\n`;
    const first = Daemon.run(house, { stateDir });
    const { page, complaints } = await openPage(browser, await addressOf(first));
    const { detection, file, measured } = await first.event('clip');
    const told = async (...said: string[]) => {
      const run = () => catnap(['events', 'label', '--state', stateDir, ...said]).status;
      await expect.poll(run, { timeout: 30_000, interval: 500 }).toBe(0);
    };
    const card = page.locator(`[data-detection="${detection}"]`).first();
    mkdirSync(join(folder, 'radio'));
    cpSync(join(stateDir, 'clips', file), join(folder, 'radio', file));
    await told('--folder', folder);
    await card.getByText('Wrong: radio').waitFor();
    await told(`${measured?.run}/${detection}`, 'television');
    await card.getByText('Wrong: television').waitFor();
    await page.context().close();
    first.kill('SIGTERM');
    expect(await first.exit()).toBe(0);
    expect(complaints).toEqual([]);
    const second = Daemon.run(house, { stateDir });
    const again = await openPage(browser, await addressOf(second));
    await again.page.getByText('Wrong: television').waitFor();
    await second.end();
  });

  it('says what a stricter threshold would have made of the journal, goes by it, and takes it back', async () => {
    const config = writeConfig(HOUSE);
    const daemon = new Daemon(['run', '--json', config]);
    const { page, complaints } = await openPage(browser, await addressOf(daemon));
    const kitchen = page.locator('[data-source="kitchen"]');
    await daemon.event('settled');
    // While nothing is heard the journal is the same for the page and the command line.
    await kitchen.getByLabel('Mute kitchen').click();
    await kitchen.getByRole('button', { name: 'Until I say' }).click();
    await kitchen.getByText('Muted until you say').waitFor();
    await daemon.event('gap', ({ reason }) => reason === 'muted');
    await kitchen.getByText('What if it were stricter?').click();
    const slider = kitchen.getByRole('slider', { name: 'Believed from' });
    const inForce = await slider.getAttribute('aria-valuetext');
    await slider.press('End');
    const told = kitchen.locator('.what-if output');
    await told.getByText(/^In the last 7 days, of \d+ wakes?: [1-9]\d* fewer/).waitFor();
    const asked = ['what-if', '--set', 'heavy.accept=0.9999', '--since', '7d', '--source', 'kitchen'];
    const [said] = catnap([...asked, '--config', config]).stdout.split('\n');
    expect(await told.textContent()).toBe(`In the last 7 days, ${said}`);
    await kitchen.getByRole('button', { name: 'Listen again' }).click();
    await kitchen.getByRole('button', { name: 'Apply' }).click();
    const applied = await daemon.event('command', ({ command }) => command === 'threshold');
    expect(applied).toMatchObject({ source: 'kitchen', outcome: 'done' });
    expect(applied.detail).toMatch(/^heavy accept .* 0\.9999\b.* it was 0\.\d+$/);
    await daemon.event('refused', ({ reasons, trail }) => {
      const last = trail.at(-1);
      return (
        reasons.includes('uncertain') && last?.kind === 'uncertain' && last.thresholds?.accept === 0.9999
      );
    });
    await kitchen.getByRole('button', { name: 'Undo the last' }).click();
    const undone = await daemon.event('command', ({ command }) => command === 'undo-threshold');
    expect(undone).toMatchObject({ outcome: 'done' });
    expect(Number(/is (\S+) again/.exec(undone.detail)?.[1])).toBeCloseTo(Number(inForce), 3);
    const undoneAt = daemon.events.indexOf(undone);
    await daemon.event('verified', (event) => daemon.events.indexOf(event) > undoneAt);
    expect(complaints).toEqual([]);
    await daemon.end();
  });

  it('plays what was heard, where it is kept, and keeps it for its owner alone', async () => {
    const stateDir = temporaryFolder();
    const daemon = Daemon.run(`${HOUSE}clips: { enabled: true }\n`, { stateDir });
    const { page, complaints } = await openPage(browser, await addressOf(daemon));
    const { detection, file, bytes } = await daemon.event('clip');
    const kept = statSync(join(stateDir, 'clips', file));
    expect([kept.mode & 0o777, kept.size]).toEqual([0o600, bytes]);
    const card = `[data-detection="${detection}"]`;
    await page.locator(`${card} audio`).waitFor();
    const seconds = await page.evaluate<number>(`(async () => {
      const audio = document.querySelector('${card} audio');
      audio.muted = true;
      await audio.play();
      const sought = new Promise((resolve) => audio.addEventListener('seeked', resolve, { once: true }));
      audio.currentTime = audio.duration / 2;
      await sought;
      return audio.duration;
    })()`);
    expect(seconds).toBeCloseTo((bytes - 44) / 32_000, 2);
    rmSync(join(stateDir, 'clips', file));
    await page.reload();
    await page.locator(`${card} audio`).waitFor();
    await page.evaluate(`document.querySelector('${card} audio').play().catch(() => {})`);
    await page.locator(card).getByText('not kept any more').waitFor();
    expect(complaints.filter((each) => !each.includes('404'))).toEqual([]);
    await daemon.end();
  });

  it('plays what was almost noticed, where that is asked for, and takes what somebody says of it', async () => {
    const near = HOUSE.replace('demo/voice.wav', 'voice/near-misses.wav');
    const daemon = Daemon.run(`${near}clips: { enabled: true, of: almost-noticed }\n`);
    const { page, complaints } = await openPage(browser, await addressOf(daemon));
    const { detection } = await daemon.event('clip');
    const missed = await daemon.event('near-miss', ({ id }) => id === detection);
    const card = page.locator(`[data-detection="${detection}"]`);
    await card.getByText(`Was it ${missed.label}?`).waitFor();
    const seconds = await page.evaluate<number>(`(async () => {
      const audio = document.querySelector('[data-detection="${detection}"] audio');
      audio.muted = true;
      await audio.play();
      return audio.duration;
    })()`);
    expect(seconds).toBeGreaterThan(1.5);
    await card.getByRole('button', { name: 'Wrong' }).click();
    expect(await daemon.event('label')).toMatchObject({
      detection: `${missed.measured?.run}/${detection}`,
      nearMiss: true,
      verdict: 'wrong',
      label: missed.label,
    });
    expect(complaints).toEqual([]);
    await daemon.end();
  });

  it('names the fault of a sensor, for the command line too', async () => {
    const stateDir = temporaryFolder();
    const daemon = Daemon.run(PUMP, { stateDir });
    const { page, complaints } = await openPage(browser, await addressOf(daemon));
    const { detection } = await daemon.event('verified');
    const card = page.locator(`[data-detection="${detection}"]`);
    await card.getByRole('button', { name: 'Name this fault' }).click();
    await card.getByLabel('Name of this fault').fill('valve shut');
    await card.getByRole('button', { name: 'Keep' }).click();
    await daemon.event('command', ({ command, outcome }) => command === 'name-fault' && outcome === 'done');
    const { known } = JSON.parse(catnap(['faults', 'list', 'pump', '--state', stateDir, '--json']).stdout);
    expect(known).toEqual([expect.objectContaining({ name: 'valve shut' })]);
    expect(complaints).toEqual([]);
    await daemon.end();
  });

  it('names, renames and forgets the faults of a sensor by their list', async () => {
    const stateDir = temporaryFolder();
    const daemon = Daemon.run(PUMP, { stateDir });
    const { page, complaints } = await openPage(browser, await addressOf(daemon));
    const done = (kind: string) =>
      daemon.event('command', ({ command, outcome }) => command === kind && outcome === 'done');
    const known = (): readonly { readonly name: string }[] =>
      JSON.parse(catnap(['faults', 'list', 'pump', '--state', stateDir, '--json']).stdout).known;
    const list = page.locator('[data-source="pump"] .faults');
    await list.getByText('Faults and their names').click();
    await list.getByText('None so far.').waitFor();
    await daemon.event('verified');
    const unnamed = list.locator('[data-fault=""]').first();
    await unnamed.getByText(/ (up|down) \(\d+%\)/).waitFor();
    await unnamed.getByRole('button', { name: 'Name it' }).click();
    await unnamed.getByLabel('Name of this fault').fill('valve shut');
    await unnamed.getByRole('button', { name: 'Keep' }).click();
    await done('name-fault');
    const named = list.locator('[data-fault="valve shut"]');
    await named.getByText(/^1 example · seen \d+ times? lately, last \d/).waitFor();
    expect(known()).toEqual([expect.objectContaining({ name: 'valve shut' })]);

    await named.getByLabel('Rename valve shut').click();
    await named.getByLabel('New name of valve shut').fill('gate');
    await named.getByRole('button', { name: 'Keep' }).click();
    await done('rename-fault');
    await list.locator('[data-fault="gate"]').waitFor();
    await named.waitFor({ state: 'detached' });
    expect(known()).toEqual([expect.objectContaining({ name: 'gate' })]);

    await list.getByLabel('Forget gate').click();
    await done('forget-fault');
    await list.locator('[data-fault="gate"]').waitFor({ state: 'detached' });
    expect(known()).toEqual([]);
    expect(complaints).toEqual([]);
    await daemon.end();
  });
});
