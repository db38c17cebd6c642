import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.js';
import { renderConfig } from '../../../src/config/template.js';
import { askableProviders } from '../../../src/runtime/providers.js';
import { sourceKindsWith } from '../../../src/runtime/sources.js';

describe('the configuration that catnap init writes', () => {
  it.each(sourceKindsWith('question'))('loads with a $kind and says what was answered', async (kind) => {
    const given = '/dev/serial/by-id/usb-pump: the "big" one';
    const answered = await kind.question(async () => given);
    const source = { kind: kind.kind, ...answered };
    const config = parseConfig(renderConfig({ name: 'attic', source, provider: null }), 'catnap.yaml');
    expect(config.name).toBe('attic');
    expect(config.sources[0]).toMatchObject({ id: answered.id, kind: kind.kind, ...answered.settings });
    expect(config.uplink.providers).toEqual([]);
  });

  it.each(askableProviders())(
    'loads with a provider of kind $kind and says what was answered',
    async (kind) => {
      const { id, settings, notes } = await kind.question(async () => 'wss://cloud.example/catnap');
      const source = { kind: 'csv', id: 'table', settings: { path: 'pump.csv' } };
      const provider = { kind: kind.kind, id, settings, ...(notes === undefined ? {} : { notes }) };
      const config = parseConfig(renderConfig({ name: 'attic', source, provider }), 'catnap.yaml');
      expect(config.uplink.providers).toMatchObject([{ name: id, kind: kind.kind, ...settings }]);
    },
  );
});
