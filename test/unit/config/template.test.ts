import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.js';
import { type InitAnswers, renderConfig } from '../../../src/config/template.js';

describe('the configuration that catnap init writes', () => {
  it.each<InitAnswers['source']>([
    { kind: 'microphone', device: 'plughw:CARD=Device' },
    { kind: 'serial', path: '/dev/serial/by-id/usb-pump: the "big" one' },
    { kind: 'csv', path: 'pump.csv' },
  ])('loads with a $kind and says what was answered', (source) => {
    for (const cloudUrl of [null, 'wss://cloud.example/catnap']) {
      const config = parseConfig(renderConfig({ name: 'attic', source, cloudUrl }), 'catnap.yaml');
      expect(config.name).toBe('attic');
      expect(config.sources[0]).toMatchObject(source);
      expect(config.uplink.providers.map(({ url }) => url)).toEqual(cloudUrl === null ? [] : [cloudUrl]);
    }
  });
});
