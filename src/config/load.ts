import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { CatnapError } from '../core/errors.js';
import { faultsBelow, type SettingFault } from '../core/kind.js';
import { fillReferences, refersElsewhere, type SecretPlace } from '../files/secrets.js';
import { whyUnreadable } from '../files/why-unreadable.js';
import {
  type CascadeConfig,
  type Config,
  cascadeFaults,
  cascadeFrom,
  cascadeMissing,
  configSchema,
  stateDirSchema,
} from '../runtime/config.js';
import { actionFaults } from '../runtime/configured-actions.js';
import { guardrailKindOf } from '../runtime/guardrails.js';
import { judgeKindOf } from '../runtime/judges.js';
import { providerKindOf } from '../runtime/providers.js';
import { sinkKindOf } from '../runtime/sinks.js';
import { sourceKindOf } from '../runtime/sources.js';
import { wyomingFaults } from '../runtime/wyoming.js';
import { unknownProvider } from '../uplink/providers/unknown-provider.js';
import { explain, narrowed } from './explain.js';
import { isSecretAt, keysAt } from './json-schema.js';
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
type Complain = (path: Path, message: string) => void;

export function formatIssue(issue: ConfigIssue): string {
  const place = issue.line === 0 ? ':' : `:${issue.line}:${issue.column}`;
  return `${issue.file}${place} ${issue.path || '(top)'}: ${issue.message}`;
}

/** What may be missing here and there elsewhere: a secret that is read when it is used, a file that a source plays. */
export type Need = 'secret' | 'file';

/** Says of what is missing whether that is wrong. */
export type MissingRule = (need: Need, issue: ConfigIssue) => 'wrong' | 'passed-over';

/** For what runs the configuration. */
export const needsAll: MissingRule = () => 'wrong';
/** For what only looks at it. */
export const needsNothing: MissingRule = () => 'passed-over';
/** For what runs it and asks nobody: who asks nobody has to prove nothing. */
export const needsFiles: MissingRule = (need) => (need === 'file' ? 'wrong' : 'passed-over');

/**
 * Reads and checks a configuration file. The state folder and the files that its cascades name are found from there.
 * @param rule asked of each thing that is missing
 * @throws ConfigError with all issues; CatnapError `CONFIG_UNREADABLE` when the file cannot be read.
 */
export function loadConfig(
  file: string,
  env: NodeJS.ProcessEnv = process.env,
  rule: MissingRule = needsAll,
): Config {
  const config = parseConfig(textOf(file), file, env, rule);
  const folder = dirname(file);
  const cascades = Object.entries(config.cascades).map(([name, cascade]): [string, CascadeConfig] => [
    name,
    cascadeFrom(folder, cascade),
  ]);
  const stateDir = resolve(folder, config.stateDir);
  return { ...config, stateDir, cascades: Object.fromEntries(cascades) };
}

/**
 * The state folder that a configuration names, whatever else may be wrong with it here: what is kept there is looked at
 * without the secrets that `catnap run` needs.
 */
export function configuredStateDir(file: string, env: NodeJS.ProcessEnv = process.env): string {
  const { document } = documentOf(textOf(file), file);
  const { stateDir } = stateDirSchema.parse(plain(document, file));
  const folder = dirname(file);
  return resolve(
    folder,
    fillReferences(stateDir, { folder, env }, () => {}),
  );
}

/**
 * The text of a configuration.
 * @throws CatnapError `CONFIG_UNREADABLE`; ConfigError with the first line that is not UTF-8.
 */
export function textOf(file: string): string {
  const bytes = bytesOf(file);
  const text = bytes.toString();
  if (isUtf8(bytes)) return text;
  const line = text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
  throw new ConfigError([{ file, line, column: 1, path: '', message: 'expected UTF-8, found other bytes' }]);
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new CatnapError(
      'CONFIG_UNREADABLE',
      `config ${file}: expected a readable file, ${whyUnreadable(cause)}`,
      { cause },
    );
  }
}

/** The YAML of a configuration, unchecked. @throws ConfigError with what is no YAML. */
export function documentOf(
  text: string,
  file: string,
): { readonly document: Document; readonly lines: LineCounter } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length === 0) return { document, lines };
  throw new ConfigError(
    document.errors.map(({ code, message, pos }) => {
      const { line, col } = lines.linePos(pos[0]);
      const expected = 'expected one document, found another behind "---"';
      return { file, line, column: col, path: '', message: code === 'MULTIPLE_DOCS' ? expected : message };
    }),
  );
}

/**
 * Checks a configuration's YAML text. `${NAME}` in a value is taken from `env`, `${file:PATH}` from beside `file`.
 * @param rule as for {@link loadConfig}
 * @throws ConfigError with all issues, each with line and column in `file`.
 */
export function parseConfig(
  text: string,
  file: string,
  env: NodeJS.ProcessEnv = {},
  rule: MissingRule = needsAll,
): Config {
  const { document, lines } = documentOf(text, file);
  const written: unknown = plain(document, file);
  const issues: ConfigIssue[] = [];
  const issueOf = (path: Path, message: string): ConfigIssue => ({
    file,
    ...positionOf(document, lines, path),
    path: path.map(String).join('.'),
    message,
  });
  const complain: Complain = (path, message) => issues.push(issueOf(path, message));
  const place = { folder: dirname(file), env };
  const value = substitute(written, (path, each) =>
    isSecretAt(path, written) ? each : fillReferences(each, place, (message) => complain(path, message)),
  );
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
  if (result.success) {
    for (const [need, { path, message }] of missingFrom(result.data, place)) {
      const issue = issueOf(path, message);
      if (rule(need, issue) === 'wrong') issues.push(issue);
    }
  }
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
  const providers = uplink.providers.map(({ name }) => name);
  return [
    ...sources.flatMap((source, index) =>
      faultsBelow(['sources', index], sourceKindOf(source).faults?.(source, place)),
    ),
    ...Object.entries(cascades).flatMap(([name, cascade]) =>
      faultsBelow(['cascades', name], cascadeFaults(folder, cascade)),
    ),
    ...uplink.providers.flatMap((provider, index) =>
      faultsBelow(['uplink', 'providers', index], providerKindOf(provider).faults?.(provider, place)),
    ),
    ...uplink.judges.flatMap((judge, index) =>
      faultsBelow(['uplink', 'judges', index], judgeKindOf(judge).faults?.(judge, { folder, providers })),
    ),
    ...uplink.budget.flatMap(({ provider }, index) =>
      faultsBelow(
        ['uplink', 'budget', index],
        provider === null ? [] : unknownProvider(provider, providers, ['provider']),
      ),
    ),
    ...uplink.guardrails.flatMap((guardrail, index) =>
      faultsBelow(['uplink', 'guardrails', index], guardrailKindOf(guardrail).faults?.(guardrail, place)),
    ),
    ...actionFaults(config, folder),
    ...wyomingFaults(config),
    ...sinks.flatMap((sink, index) => faultsBelow(['sinks', index], sinkKindOf(sink).faults?.(sink, place))),
  ];
}

/** Secrets and files that are not there now. */
function missingFrom(
  config: Config,
  place: Required<SecretPlace>,
): readonly (readonly [Need, SettingFault])[] {
  const missing: (readonly [Need, SettingFault])[] = [];
  config.sources.forEach((source, index) => {
    for (const fault of faultsBelow(['sources', index], sourceKindOf(source).missing?.(source, place)))
      missing.push(['file', fault]);
  });
  for (const [name, cascade] of Object.entries(config.cascades)) {
    for (const fault of faultsBelow(['cascades', name], cascadeMissing(place.folder, cascade)))
      missing.push(['file', fault]);
  }
  substitute(config, (path, text) =>
    isSecretAt(path, config)
      ? fillReferences(text, place, (message) => missing.push(['secret', { path, message }]))
      : text,
  );
  return missing;
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

/** A copy of a value with each text that holds a reference as `fill` makes it. */
function substitute(value: unknown, fill: (path: Path, text: string) => string, path: Path = []): unknown {
  if (Array.isArray(value)) return value.map((item, index) => substitute(item, fill, [...path, index]));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, substitute(item, fill, [...path, key])]),
    );
  return typeof value === 'string' && refersElsewhere(value) ? fill(path, value) : value;
}
