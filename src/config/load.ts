import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { CatnapError } from '../core/errors.js';
import type { SettingFault } from '../core/kind.js';
import {
  type CascadeConfig,
  type Config,
  cascadeFaults,
  cascadeFrom,
  configSchema,
} from '../runtime/config.js';
import { actionFaults } from '../runtime/configured-actions.js';
import { guardrailKindOf } from '../runtime/guardrails.js';
import { providerKindOf } from '../runtime/providers.js';
import { sinkKindOf } from '../runtime/sinks.js';
import { sourceKindOf } from '../runtime/sources.js';
import { explain, narrowed } from './explain.js';
import { keysAt } from './json-schema.js';
import { suggestion } from './nearest.js';

/** One thing wrong with a configuration: where it stands and what was expected and found. */
export interface ConfigIssue {
  readonly file: string;
  /** From 1; 0 when the place is not in the file. */
  readonly line: number;
  readonly column: number;
  /** Dotted, as in `sources.0.kind`. */
  readonly path: string;
  readonly message: string;
}

/** `CONFIG_INVALID` with every issue at once. */
export class ConfigError extends CatnapError {
  constructor(readonly issues: readonly ConfigIssue[]) {
    super('CONFIG_INVALID', issues.map(formatIssue).join('\n'));
  }
}

type Path = readonly PropertyKey[];
/** What an environment variable may be called (POSIX); anything else may be the secret itself. */
const VARIABLE = /^[A-Za-z_]\w*$/;

type Complain = (path: Path, message: string) => void;

function formatIssue(issue: ConfigIssue): string {
  const place = issue.line === 0 ? ':' : `:${issue.line}:${issue.column}`;
  return `${issue.file}${place} ${issue.path || '(top)'}: ${issue.message}`;
}

/**
 * Reads and checks a configuration file. The state folder and the files that its cascades name are found from there.
 * @throws ConfigError with all issues; CatnapError `CONFIG_UNREADABLE` when the file cannot be read.
 */
export function loadConfig(file: string, env: NodeJS.ProcessEnv = process.env): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'found none' : `found ${message}`;
    throw new CatnapError('CONFIG_UNREADABLE', `config ${file}: expected a readable file, ${why}`, { cause });
  }
  const config = parseConfig(text, file, env);
  const folder = dirname(file);
  const cascades = Object.entries(config.cascades).map(([name, cascade]): [string, CascadeConfig] => [
    name,
    cascadeFrom(folder, cascade),
  ]);
  const stateDir = resolve(folder, config.stateDir);
  return { ...config, stateDir, cascades: Object.fromEntries(cascades) };
}

/**
 * Checks a configuration's YAML text. `${NAME}` in a value is taken from `env`, `${file:/path}` from a file.
 * @throws ConfigError with all issues, each with line and column in `file`.
 */
export function parseConfig(text: string, file: string, env: NodeJS.ProcessEnv = {}): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map(({ message, pos }) => {
        const { line, col } = lines.linePos(pos[0]);
        return { file, line, column: col, path: '', message };
      }),
    );
  }
  const written: unknown = plain(document, file);
  const issues: ConfigIssue[] = [];
  const complain: Complain = (path, message) =>
    issues.push({ file, ...positionOf(document, lines, path), path: path.map(String).join('.'), message });
  const value = substitute(written, [], env, complain);
  const unset = new Set(issues.map(({ path }) => path));
  const result = configSchema.safeParse(value, { reportInput: true });
  for (const issue of (result.error?.issues ?? []).flatMap(narrowed)) {
    // What an unset variable leaves behind is not wrong a second time.
    if (unset.has(issue.path.map(String).join('.'))) continue;
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys)
        complain([...issue.path, key], `unknown key${suggestion(key, keysAt(issue.path, written))}`);
    else complain(issue.path, explain(issue, written));
  }
  for (const { path, message, among } of result.success ? settingFaults(result.data, dirname(file)) : [])
    complain(path, among === undefined ? message : `${message}${suggestion(among.found, among.known)}`);
  if (!result.success || issues.length > 0) throw new ConfigError(issues);
  return result.data;
}

/** What the YAML says. An alias without its anchor shows only here; its name may be a secret that begins with `*`. */
function plain(document: Document, file: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch {
    const message = 'expected an anchor before each alias, found none; a text that begins with * is quoted';
    throw new ConfigError([{ file, line: 0, column: 0, path: '', message }]);
  }
}

/** What the kinds of a configuration's things find wrong with their settings on this machine. */
function settingFaults(config: Config, folder: string): readonly SettingFault[] {
  const { sources, sinks, cascades, uplink } = config;
  const place = { folder };
  const below = (above: Path, faults: readonly SettingFault[] = []) =>
    faults.map((fault) => ({ ...fault, path: [...above, ...fault.path] }));
  return [
    ...sources.flatMap((source, index) =>
      below(['sources', index], sourceKindOf(source).faults?.(source, place)),
    ),
    ...Object.entries(cascades).flatMap(([name, cascade]) =>
      below(['cascades', name], cascadeFaults(folder, cascade)),
    ),
    ...uplink.providers.flatMap((provider, index) =>
      below(['uplink', 'providers', index], providerKindOf(provider).faults?.(provider, place)),
    ),
    ...uplink.guardrails.flatMap((guardrail, index) =>
      below(['uplink', 'guardrails', index], guardrailKindOf(guardrail).faults?.(guardrail, place)),
    ),
    ...actionFaults(config, folder),
    ...sinks.flatMap((sink, index) => below(['sinks', index], sinkKindOf(sink).faults?.(sink, place))),
  ];
}

/** Line and column of the deepest node on `path` that stands in the file, both from 1. */
function positionOf(document: Document, lines: LineCounter, path: Path): { line: number; column: number } {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0]);
      return { line, column: col };
    }
  }
  return { line: 0, column: 0 };
}

/** Replaces `${NAME}` and `${file:/path}` in every string, so that secrets stand outside the YAML. */
function substitute(value: unknown, path: Path, env: NodeJS.ProcessEnv, complain: Complain): unknown {
  if (Array.isArray(value))
    return value.map((item, index) => substitute(item, [...path, index], env, complain));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, substitute(item, [...path, key], env, complain)]),
    );
  if (typeof value !== 'string') return value;
  return value.replace(/\$\{(file:)?([^}]+)\}/g, (_, isFile: string | undefined, name: string) => {
    if (isFile) {
      try {
        return readFileSync(name, 'utf8').trim();
      } catch {
        complain(path, `expected a readable file at ${name}`);
        return '';
      }
    }
    if (!VARIABLE.test(name)) {
      complain(path, 'expected the name of an environment variable between ${ and }, found other characters');
      return '';
    }
    const found = env[name];
    if (found === undefined) complain(path, `expected the environment variable ${name}, found it unset`);
    return found ?? '';
  });
}
