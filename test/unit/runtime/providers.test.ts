import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.js';
import { createWayOut } from '../../../src/egress/way-out.js';
import { createBrokers } from '../../../src/runtime/brokers.js';
import type { Config } from '../../../src/runtime/config.js';
import { openActions } from '../../../src/runtime/configured-actions.js';
import { systemClock, systemTimer } from '../../../src/runtime/process/system-clock.js';
import { uplinkEdges } from '../../../src/runtime/uplink-edges.js';
import { createUplink } from '../../../src/uplink/uplink.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { root } from '../../support/tools.js';
import { escalation, Published } from '../../support/uplink.js';

const TOYS = ['toy-provider.mjs', 'toy-action.mjs'];

/** A folder with the toys in it, and a configuration beside them. */
function configured(provider: string, action: string): { config: Config; folder: string } {
  const folder = temporaryFolder();
  for (const toy of TOYS) copyFileSync(join(root, 'test/support/toys', toy), join(folder, toy));
  const text = `
sources: [{ id: mic, kind: microphone }]
actions: { dryRun: false }
uplink:
  providers: [${provider}]
  actions: { note: ${action} }
`;
  return { config: parseConfig(text, join(folder, 'catnap.yaml')), folder };
}

const provider = (more: string) => `{ kind: module, name: toy, ${more} }`;
const action = (more: string) => `{ kind: module, ${more} }`;
const PROVIDER = provider('path: ./toy-provider.mjs, options: { label: weather, action: note }');
const ACTION = action('path: ./toy-action.mjs, options: { file: notes.txt, line: "heard {what}" }');

function actionsOf({ config, folder }: ReturnType<typeof configured>) {
  const wayOut = createWayOut(false);
  return openActions(config, folder, systemTimer, {
    wayOut,
    broker: createBrokers(config, folder, wayOut, systemTimer).actions,
    clock: systemClock,
    sendToBoard: async () => {},
  });
}

async function started(where: ReturnType<typeof configured>) {
  const published = new Published();
  const uplink = await createUplink(where.config.uplink, {
    ...uplinkEdges(where.folder),
    publish: published.publish,
    run: 'run-1',
    stateDir: null,
    actions: await actionsOf(where),
  });
  return { published, uplink };
}

describe('a provider and an action from files of one’s own', () => {
  it('answer a question and do an action, like kinds that ship', async () => {
    const where = configured(PROVIDER, ACTION);
    const { published, uplink } = await started(where);
    await uplink.offer(escalation({ transcript: 'is it raining' }));
    await published.until((all) => all.of('action').length === 1);
    expect(published.of('verdict')).toMatchObject([
      {
        provider: 'toy',
        label: 'weather',
        text: 'toy heard is it raining',
        cost: { bytesUp: 13, tokens: 2 },
      },
    ]);
    expect(published.of('action')).toMatchObject([
      { action: 'note', outcome: 'done', detail: 'append "note: heard is it raining"' },
    ]);
    expect(readFileSync(join(where.folder, 'notes.txt'), 'utf8')).toBe('note: heard is it raining\n');
    await uplink.close(0);
  });

  it('are asked for their price and bounds, like kinds that ship', () => {
    const { config } = configured(
      provider('path: ./toy-provider.mjs, quality: 0.9, price: { perCall: 2 }'),
      ACTION,
    );
    expect(config.uplink.providers).toMatchObject([
      { quality: 0.9, price: { perCall: 2 }, maxOutputTokens: 512 },
    ]);
  });

  it.each([
    [
      'options that it refuses',
      provider('path: ./toy-provider.mjs, options: { label: 3 }'),
      /toy-provider\.mjs: options: .*label/s,
    ],
    [
      'a module of something else',
      provider('path: ./toy-action.mjs'),
      /expected an export "provider".*, found action exported/,
    ],
  ])('are refused at the start for %s', async (_what, broken, message) => {
    await expect(started(configured(broken, ACTION))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('are refused at the start for an action that could never be done', async () => {
    const where = configured(PROVIDER, action('path: ./toy-provider.mjs'));
    await expect(actionsOf(where)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/expected an export "action"/),
    });
  });
});

describe('a module that is not there', () => {
  it('is an error of the configuration, with its place', () => {
    expect(() => configured(provider('path: ./none.mjs'), action('path: ./nor-this.mjs'))).toThrow(
      /catnap\.yaml:5:\d+ uplink\.providers\.0\.path: expected a JavaScript module at .*none\.mjs, found none\n.*uplink\.actions\.note\.path: expected .*nor-this\.mjs, found none/,
    );
  });
});

describe('a kind of provider that there is none of', () => {
  it('is refused with those that there are', () => {
    expect(() => configured('{ kind: oracle, name: x }', ACTION)).toThrow(
      /uplink\.providers\.0\.kind: expected .*plain.*openai-realtime.*gemini-live.*module.*, found "oracle"/,
    );
  });
});
