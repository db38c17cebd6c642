import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsNothing, parseConfig } from '../../src/config/load.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { root } from '../support/tools.js';

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/pi/README.md',
  'docs/CONFIG.md',
  'docs/EVENTS.md',
  'docs/FAULTS.md',
  'docs/DASHBOARD.md',
  'docs/FLEET.md',
  'docs/HOME.md',
  'docs/UPLINK.md',
  'docs/BOARDS.md',
  'docs/LEARNING.md',
  'docs/MODELS.md',
  'docs/WORDS.md',
  'docs/SENSORS.md',
  'docs/SIMULATOR.md',
  'docs/STAGES.md',
  'docs/MEASUREMENTS.md',
  'models/README.md',
  'firmware-bridge/README.md',
];
const text = (page: string): string => readFileSync(join(root, page), 'utf8');
const blocks = (page: string, language: string): string[] =>
  [...text(page).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, block]) => block ?? '',
  );

describe('the documentation', () => {
  it.each(['README.md', 'docs/SENSORS.md', 'docs/STAGES.md', 'docs/HOME.md', 'docs/FLEET.md'])(
    'shows configurations that load: %s',
    (page) => {
      const shown = blocks(page, 'yaml');
      expect(shown.length).toBeGreaterThan(0);
      const folder = temporaryFolder();
      for (const yaml of shown) {
        for (const [, module = ''] of yaml.matchAll(/path: (\.\/[\w-]+\.m?js)/g))
          writeFileSync(join(folder, module), '');
        const token = 'long-enough-for-a-token';
        const names = [
          'CATNAP_DASHBOARD_TOKEN',
          'CLOUD_TOKEN',
          'CATNAP_MQTT_PASSWORD',
          'HOME_ASSISTANT_TOKEN',
        ];
        const env = Object.fromEntries(names.map((name) => [name, token]));
        const { sources } = parseConfig(yaml, join(folder, page.replaceAll('/', '-')), env, needsNothing);
        expect(sources.length).toBeGreaterThan(0);
      }
    },
  );

  it('shows the library example that is tested', () => {
    expect(blocks('README.md', 'ts')).toEqual([text('examples/listen.ts')]);
  });

  it.each(pages)('%s links to files that exist', (page) => {
    const links = [...text(page).matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map(([, link]) => link ?? '');
    for (const link of links)
      expect(existsSync(join(root, dirname(page), link)), `${page}: ${link}`).toBe(true);
  });

  it('lists every command in the README', () => {
    const commands = [...text('src/cli.ts').matchAll(/import\('\.\/commands\/([a-z-]+)\.js'/g)].map(
      ([, name]) => name ?? '',
    );
    const named = commands.filter((name) => !['command', 'bench-bridge'].includes(name));
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(text('README.md')).toContain(`| \`catnap ${name}`);
  });
});
