import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catnap } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { root } from '../support/tools.js';

const TOYS = ['toy-source.mjs', 'toy-sink.mjs', 'stubborn-sink.mjs'];

/** A folder with the toys and a configuration beside them. */
function folderWith(sources: string, sinks = '[]'): string {
  const folder = temporaryFolder();
  for (const toy of TOYS) copyFileSync(join(root, 'test/support/toys', toy), join(folder, toy));
  writeFileSync(
    join(folder, 'catnap.yaml'),
    `stateDir: ${join(folder, 'state')}
sources: ${sources}
sinks: ${sinks}
dashboard: { enabled: false }
`,
  );
  return folder;
}

const source = (more = 'options: { rows: 20, lost: 5 }', path = './toy-source.mjs'): string =>
  `[{ id: toy, kind: module, cascade: sensor, path: ${path}, ${more} }]`;

describe('a source and a sink from files of one’s own', () => {
  it('run like kinds that ship, whatever a sink beside them does', () => {
    const folder = folderWith(
      source(),
      `
  - { kind: module, path: ./stubborn-sink.mjs }
  - { kind: module, path: ./toy-sink.mjs, options: { file: counts.json } }
  - { kind: json-lines, path: events.jsonl }
  - { kind: text, path: events.txt }
  - { kind: journal, folder: second-journal }`,
    );
    const { status, stdout, stderr } = catnap(['run', join(folder, 'catnap.yaml'), '--json']);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const printed = stdout.trim().split('\n');
    const gaps = printed.map((line) => JSON.parse(line)).filter(({ type }) => type === 'gap');
    expect(gaps).toMatchObject([{ source: 'toy', sample: 20, lostSamples: 5, reason: 'lost' }]);
    expect(readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n')).toEqual(printed);
    expect(readFileSync(join(folder, 'events.txt'), 'utf8')).toContain('lost  5 samples at 20');
    expect(readFileSync(join(folder, 'second-journal/000000000000.jsonl'), 'utf8').split('\n')[0]).toBe(
      printed[0],
    );
    expect(JSON.parse(readFileSync(join(folder, 'counts.json'), 'utf8'))).toMatchObject({ gap: 1 });
    expect(stderr).toContain('sinks.0 (module): toy refuses\n');
    expect(stderr).toContain('sinks.0 (module): toy refuses late\n');
    expect(stderr).toContain('sinks.0 (module): ./stubborn-sink.mjs: expected to close in 1000 ms');
  });

  it.each([
    [
      'a file that is not there',
      source('', './none.mjs'),
      /catnap\.yaml:2:\d+ sources\.0\.path: expected a JavaScript module at \S+none\.mjs, found none/,
    ],
    ['no such export', source('', './toy-sink.mjs'), /expected an export "source" .*found sink exported/],
    ['options it refuses', source('options: { rows: 20 }'), /options: .*lost/s],
  ])('say what is wrong with %s, and end with 78', (_, sources, said) => {
    const folder = folderWith(sources);
    const { status, stderr } = catnap(['run', join(folder, 'catnap.yaml')]);
    expect(stderr).toMatch(said);
    expect(status).toBe(78);
  });

  it('are looked at by doctor, with their options', () => {
    const folder = folderWith(source('options: { rows: 20 }'), '[{ kind: module, path: ./toy-source.mjs }]');
    const { stdout } = catnap(['doctor', join(folder, 'catnap.yaml'), '--json']);
    const { findings } = JSON.parse(stdout) as {
      findings: { name: string; level: string; detail: string }[];
    };
    expect(findings.filter(({ name }) => /^(source|sink) /.test(name))).toMatchObject([
      { name: 'source toy', level: 'problem', detail: expect.stringMatching(/lost/) },
      { name: 'sink 0 (module)', level: 'problem', detail: expect.stringMatching(/export "sink"/) },
    ]);
  });

  it('say how a file has to be named that Node takes for CommonJS', () => {
    const folder = folderWith(source(undefined, './tide.js'));
    copyFileSync(join(folder, 'toy-source.mjs'), join(folder, 'tide.js'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }'); // as `npm init` writes it
    const { status, stderr } = catnap(['run', join(folder, 'catnap.yaml')]);
    expect({ status, stderr }).toEqual({
      status: 78,
      stderr: expect.stringMatching(
        /tide\.js: cannot be imported: .*name it \.mjs, or write "type": "module" in the package\.json nearest to it/,
      ),
    });
  });
});
