import { describe, expect, it } from 'vitest';
import { withMicrophone } from '../support/daemon-with-microphone.js';
import { descendants } from '../support/processes.js';

const SOURCES = ['kitchen', 'hall'] as const;
const CONFIG = `
sources: [{ id: kitchen, kind: microphone }, { id: hall, kind: microphone }]
cascades: { voice: { kind: voice, heavy: { budgetMs: 60000, warmMs: 600000 }, utterance: { enabled: false } } }
dashboard: { enabled: false }
`;

const microphone = withMicrophone('settled');

describe('the heavy process of several sources', () => {
  it('row 37: killed while two wait for it, costs one of them an answer at most and neither its audio', async () => {
    const daemon = microphone.run(CONFIG);
    const heavyPids = () => descendants(daemon.child.pid ?? 0, 'heavy-child');
    for (const id of SOURCES) await daemon.event('verified', ({ source }) => source === id);
    const [shared = 0, ...more] = heavyPids();
    expect(more).toEqual([]);
    process.kill(shared, 'SIGSTOP');
    const since = daemon.events.length;
    const later = (id: string, types: readonly string[]) =>
      daemon.events.slice(since).filter((event) => {
        return types.includes(event.type) && 'source' in event && event.source === id;
      });
    await daemon.until(() => SOURCES.every((id) => later(id, ['noticed']).length > 0), 'not noticed');
    process.kill(shared, 'SIGKILL');
    const decided = ['verified', 'refused'];
    await daemon.until(() => SOURCES.every((id) => later(id, decided).length > 0), 'not decided');
    const lost = SOURCES.filter((id) => JSON.stringify(later(id, decided)[0]).includes('STAGE_CRASHED'));
    expect(lost.length).toBeLessThanOrEqual(1);
    for (const id of SOURCES) {
      await daemon.event('verified', ({ source, degraded }) => source === id && !degraded);
      expect(daemon.transitions(`${id}/source`)).toEqual([]);
      expect(daemon.transitions(`${id}/worker`)).toEqual([]);
      await daemon.health(`${id}/heavy`, 'ok');
    }
    expect(heavyPids()).toHaveLength(1);
    expect(heavyPids()).not.toContain(shared);
    expect(daemon.events.filter(({ type }) => type === 'gap')).toEqual([]);
  });
});
