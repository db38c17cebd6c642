import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../../src/dashboard/metrics.js';
import { createEventBus } from '../../../src/events/bus.js';
import { root } from '../../support/tools.js';

const example = (name: string) => readFileSync(join(root, 'examples/prometheus', name), 'utf8');
const namesIn = (text: string) => [...new Set(text.match(/catnap_[a-z_]+/gu))];

const rendered = () =>
  createMetrics(createEventBus({ historyEvents: 1 } as never), '1.2.3', () => null).render();

/** Names that `/metrics` tells of. */
async function told(): Promise<ReadonlySet<string>> {
  const text = await rendered();
  return new Set([...text.matchAll(/^# TYPE (\S+)/gmu)].map(([, name]) => name as string));
}

describe('what Prometheus is told', () => {
  it('is what runs, and what the process takes of the machine', async () => {
    const text = await rendered();
    expect(text).toContain(`catnap_build_info{version="1.2.3",node="${process.versions.node}"} 1`);
    const found = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'mu').exec(text)?.[1]);
    expect(found('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(found('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(Math.abs(found('process_start_time_seconds') + process.uptime() - Date.now() / 1000)).toBeLessThan(
      60,
    );
  });
});

describe('the examples for Prometheus and Grafana', () => {
  it('ask for what there is', async () => {
    const known = await told();
    const asked = [...namesIn(example('grafana-dashboard.json')), ...namesIn(example('alerts.yml'))];
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it('are a dashboard, each of whose panels asks something, and rules that Prometheus takes', () => {
    const { panels, uid, schemaVersion } = JSON.parse(example('grafana-dashboard.json'));
    expect([uid, schemaVersion]).toEqual(['catnap', 39]);
    const ids = new Set<number>();
    for (const { id, type, title, targets, gridPos } of panels) {
      ids.add(id);
      expect([type, title, gridPos.w]).toEqual([expect.any(String), expect.any(String), 8]);
      for (const { expr, refId } of targets)
        expect([expr, refId]).toEqual([expect.stringMatching(/^./u), expect.stringMatching(/^[A-Z]$/u)]);
    }
    expect(ids.size).toBe(panels.length);
    const { groups } = parse(example('alerts.yml'));
    for (const { alert, expr, annotations } of groups[0].rules)
      expect([alert, expr, annotations.summary]).toEqual(Array(3).fill(expect.any(String)));
  });
});
