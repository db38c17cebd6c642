import { expect, it } from 'vitest';
import { compared } from '../../../src/commands/fleet-report.js';

const model = (name: string, version: string, sha256: string) => ({ source: 'mic', name, version, sha256 });

function device(name: string, phones: string, accept: number) {
  return {
    device: name,
    isThere: true,
    about: {
      ...{ version: '0.1.0', config: 'c0ffee' },
      models: [model('wake-tiny', '1.4.1', 'aa'), model('phones', phones, `bb${phones}`)],
      thresholds: { mic: { tiny: { accept, reject: 0.2 } } },
    },
    state: { believed: 3 },
  };
}

it('names each model and the thresholds of each source in which devices differ, and nothing in which they do not', () => {
  const told = compared([device('attic', '1.1.0', 0.5), device('hall', '1.2.0', 0.5)]);
  expect(told.slice(0, 2)).toEqual([
    {
      what: 'model mic phones',
      values: {
        attic: { version: '1.1.0', sha256: 'bb1.1.0' },
        hall: { version: '1.2.0', sha256: 'bb1.2.0' },
      },
    },
    { what: 'believed', values: { attic: 3, hall: 3 } },
  ]);
  const tuned = compared([device('attic', '1.2.0', 0.5), device('hall', '1.2.0', 0.7)]);
  expect(tuned[0]).toEqual({
    what: 'thresholds mic',
    values: { attic: { tiny: { accept: 0.5, reject: 0.2 } }, hall: { tiny: { accept: 0.7, reject: 0.2 } } },
  });
});

it('tells of a model that only one has', () => {
  const less = { ...device('hall', '1.2.0', 0.5), about: { ...device('hall', '', 0.5).about, models: [] } };
  expect(compared([device('attic', '1.2.0', 0.5), less]).map(({ what }) => what)).toEqual(
    expect.arrayContaining(['model mic phones', 'model mic wake-tiny']),
  );
});
