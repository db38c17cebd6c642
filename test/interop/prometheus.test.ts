import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/broker.js';
import { Daemon } from '../support/daemon.js';
import { Child } from '../support/serial.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool, root } from '../support/tools.js';

const examples = join(root, 'examples/prometheus');

/** Of the example for Grafana: what each panel asks, for all devices. */
const panels: readonly (readonly [title: string, asked: string])[] = JSON.parse(
  readFileSync(join(examples, 'grafana-dashboard.json'), 'utf8'),
).panels.flatMap(({ title, targets }: { title: string; targets: { expr: string }[] }) =>
  targets.map(({ expr }) => [title, expr.replaceAll('$instance', '.*')]),
);

/** A cloud that is not there costs nothing. */
const UNANSWERED = ['Money an hour'];

async function prometheusOf(target: string) {
  const folder = temporaryFolder();
  const file = join(folder, 'prometheus.yml');
  writeFileSync(
    file,
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [join(examples, 'alerts.yml')],
      scrape_configs: [{ job_name: 'catnap', static_configs: [{ targets: [target] }] }],
    }),
  );
  const at = `127.0.0.1:${await freePort()}`;
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${at}`];
  const process = new Child('prometheus', flags);
  const ask = async (what: string) => {
    const response = await fetch(`http://${at}/api/v1/${what}`);
    return (await response.json()) as { status: string; error?: string; data: Record<string, unknown> };
  };
  const found = async (query: string): Promise<number> => {
    const { status, error, data } = await ask(`query?query=${encodeURIComponent(query)}`);
    if (status !== 'success') throw new Error(`${query}: ${error}`);
    return (data.result as readonly unknown[]).length;
  };
  return { ask, found, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
}

describe.runIf(requireTool('dashboard and alerts before Prometheus itself', 'prometheus', 'promtool'))(
  'Prometheus',
  () => {
    it('takes the examples of alerts', () => {
      const said = execFileSync('promtool', ['check', 'rules', join(examples, 'alerts.yml')]).toString();
      expect(said).toContain('SUCCESS');
    });

    it('reads /metrics, has an answer to each panel of the dashboard, and no trouble with a rule', async () => {
      const daemon = Daemon.run(`
sources: [{ id: mic, kind: file, path: ${join(root, 'fixtures/voice/settled.wav')}, loop: true }]
uplink: { providers: [{ kind: plain, name: cloud, url: 'ws://127.0.0.1:${await freePort()}' }] }
dashboard: { port: 0 }
cascades: { voice: { kind: voice } }
`);
      try {
        await daemon.until(() => daemon.stderr.includes('dashboard at'), 'no dashboard');
        const target = /dashboard at http:\/\/([^/\s]+)/.exec(daemon.stderr)?.[1] ?? '';
        await using prometheus = await prometheusOf(target);
        const { found, ask } = prometheus;
        const patience = { timeout: 60_000 };
        await expect.poll(() => found('up == 1').catch(() => 0), patience).toBe(1);
        await daemon.event('settled');
        const unanswered = async () => {
          const counts = await Promise.all(panels.map(async ([title, asked]) => [title, await found(asked)]));
          return counts.flatMap(([title, count]) => (count === 0 ? [title] : []));
        };
        await expect.poll(unanswered, patience).toEqual(UNANSWERED);
        const { data } = await ask('rules');
        const [group] = data.groups as readonly { rules: readonly { name: string; health: string }[] }[];
        expect(group?.rules.map(({ health }) => health)).toEqual(group?.rules.map(() => 'ok'));
      } finally {
        await daemon.end();
      }
    });
  },
);
