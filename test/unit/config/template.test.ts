import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.js';
import { renderConfig } from '../../../src/config/template.js';
import { sourceKindsWith } from '../../../src/runtime/sources.js';

describe('the configuration that catnap init writes', () => {
  it.each(sourceKindsWith('question'))('loads with a $kind and says what was answered', async (kind) => {
    const given = '/dev/serial/by-id/usb-pump: the "big" one';
    const answered = await kind.question(async () => given);
    const source = { kind: kind.kind, ...answered };
    for (const cloudUrl of [null, 'wss://cloud.example/catnap']) {
      const config = parseConfig(renderConfig({ name: 'attic', source, cloudUrl }), 'catnap.yaml');
      expect(config.name).toBe('attic');
      expect(config.sources[0]).toMatchObject({ id: answered.id, kind: kind.kind, ...answered.settings });
      expect(config.uplink.providers.map(({ url }) => url)).toEqual(cloudUrl === null ? [] : [cloudUrl]);
    }
  });
});
