import { describe, expect, it } from 'vitest';
import { renderConfig } from '../../../src/config/first-config.js';
import { needsNothing, parseConfig } from '../../../src/config/load.js';
import { standardConfig } from '../../../src/runtime/config.js';
import { askableProviders } from '../../../src/runtime/providers.js';
import { sourceKindsWith } from '../../../src/runtime/sources.js';

describe('the configuration that catnap init writes', () => {
  it.each(sourceKindsWith('question'))('loads with a $kind and says what was answered', async (kind) => {
    const given = '/dev/serial/by-id/usb-pump: the "big" one';
    const answered = await kind.question(async () => given);
    const source = { kind: kind.kind, ...answered };
    const config = parseConfig(
      renderConfig({ name: 'attic', source, words: null, provider: null, broker: null }),
      'catnap.yaml',
      {},
      needsNothing,
    );
    expect(config.name).toBe('attic');
    expect(config.sources[0]).toMatchObject({ id: answered.id, kind: kind.kind, ...answered.settings });
    expect(config.uplink.providers).toEqual([]);
  });

  it.each(askableProviders())(
    'loads with a provider of kind $kind and says what was answered',
    async (kind) => {
      // An address of the kind that is asked for: another would be asked for again.
      const elsewhere = async (_question: string, fallback: string) =>
        fallback.replace(/127\.0\.0\.1:\d+/, 'cloud.example');
      const { id, settings, notes } = await kind.question(elsewhere);
      const source = { kind: 'csv', id: 'table', settings: { path: 'pump.csv' } };
      const provider = { kind: kind.kind, id, settings, ...(notes === undefined ? {} : { notes }) };
      const config = parseConfig(
        renderConfig({ name: 'attic', source, words: null, provider, broker: null }),
        'catnap.yaml',
        {},
        needsNothing,
      );
      expect(config.uplink.providers).toMatchObject([{ name: id, kind: kind.kind, ...settings }]);
    },
  );

  it('listens for the words that were chosen', () => {
    const source = { kind: 'microphone', id: 'mic', settings: { device: 'default' } };
    const written = renderConfig({
      name: 'attic',
      source,
      words: ['alexa', 'view_glass'],
      provider: null,
      broker: null,
    });
    const { voice } = parseConfig(written, 'catnap.yaml').cascades;
    expect(voice).toMatchObject({ tiny: { words: ['alexa', 'view_glass'] } });
  });

  it('is valid with each line that it comments out by itself, where that can stand alone', () => {
    const source = { kind: 'microphone', id: 'mic', settings: { device: 'default' } };
    const env = { CATNAP_DASHBOARD_TOKEN: 'long-enough-for-a-token' };
    const lines = renderConfig({
      name: 'attic',
      source,
      words: ['computer'],
      provider: null,
      broker: null,
    }).split('\n');
    const settings = lines.flatMap((line, at) => (/^\s*# +\w+: \S/.test(line) ? [at] : []));
    expect(settings.length).toBeGreaterThan(1);
    for (const at of settings) {
      const freed = lines.map((line, each) => (each === at ? line.replace(/# ?/, '') : line)).join('\n');
      expect(() => parseConfig(freed, 'catnap.yaml', env), lines[at]).not.toThrow();
    }
  });

  it('is as valid with every line that it comments out, and changes nothing that decides what is heard', () => {
    const source = { kind: 'microphone', id: 'mic', settings: { device: 'default' } };
    const written = renderConfig({ name: 'attic', source, words: null, provider: null, broker: null });
    const env = { CATNAP_DASHBOARD_TOKEN: 'long-enough-for-a-token' };
    const config = parseConfig(uncommented(written), 'catnap.yaml', env);
    expect(config.uplink.providers).toHaveLength(1);
    expect(config.dashboard.token).toBe(env.CATNAP_DASHBOARD_TOKEN);
    const { voice } = config.cascades;
    expect(voice).toMatchObject({ tiny: { words: ['computer'] } });
    const decides = { tiny: { words: undefined }, utterance: undefined };
    expect({ ...voice, ...decides }).toEqual({ ...standardConfig().cascades.voice, ...decides });
  });
});

/** The text with its commented settings in force, and without the empty lists that they stand for. */
function uncommented(text: string): string {
  const setting = /^(\s*)# ?(?=\s*(- |[A-Za-z]\w*:( |$)))/;
  const lines = text.split('\n');
  const freed = lines.filter((line) => setting.test(line)).map((line) => line.replace(setting, '$1'));
  const stands = (line: string) => {
    const empty = /^(\s*\w+:)\s*\[\]/.exec(line)?.[1];
    return empty === undefined || !freed.some((each) => each.startsWith(empty));
  };
  return lines
    .filter((line) => setting.test(line) || stands(line))
    .map((line) => line.replace(setting, '$1'))
    .join('\n');
}
