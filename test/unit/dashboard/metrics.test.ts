import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../../src/dashboard/metrics.js';
import { createEventBus } from '../../../src/events/bus.js';
import { gapEvent } from '../../support/events.js';
import { asked } from '../../support/past.js';
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

describe('what Prometheus is told of events', () => {
  it('is how late each kind came, and what verdicts cost', async () => {
    const bus = createEventBus({ historyEvents: 10 });
    for (let counter = 1; counter <= 100; counter++) {
      const measured = { wallTime: '2026-01-01T00:00:00.000Z', run: 'r', latencyMs: counter };
      bus.publish({ ...gapEvent('mic', counter), measured });
    }
    bus.publish(gapEvent('file', 1));
    for (const event of [...asked(1, 0.25), ...asked(2, 0.5)]) bus.publish(event);
    const text = await createMetrics(bus, '1.2.3', () => null).render();
    const late = (quantile: string) => {
      const name = `catnap_event_latency_seconds{source="mic",type="gap",quantile="${quantile}"} `;
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(name))
          ?.slice(name.length),
      );
    };
    expect(late('0.5')).toBeCloseTo(0.05, 3);
    expect(late('0.9')).toBeCloseTo(0.09, 3);
    expect(late('1')).toBe(0.1);
    // A recording that is read as fast as it goes has nobody waiting.
    expect(text).not.toContain('catnap_event_latency_seconds{source="file"');
    expect(text).toContain('catnap_uplink_cost_total{provider="cloud"} 0.75');
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
