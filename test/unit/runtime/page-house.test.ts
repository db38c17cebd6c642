import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { configSchema } from '../../../src/runtime/config.js';
import { PageHouse } from '../../../src/runtime/page-house.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

function houseOf(stateDir: string) {
  const changes: string[] = [];
  const page = new PageHouse({
    config: configSchema.parse({ stateDir, sources: [{ id: 'hall', kind: 'microphone' }] }),
    file: null,
    plans: [],
    bus: { history: () => [] },
    publish: () => {},
    exchange: async () => {},
    onMute: (source) => changes.push(source),
    onOffline: (isOffline) => changes.push(isOffline ? 'offline' : 'online'),
  });
  return { page, changes };
}

it('mutes what was muted where it cannot be read whether the cloud may be asked, and the other way round', () => {
  const stateDir = temporaryFolder();
  const [muted, offline] = [join(stateDir, 'muted.json'), join(stateDir, 'offline.json')];
  const kept = JSON.stringify({ version: 1, muted: [{ source: 'hall', until: null, by: 'anna' }] });
  const restored = () => {
    const { page, changes } = houseOf(stateDir);
    const errors: string[] = [];
    page.restore((where) => errors.push(where));
    return { changes, errors };
  };
  writeFileSync(muted, kept);
  writeFileSync(offline, '{');
  expect(restored()).toEqual({ changes: ['hall', 'offline'], errors: ['offline'] });
  writeFileSync(muted, '{');
  expect(restored()).toEqual({ changes: ['offline'], errors: ['mute', 'offline'] });
});
