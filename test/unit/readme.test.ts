import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsNothing, parseConfig } from '../../src/config/load.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { root } from '../support/tools.js';

const folders = ['.', 'docs', 'docs/measurements', 'docs/pi', 'firmware-bridge', 'fixtures', 'models'];
const cards = readdirSync(join(root, 'models'), { withFileTypes: true }).filter((entry) =>
  entry.isDirectory(),
);
const pages = [...folders, ...cards.map(({ name }) => `models/${name}`)].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);
const text = (page: string): string => readFileSync(join(root, page), 'utf8');
const blocks = (page: string, language: string): string[] =>
  [...text(page).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, block]) => block ?? '',
  );
/** The anchors of a page's headings, as GitHub makes them. */
const headings = (page: string): string[] =>
  [...text(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
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

  it.each(pages)('%s links to files and headings that exist', (page) => {
    const links = text(page).matchAll(/\]\((?![a-z]+:)([^)#]*)(?:#([^)]*))?\)/g);
    for (const [link, path = '', heading] of links) {
      const target = path === '' ? page : join(dirname(page), path);
      expect(existsSync(join(root, target)), `${page}: ${link}`).toBe(true);
      if (heading !== undefined && target.endsWith('.md'))
        expect(headings(target), `${page}: ${link}`).toContain(heading);
    }
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
