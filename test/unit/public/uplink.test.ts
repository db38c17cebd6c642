import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../../src/index.js';
import { createUplink } from '../../../src/public/uplink.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { escalation, Published } from '../../support/uplink.js';

it('makes the uplink of a configuration with the time and the providers that Catnap has', async () => {
  const file = join(temporaryFolder(), 'catnap.yaml');
  writeFileSync(file, 'sources: [{ id: mic, kind: microphone }]\nuplink: { offline: true }\n');
  const { uplink: config } = await loadConfig(file);
  const published = new Published();
  const options = { publish: published.publish, run: 'run-1', stateDir: null };
  const uplink = await createUplink(config, options);
  const offered = escalation();
  await uplink.offer(offered);
  await published.until((all) => all.of('undelivered').length === 1);
  expect(published.of('undelivered')).toMatchObject([
    { detection: offered.detection, outcome: 'unanswered' },
  ]);
  await uplink.close(0);
});
