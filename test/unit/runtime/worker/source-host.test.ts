import { describe, expect, it } from 'vitest';
import { MainSignals } from '../../../../src/runtime/worker/main-signals.js';
import type { SourceHostOptions } from '../../../../src/runtime/worker/source-host.js';
import { hosted, newThread, until } from '../../../support/hosted-source.js';

describe('a source host', () => {
  it('runs a worker until its recording is over', async () => {
    const { host, said, health } = hosted('end');
    await host.run();
    expect(said).toEqual(['mic']);
    expect(health).toEqual([]);
  });

  it('starts a crashed worker again, under other ids, and says so once', async () => {
    const { host, said, health } = hosted('throw');
    const running = host.run();
    await until(() => said.length >= 3);
    await host.stop(1000);
    await running;
    expect(said.slice(0, 3)).toEqual(['mic', 'mic~2', 'mic~3']);
    expect(health.slice(0, 2)).toMatchObject([{ state: 'down', code: 'INTERNAL' }, { state: 'ok' }]);
  });

  it('tells a worker that follows another since when nobody has listened', async () => {
    const { host, said } = hosted('heard-before');
    const running = host.run();
    await until(() => said.length >= 4);
    await host.stop(1000);
    await running;
    expect(said.slice(0, 4)).toEqual(['mic', 'false', 'mic~2', 'true']);
  });

  it('ends a worker that hangs and starts it again', async () => {
    const { host, said, health } = hosted('hang', { hangMs: 1500 });
    const running = host.run();
    await until(() => said.length >= 2);
    await host.stop(0);
    await running;
    expect(health[0]).toMatchObject({ state: 'down', detail: 'mic: its worker does not answer' });
  });

  it('throws what a restart cannot mend', async () => {
    await expect(hosted('refuse').host.run()).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  });

  it('lets a worker finish what is under way when it stops', async () => {
    const { host, said } = hosted('last-words');
    const running = host.run();
    await until(() => said.length >= 1);
    await host.stop(5000);
    await running;
    expect(said).toEqual(['mic', 'flushed']);
  });

  it('does not wait for a worker that does not finish', async () => {
    const { host, said } = hosted('deaf');
    const running = host.run();
    await until(() => said.length >= 1);
    await host.stop(50);
    await expect(running).resolves.toBeUndefined();
    expect(said).toEqual(['mic']);
  });

  it('passes on what other sources noticed, and that memory is short', async () => {
    const { host, said } = hosted('neighbours');
    const running = host.run();
    await until(() => said.length >= 1);
    host.order({ kind: 'shed' });
    host.order({ kind: 'verified-elsewhere', source: 'door' });
    await running;
    expect(said).toEqual(['mic', 'shed', '/door']);
  });

  it.each([
    ['one by one while somebody watches', true],
    ['many at once while nobody does', false],
  ])('carries readings %s', async (_, watched) => {
    const mainSignals = new MainSignals();
    mainSignals.watched = watched;
    const arrivedMs: number[] = [];
    const onReport: SourceHostOptions['onReport'] = (report) => {
      if (report.kind === 'telemetry') arrivedMs.push(performance.now());
    };
    const { host } = hosted('readings', { onReport }, newThread(mainSignals));
    const running = host.run();
    await until(() => arrivedMs.length >= 5);
    await host.stop(5000);
    await running;
    const turns = arrivedMs.filter((atMs, i) => atMs - (arrivedMs[i - 1] ?? 0) > 20).length;
    // A beat may fall between two readings.
    if (watched) expect(turns).toBeGreaterThanOrEqual(4);
    else expect(turns).toBeLessThanOrEqual(2);
  });

  it('carries commands to a board, and what became of them back', async () => {
    const { host, said } = hosted('last-words');
    await expect(host.command('relay on')).rejects.toThrow('its worker does not run');
    const running = host.run();
    await until(() => said.length >= 1);
    await host.command('relay on');
    await expect(host.command('open sesame')).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: 'mic: refused: open sesame',
    });
    await expect(host.command('crash')).rejects.toThrow('its worker ended');
    await host.stop(5000);
    await running;
  });
});
