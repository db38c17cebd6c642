import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { needsNothing, parseConfig } from '../../src/config/load.js';
import type { CascadeEvent } from '../../src/core/events/events.js';
import { nullMeter } from '../../src/core/metering/meter.js';
import { cascadeFrom } from '../../src/runtime/config.js';
import { replay } from '../../src/runtime/replay.js';
import { FileAnomalyStore } from '../../src/sensor/normal/state-file.js';
import { anomalyStatePath } from '../../src/sensor/normal/state-path.js';
import { CsvSource } from '../../src/sources/table/csv.js';
import { type PumpFault, pumpChannels, pumpRows } from '../support/sensor-rows.js';
import { temporaryFolder } from '../support/temporary-folder.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

/** Writes rows as a CSV file, one a second. */
function csv(
  name: string,
  rows: readonly (readonly number[])[],
  units = pumpChannels.map(({ unit }) => unit),
) {
  const header = pumpChannels.map((channel, c) => `${channel.name} (${units[c]})`);
  const lines = rows.map((values, second) => [second, ...values].join(','));
  writeFileSync(join(folder, name), [['time', ...header].join(','), ...lines, ''].join('\n'));
  return join(folder, name);
}

/** Plays a CSV file through a configuration, its state below the folder when asked to be kept. */
async function play(path: string, cascade: string, keep = false): Promise<CascadeEvent[]> {
  const yaml = `sources: [{ id: pump, kind: csv, path: pump.csv }]\ncascades: { sensor: { kind: sensor, ${cascade} } }\n`;
  const config = parseConfig(yaml, 'catnap.yaml', {}, needsNothing);
  const { sensor } = config.cascades;
  if (sensor === undefined) throw new Error('the configuration has a sensor cascade');
  const events: CascadeEvent[] = [];
  await replay({
    source: new CsvSource({ id: 'pump', path }),
    cascade: cascadeFrom(folder, sensor),
    intents: config.intents,
    ...(keep ? { stateDir: folder } : {}),
    emit: (event) => events.push(event),
    meter: nullMeter,
    run: 'test',
    signal: new AbortController().signal,
  });
  return events;
}

const early: PumpFault = { fromRow: 50, toRow: 150, shift: [-3, 0.4, 0] };
const typesOf = (events: readonly CascadeEvent[]) => events.map(({ type }) => type);

describe('normal running from a named recording', () => {
  it('is watched for from the first minute, where a source without one would still be learning', async () => {
    csv('normal.csv', pumpRows(900, 51));
    const today = csv('today.csv', pumpRows(300, 52, [early]));
    expect(await play(today, '')).toEqual([]);
    const events = await play(today, 'normal: { from: normal.csv }');
    expect(typesOf(events)).toEqual(['noticed', 'verified', 'escalated', 'updated', 'ended']);
  });

  it('confirms nothing where nothing is wrong, though the temperature is another by now', async () => {
    csv('normal.csv', pumpRows(900, 53));
    const events = await play(csv('today.csv', pumpRows(900, 54)), 'normal: { from: normal.csv }');
    expect(typesOf(events)).not.toContain('verified');
  });

  it('is refused, naming both, when the channels are not those of the source', async () => {
    csv('normal.csv', pumpRows(900, 55), ['m3/h', 'bar', 'degC']);
    await expect(play(csv('today.csv', pumpRows(300, 56)), 'normal: { from: normal.csv }')).rejects.toThrow(
      /normal\.csv: what is normal was learnt from channels flow \(m3\/h\).*now has flow \(L\/min\).*record normal running/,
    );
  });

  it.each([
    ['too short', 'normal.csv', /normal\.csv: normal: expected at least 60 rows to learn from, found 20/],
    ['not there', 'lost.csv', /lost\.csv: expected a readable recording/],
    ['of no kind', 'normal.txt', /normal\.txt: expected WAV \(RIFF\), FLAC \(fLaC\) or Ogg/],
  ])('that is %s is an error naming the file', async (_, name, message) => {
    csv('normal.csv', pumpRows(20, 57));
    writeFileSync(join(folder, 'normal.txt'), 'flow was normal');
    const today = csv('today.csv', pumpRows(300, 58));
    await expect(play(today, `normal: { from: ${name} }`)).rejects.toThrow(message);
  });

  it('is learnt from once, and anew when the recording is another', async () => {
    const learnt = () => new FileAnomalyStore(anomalyStatePath(folder, 'pump')).load();
    const today = csv('today.csv', pumpRows(1300, 59));
    csv('normal.csv', pumpRows(900, 60));
    await play(today, 'normal: { from: normal.csv }', true);
    const first = learnt();
    expect(first?.normal.learntRows).toBeGreaterThan(900);
    await play(csv('short.csv', pumpRows(100, 61)), 'normal: { from: normal.csv }', true);
    expect(learnt()?.normal.learntRows).toBe(first?.normal.learntRows);
    csv('normal.csv', pumpRows(700, 62));
    await play(csv('short.csv', pumpRows(100, 61)), 'normal: { from: normal.csv }', true);
    expect(learnt()?.normal.learntRows).toBe(700);
    expect(learnt()?.recording).not.toBe(first?.recording);
  });
});
