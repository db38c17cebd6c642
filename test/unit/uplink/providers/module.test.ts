import { copyFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseConfig } from '../../../../src/config/load.js';
import { uplinkEdges } from '../../../../src/runtime/uplink-edges.js';
import { createUplink } from '../../../../src/uplink/uplink.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { root } from '../../../support/tools.js';
import { escalation, Published } from '../../../support/uplink.js';

interface Asked {
  readonly url: string | undefined;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

it('a far end of one’s own answers from the house, as the example shows', async () => {
  const asked: Asked[] = [];
  const house = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    asked.push({ url: request.url, ...JSON.parse(Buffer.concat(chunks).toString()) });
    const content = JSON.stringify({ label: 'weather', text: 'No rain today.' });
    const usage = { prompt_tokens: 90, completion_tokens: 12 };
    response.end(JSON.stringify({ choices: [{ message: { content } }], usage }));
  });
  await new Promise<void>((resolve) => house.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(house.address() as AddressInfo).port}`;
  const folder = temporaryFolder();
  copyFileSync(join(root, 'examples/own-far-end.mjs'), join(folder, 'own-far-end.mjs'));
  const { uplink: config } = parseConfig(
    `
sources: [{ id: mic, kind: microphone }]
uplink:
  providers: [{ kind: module, name: house, path: ./own-far-end.mjs, options: { url: '${url}' } }]
`,
    join(folder, 'catnap.yaml'),
  );
  const published = new Published();
  const edges = { ...uplinkEdges(folder), publish: published.publish, run: 'run-1', stateDir: null };
  const uplink = await createUplink(config, edges);
  await uplink.offer(escalation({ transcript: 'is it raining' }));
  await published.until((all) => all.of('verdict').length === 1);
  expect(published.of('verdict')).toMatchObject([
    { provider: 'house', label: 'weather', text: 'No rain today.', cost: { tokens: 102 } },
  ]);
  expect(asked).toMatchObject([
    { url: '/v1/chat/completions', messages: [{ role: 'system' }, { role: 'user' }] },
  ]);
  expect(asked[0]?.messages[1]?.content).toContain('is it raining');
  await uplink.close(0);
  house.close();
});
