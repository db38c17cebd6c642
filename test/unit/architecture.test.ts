import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { circles, type Mark, type SourceFile, sourceTree } from '../support/source-tree.js';
import { root } from '../support/tools.js';

/**
 * Which folders of `src/` a folder may import from. What names all the things stands above them: nothing
 * below `runtime` knows it, and a thing knows neither its siblings nor where it is listed.
 */
const ARROWS: Record<string, readonly string[]> = {
  core: [],

  dsp: ['core'],
  egress: ['core', 'files'],
  edge: ['core', 'egress', 'files'],
  events: ['core', 'files', 'meter', 'own'],
  files: ['core'],
  telemetry: ['core', 'egress', 'files'],
  meter: ['core'],
  models: ['core', 'egress'],
  own: ['core'],
  engines: ['core', 'models'],
  actions: ['core', 'egress', 'files', 'own'],
  sources: ['core', 'dsp', 'egress', 'files', 'own'],

  home: ['core', 'dashboard', 'egress', 'events', 'files', 'sources', 'uplink'],
  learning: ['core', 'dsp', 'events', 'models'],
  sensor: ['core', 'actions', 'files', 'learning', 'models', 'own', 'sources'],
  uplink: ['core', 'actions', 'dsp', 'egress', 'files', 'learning', 'own'],
  voice: ['core', 'actions', 'dsp', 'engines', 'files', 'learning', 'models', 'own', 'sources'],
  dashboard: ['core', 'events', 'learning', 'uplink'],
  emulator: ['core', 'uplink'],

  runtime: [
    ...[
      'core',
      'actions',
      'dashboard',
      'dsp',
      'edge',
      'egress',
      'engines',
      'events',
      'files',
      'home',
      'learning',
      'meter',
      'models',
      'own',
    ],
    ...['sensor', 'sources', 'telemetry', 'uplink', 'voice'],
  ],
  config: ['core', 'files', 'runtime', 'uplink', 'voice'],
  simulator: ['core', 'actions', 'config', 'dashboard', 'events', 'runtime', 'sources', 'uplink'],
  doctor: ['core', 'edge', 'egress', 'engines', 'home', 'models', 'runtime', 'sources', 'uplink', 'voice'],
  bench: [
    ...[
      'core',
      'actions',
      'dsp',
      'edge',
      'egress',
      'emulator',
      'engines',
      'events',
      'files',
      'learning',
      'meter',
      'models',
      'runtime',
      'sensor',
    ],
    ...['sources', 'uplink', 'voice'],
  ],
  commands: [
    ...[
      'core',
      'bench',
      'config',
      'doctor',
      'edge',
      'egress',
      'emulator',
      'events',
      'files',
      'home',
      'learning',
    ],
    ...['meter', 'models', 'runtime', 'sensor', 'simulator', 'sources', 'uplink', 'voice'],
  ],

  'cli.ts': ['core', 'commands', 'runtime'],
  public: ['core', 'emulator', 'runtime', 'simulator', 'uplink'],
  'index.ts': ['actions', 'config', 'core', 'events', 'own', 'runtime', 'sources', 'voice'],
};

/** Words that have another name here (ARCHITECTURE.md, "Words"), and the files that quote them from elsewhere. */
const WORDS: readonly { word: RegExp; say: string; quoted?: readonly string[] }[] = [
  { word: /hang-?over/i, say: 'hold' },
  { word: /pre-?buffer/i, say: 'pre-roll' },
  { word: /cool-?down|lock-?out/i, say: 'refractory' },
  { word: /hot-?word|trigger word/i, say: 'wake word' },
  { word: /false (positive|trigger)/i, say: 'false accept, false alarm' },
  { word: /back-off/i, say: 'backoff' },
  { word: /\bttl\b|time.to.live/i, say: 'age limit' },
  { word: /\bx-?runs?\b/i, say: 'overrun', quoted: ['src/sources/microphone/microphone.ts'] },
  { word: /recogniz(?!ed_keys)/i, say: 'recogniser', quoted: ['src/home/wyoming/session.ts'] },
  { word: /treshold|threshhold/i, say: 'threshold' },
  { word: /white-?list|black-?list/i, say: 'allowed, refused' },
];

const SCREEN_LINES = 60;
const FILE_LINES = 500;
const COMMENT_WIDTH = 120;

const tree = sourceTree('src');
const tests = sourceTree('test');
const at = (path: string, { line, text }: Mark): string => `${path}:${line} ${text}`;

describe('the folders of src', () => {
  it('import along the arrows of the table', () => {
    const astray = tree.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => room(target) !== room(path) && !ARROWS[room(path)]?.includes(room(target)))
        .map(({ target }) => `${path} -> ${target}`),
    );
    expect(astray).toEqual([]);
  });

  it('are all in the table', () => {
    const rooms = new Set(tree.map(({ path }) => room(path)));
    expect([...rooms].filter((name) => !(name in ARROWS))).toEqual([]);
  });

  it('may not go in a circle, by the table', () => {
    expect(circles(new Map(Object.entries(ARROWS).map(([from, to]) => [from, new Set(to)])))).toEqual([]);
  });

  it('go in no circle, nor do folders within them', () => {
    expect(circles(arrowsBetween(room))).toEqual([]);
    expect(circles(arrowsBetween(dirname))).toEqual([]);
  });

  it('hold no files that import each other in a circle, be it for a type', () => {
    expect(circles(arrowsBetween((path) => path))).toEqual([]);
  });
});

describe('the core', () => {
  const core = tree.filter(({ path }) => room(path) === 'core');

  it('imports nothing of Node, and no package but Zod', () => {
    const packages = core.flatMap(({ path, packages }) => packages.map((name) => `${path}: ${name}`));
    expect(packages.filter((line) => line !== 'src/core/zod.ts: zod')).toEqual([]);
  });

  it('reads no clock, sets no timer and knows no process', () => {
    expect(core.flatMap(({ path, clocks }) => clocks.map((mark) => at(path, mark)))).toEqual([]);
    expect(core.filter(({ text }) => /\bprocess\.\w/.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('time', () => {
  /** The machine's own clock, and a page that runs in a browser. */
  const owners = /^src\/(runtime\/process|dashboard\/web)\//;
  const readers = tree.filter(({ path, clocks }) => clocks.length > 0 && !owners.test(path));

  it('is an argument: nothing else reads a clock or makes a timer', () => {
    expect(readers.flatMap(({ path, clocks }) => clocks.map((mark) => at(path, mark)))).toEqual([]);
  });
});

describe('what is written', () => {
  it(`has files of at most ${FILE_LINES} lines`, () => {
    const long = tree.filter(({ lines }) => lines.length > FILE_LINES + 1);
    expect(long.map(({ path, lines }) => `${path} ${lines.length - 1}`)).toEqual([]);
  });

  it(`has functions of at most ${SCREEN_LINES} lines`, () => {
    const long = tree.flatMap(({ path, functions }) =>
      functions
        .filter(({ lines }) => lines > SCREEN_LINES)
        .map(({ text, lines }) => `${path} ${text} ${lines}`),
    );
    expect(long).toEqual([]);
  });

  it(`has comments of at most ${COMMENT_WIDTH} columns`, () => {
    const wide = [...tree, ...tests].flatMap(({ path, lines, comments }) =>
      comments.flatMap(({ line, text }) =>
        text
          .split('\n')
          .map((_, below) => line + below)
          .filter((number) => (lines[number - 1]?.length ?? 0) > COMMENT_WIDTH)
          .map((number) => `${path}:${number}`),
      ),
    );
    expect(wide).toEqual([]);
  });

  it('calls each thing by its one name', () => {
    const found = tree.flatMap(({ path, lines }) =>
      lines.flatMap((text, index) =>
        WORDS.filter(({ word, quoted }) => word.test(text) && !quoted?.includes(path)).map(
          ({ say }) => `${path}:${index + 1} say "${say}": ${text.trim()}`,
        ),
      ),
    );
    expect(found).toEqual([]);
  });

  it('has no `any`', () => {
    expect(tree.flatMap(({ path, anys }) => anys.map((mark) => at(path, mark)))).toEqual([]);
  });
});

describe('exports', () => {
  const entries = publicEntries();

  it('are passed on by the public entries alone', () => {
    const barrels = tree.filter(({ path, passedOn }) => passedOn.length > 0 && !entries.has(path));
    expect(barrels.flatMap(({ path, passedOn }) => passedOn.map((mark) => at(path, mark)))).toEqual([]);
  });

  it('are imported by somebody; a test alone does not keep one alive', () => {
    const imported = importedNames(tree);
    const tested = importedNames(tests);
    const dead = tree
      .filter(({ path }) => !entries.has(path))
      .flatMap(({ path, exports, words }) =>
        exports
          .filter((mark) => {
            const key = `${path} ${mark.text}`;
            // A type may be in the signature of its neighbour, and a test may look at what only its own file uses.
            const usedHere = (words.get(mark.text) ?? 0) > 1;
            return !imported.has(key) && !(usedHere && (mark.isType || tested.has(key)));
          })
          .map((mark) => at(path, mark)),
      );
    expect(dead).toEqual([]);
  });
});

describe('the repository', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0');
  const texts = tracked.filter((path) =>
    /\.(ts|tsx|mjs|c|h|ino|py|sh|md|json|ya?ml|toml|service|css|html)$|\/run$/.test(path),
  );

  it('names no machine, no tracker and no registry', () => {
    const secrets = [
      /(?<![\w.~-])\/(work|home|root|Users|mnt|tmp)\/[a-z]/,
      /\b(issue|ticket|PR|pull request) ?#?\d+/i,
      /:\/\/[^/\s]*(registry|artifact|nexus|proxy|mirror)[^/\s]*\./i,
    ];
    const found = texts
      .filter((path) => existsSync(join(root, path)) && path !== 'package-lock.json')
      .flatMap((path) =>
        readFileSync(join(root, path), 'utf8')
          .split('\n')
          .flatMap((line, index) =>
            secrets.some((secret) => secret.test(line)) ? [`${path}:${index + 1} ${line.slice(0, 100)}`] : [],
          ),
      );
    expect(found).toEqual([]);
  });
});

describe('the tests', () => {
  it('make no temporary folder but by the helper that takes it away', () => {
    const helpers = ['test/support/run-folder.ts', 'test/support/temporary-folder.ts'];
    const makers = tests.filter(({ words }) => words.has('mkdtempSync') || words.has('mkdtemp'));
    const own = makers.map(({ path }) => path).filter((path) => path !== 'test/unit/architecture.test.ts');
    expect(own.filter((path) => !helpers.includes(path))).toEqual([]);
  });

  it('stand, unit by unit, where what they test stands in src', () => {
    /** About the repository as a whole. */
    const above = ['architecture.test.ts', 'faults.test.ts', 'readme.test.ts', 'shipped-models.test.ts'];
    const astray = readdirSync(join(root, 'test/unit'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts') && !above.includes(path))
      .filter((path) => {
        const stem = join(root, 'src', path.replace(/\.test\.ts$/, ''));
        return ![stem, `${stem}.ts`, `${stem}.tsx`, `${stem}.cts`].some(existsSync);
      });
    expect(astray).toEqual([]);
  });
});

/** The folder of `src/` that a file is in, or the file itself where it stands beside the folders. */
function room(path: string): string {
  return path.split('/')[1] ?? path;
}

function arrowsBetween(placeOf: (path: string) => string): Map<string, Set<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const { path, imports } of tree) {
    const from = placeOf(path);
    const to = imports.map(({ target }) => placeOf(target)).filter((place) => place !== from);
    arrows.set(from, new Set([...(arrows.get(from) ?? []), ...to]));
  }
  return arrows;
}

/** The files behind package.json's `exports`, and the command line. */
function publicEntries(): ReadonlySet<string> {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const built = JSON.stringify(exports).match(/dist\/[\w./-]+(?=\.js")/g) ?? [];
  return new Set(['src/cli.ts', ...built.map((path) => `${path.replace(/^dist/, 'src')}.ts`)]);
}

/** `file name` for all that somebody imports. */
function importedNames(by: readonly SourceFile[]): ReadonlySet<string> {
  const exportsOf = new Map(tree.map(({ path, exports }) => [path, exports]));
  return new Set(
    by.flatMap(({ words, imports, passedOn }) =>
      imports.flatMap(({ target, names }) => {
        const known = (exportsOf.get(target) ?? []).map((mark) => mark.text);
        const meant = names ?? known.filter((name) => passedOn.length > 0 || words.has(name));
        return meant.map((name) => `${target} ${name}`);
      }),
    ),
  );
}
