import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'rolldown/utils';
import { root } from './tools.js';

/** A line of a file and what stands there. */
export interface Mark {
  line: number;
  text: string;
}

/**
 * One `import`, `export ... from` or `import()` of another file of the tree. `names` is null where all names
 * may be meant.
 */
export interface Import {
  target: string;
  names: string[] | null;
}

/** A name that others may import. */
export interface Export extends Mark {
  isType: boolean;
}

/** A function, method or arrow function, and how many lines it stands on. */
export interface FunctionSpan extends Mark {
  lines: number;
}

/** What the house rules ask of a TypeScript file. Paths begin at the repository's root: `src/core/clock.ts`. */
export interface SourceFile {
  path: string;
  text: string;
  lines: string[];
  /** Every word that stands in it, and how often. */
  words: ReadonlyMap<string, number>;
  imports: Import[];
  /** Modules of packages and of Node. */
  packages: string[];
  exports: Export[];
  /** `export * from` and `export { a } from`. */
  passedOn: Mark[];
  functions: FunctionSpan[];
  comments: Mark[];
  /** Where a clock is read or a timer made. */
  clocks: Mark[];
  anys: Mark[];
}

/** A node of the syntax tree, in ESTree's terms with TypeScript's additions. */
interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

/** Reads and parses the TypeScript files below a folder. */
export function sourceTree(folder: string): SourceFile[] {
  const known = new Set([folder, 'src'].flatMap(typescriptBelow));
  const paths = typescriptBelow(folder);
  return paths.map((path) => readSource(path, known));
}

function typescriptBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|cts|tsx)$/.test(path))
    .map((path) => join(folder, path))
    .sort();
}

function readSource(path: string, known: ReadonlySet<string>): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const { program, comments, errors } = parseSync(path, text);
  const [error] = errors;
  if (error) throw new Error(`${path}: ${error.message}`);
  const lines = text.split('\n');
  const starts = lineStarts(lines);
  const file: SourceFile = {
    path,
    text,
    lines,
    words: countWords(text),
    imports: [],
    packages: [],
    exports: [],
    passedOn: [],
    functions: [],
    comments: comments.map(({ start, end }) => ({
      line: lineAt(starts, start),
      text: text.slice(start, end),
    })),
    clocks: [],
    anys: [],
  };
  const visit = (node: Node, parent: Node | null, name: string): void => {
    const mark = {
      line: lineAt(starts, node.start),
      text: text.slice(node.start, node.end).split('\n')[0] ?? '',
    };
    noteModules(file, node, mark, known);
    noteExports(file, node, mark);
    const called = nameOf(node) ?? name;
    if (isFunction(node)) {
      file.functions.push({ ...mark, text: called, lines: lineAt(starts, node.end) - mark.line + 1 });
    }
    if (readsClock(node, parent)) file.clocks.push(mark);
    if (node.type === 'TSAnyKeyword') file.anys.push(mark);
    for (const child of children(node)) visit(child, node, called);
  };
  visit(program as unknown as Node, null, '(unnamed)');
  return file;
}

function countWords(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(/[\w$]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function noteModules(file: SourceFile, node: Node, mark: Mark, known: ReadonlySet<string>): void {
  const source = node.source as Node | null | undefined;
  if (typeof source?.value !== 'string') return;
  const target = resolved(file.path, source.value, known);
  if (target === null) {
    if (!source.value.startsWith('.')) file.packages.push(source.value);
    return;
  }
  const specifiers = (node.specifiers as Node[] | undefined) ?? [];
  const names = specifiers.map(({ imported, local }) => (imported ?? local) as Node);
  const all = specifiers.length === 0 || specifiers.some(({ type }) => type === 'ImportNamespaceSpecifier');
  file.imports.push({ target, names: all ? null : names.map((name) => String(name.name ?? name.value)) });
  if (node.type.startsWith('Export')) file.passedOn.push(mark);
}

function noteExports(file: SourceFile, node: Node, mark: Mark): void {
  if (node.type !== 'ExportNamedDeclaration') return;
  const declaration = node.declaration as Node | null;
  const isType = /^TS(Interface|TypeAlias)Declaration$/.test(declaration?.type ?? '');
  const declared = (declaration?.declarations as Node[] | undefined) ?? (declaration ? [declaration] : []);
  for (const { id } of declared) {
    const name = (id as Node | null)?.name;
    if (typeof name === 'string') file.exports.push({ ...mark, text: name, isType });
  }
  for (const { exported } of (node.specifiers as Node[]) ?? []) {
    file.exports.push({ ...mark, text: String((exported as Node).name), isType });
  }
}

/** The file of the tree that a relative import means; null for packages, style sheets and the like. */
function resolved(from: string, specifier: string, known: ReadonlySet<string>): string | null {
  if (!specifier.startsWith('.')) return null;
  const path = join(dirname(from), specifier);
  const candidates = [
    path,
    path.replace(/js$/, 'ts'),
    path.replace(/js$/, 'tsx'),
    path.replace(/\.js$/, '.d.ts'),
  ];
  return candidates.find((candidate) => known.has(candidate)) ?? null;
}

function isFunction({ type, body }: Node): boolean {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(type) && body !== null;
}

const READERS: Record<string, RegExp> = { Date: /^now$/, performance: /^now$/, process: /^(hrtime|uptime)$/ };
const TIMERS = /^(setTimeout|setInterval)$/;

function readsClock(node: Node, parent: Node | null): boolean {
  const { type, name } = node;
  if (type === 'NewExpression' && (node.callee as Node).name === 'Date')
    return (node.arguments as Node[]).length === 0;
  if (type !== 'Identifier' || typeof name !== 'string') return false;
  const inMember = parent?.type === 'MemberExpression';
  if (inMember && parent.object === node)
    return READERS[name]?.test(String((parent.property as Node).name)) ?? false;
  const isKey = inMember || parent?.type === 'Property' || parent?.type === 'PropertyDefinition';
  return TIMERS.test(name) && !(isKey && (parent.key === node || parent.property === node));
}

/** What a function written here is called by those who read of it. */
function nameOf(node: Node): string | null {
  const named = (node.id ?? node.key) as Node | null | undefined;
  return typeof named?.name === 'string' ? named.name : null;
}

function* children(node: Node): Iterable<Node> {
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === 'string') yield child as Node;
    }
  }
}

function lineStarts(lines: readonly string[]): number[] {
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** The groups of nodes that reach each other by arrows, each as one circle to read: `a -> b -> a`. */
export function circles(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): void => {
    const at = path.indexOf(node);
    if (at >= 0) found.push([...path.slice(at), node].join(' -> '));
    if (at >= 0 || done.has(node)) return;
    for (const next of arrows.get(node) ?? []) walk(next, [...path, node]);
    done.add(node);
  };
  for (const node of arrows.keys()) walk(node, []);
  return found;
}
