import { ACTIONS } from '../runtime/actions.js';
import { configJsonSchema } from './json-schema.js';

/** What the reference reads of a JSON Schema. */
interface Setting {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly properties?: Readonly<Record<string, Setting>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Setting | boolean;
  readonly items?: Setting | false;
  /** What stands at each place of a list of fixed length. */
  readonly prefixItems?: readonly Setting[];
  /** Where it is defined, once for all that name it. */
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Setting>>;
  readonly oneOf?: readonly Setting[];
  readonly anyOf?: readonly Setting[];
}

/** A mapping's section of the reference. */
interface Section {
  readonly title: string;
  /** Kind of the nearest mapping above that has one: it tells sections of the same title apart. */
  readonly within: string;
  readonly text: string;
}

/** A default longer than this is told by its size. */
const LONGEST_DEFAULT = 130;

/** docs/CONFIG.md: every setting of a configuration, as the schema has it. */
export function configReference(): string {
  const schema = withDefinitions(configJsonSchema());
  const sections = [
    ...sectionsOf('', schema, ''),
    ...branchesOf(actionIn(schema)).map((action) =>
      sectionOf(`An action: ${kindOf(action)}`, '', action, ''),
    ),
  ];
  return `# Configuration

Every setting, made from the schema that reads it (\`catnap schema reference\`). Paths are relative to the file. \`\${NAME}\` in a value is an
environment variable, \`\${file:PATH}\` the content of a file: so secrets are given, wherever they stand. Both are looked up when the
configuration is read, and again where a setting says so. What is *required* has to be given, anything else may be left out; in a section
that is left out, all defaults hold. A default that is too long for a table is printed by \`catnap schema config\`. Where it says
*action*, one of the actions at the end stands.

${headed(sections).join('\n')}`;
}

/** The schema with each definition put where it is named. */
function withDefinitions(schema: Setting): Setting {
  const put = (_: string, value: Setting | null): unknown => {
    const name = value?.$ref?.split('/').at(-1);
    return name === undefined ? value : schema.$defs?.[name];
  };
  return JSON.parse(JSON.stringify(schema), put) as Setting;
}

/** Sections under their headings: those that are the same once, others of the same title with what they are within. */
function headed(sections: readonly Section[]): readonly string[] {
  const unlike = new Map(sections.map((section) => [`${section.title}\n${section.text}`, section]));
  const distinct = [...unlike.values()];
  return distinct.map(({ title, within, text }) => {
    const isShared = distinct.filter((other) => other.title === title).length > 1;
    return `## ${title}${isShared ? `, within ${within}` : ''}\n${text}`;
  });
}

/** A mapping's section, and after it those of what stands below it. */
function sectionsOf(path: string, setting: Setting, within: string): readonly Section[] {
  const branches = branchesOf(setting).filter(({ properties }) => properties !== undefined);
  return branches.flatMap((branch) => {
    const title =
      path === '' ? 'The file' : `\`${path}\`${kindOf(branch) === '' ? '' : `: ${kindOf(branch)}`}`;
    const below = Object.entries(branch.properties ?? {}).flatMap(([name, inner]) => {
      const [suffix, held] = heldBy(inner);
      const inside = kindOf(branch) === '' ? within : kindOf(branch);
      return isAction(held)
        ? []
        : sectionsOf(`${path === '' ? '' : `${path}.`}${name}${suffix}`, held, inside);
    });
    return [sectionOf(title, within, branch, branch.description ?? ''), ...below];
  });
}

/** What a list or a mapping by name holds, or the setting itself. */
function heldBy(setting: Setting): readonly [suffix: string, held: Setting] {
  const [only] = branchesOf(setting).filter(({ type }) => type !== 'null');
  if (only?.items) return ['[]', only.items];
  if (only !== undefined && typeof only.additionalProperties === 'object' && only.properties === undefined) {
    const [suffix, held] = heldBy(only.additionalProperties);
    return [`.NAME${suffix}`, held];
  }
  return ['', setting];
}

function sectionOf(
  title: string,
  within: string,
  { properties = {}, required = [] }: Setting,
  about: string,
): Section {
  const rows = Object.entries(properties)
    .filter(([name]) => name !== 'kind')
    .map(([name, setting]) => {
      const about = cell(setting.description ?? '');
      return `| \`${name}\` | ${cell(typeOf(setting))} | ${cell(required.includes(name) ? '*required*' : defaultOf(setting))} | ${about} |\n`;
    });
  const table = rows.length === 0 ? '' : `| setting | is | default | |\n|---|---|---|---|\n${rows.join('')}`;
  const text = [about, table].map((part) => (part === '' ? '' : `\n${part.trimEnd()}\n`)).join('');
  return { title, within, text };
}

function typeOf(setting: Setting): string {
  if (isAction(setting)) return '*action*';
  const branches = branchesOf(setting);
  if (branches.length > 1) {
    const each = branches.flatMap((branch) => branch.enum?.map(shown) ?? [typeOf(branch)]);
    return [...new Set(each)].join(' or ');
  }
  if (setting.enum !== undefined) return setting.enum.map(shown).join(', ');
  if (setting.const !== undefined) return shown(setting.const);
  if (setting.prefixItems !== undefined) return `[${setting.prefixItems.map(typeOf).join(', ')}]`;
  if (setting.items) return `list of ${typeOf(setting.items)}`;
  if (setting.properties !== undefined) return kindOf(setting) === '' ? 'mapping' : shown(kindOf(setting));
  if (typeof setting.additionalProperties === 'object') {
    return `by name: ${typeOf(setting.additionalProperties)}`;
  }
  return `${[setting.type ?? 'anything'].flat().join(' or ')}${boundsOf(setting)}`;
}

function boundsOf({ minimum, maximum, exclusiveMinimum }: Setting): string {
  const isWhole = (bound: number | undefined) => bound !== undefined && Math.abs(bound) < 1e15;
  const from = isWhole(minimum) ? ` from ${minimum}` : '';
  const above = isWhole(exclusiveMinimum) ? ` above ${exclusiveMinimum}` : '';
  return `${from}${above}${isWhole(maximum) ? ` to ${maximum}` : ''}`;
}

function defaultOf({ default: value }: Setting): string {
  if (value === undefined) return '';
  const text = JSON.stringify(value);
  if (text === '{}') return '';
  return text.length > LONGEST_DEFAULT ? 'see `catnap schema config`' : `\`${text}\``;
}

function branchesOf(setting: Setting | undefined): readonly Setting[] {
  const branches = setting?.oneOf ?? setting?.anyOf;
  return branches === undefined ? (setting === undefined ? [] : [setting]) : branches.flatMap(branchesOf);
}

function kindOf({ properties }: Setting): string {
  return typeof properties?.kind?.const === 'string' ? properties.kind.const : '';
}

function isAction(setting: Setting): boolean {
  const kinds = branchesOf(setting).map(kindOf);
  return Object.keys(ACTIONS).every((kind) => kinds.includes(kind));
}

/** An action where one may stand, without the alternatives of its place. */
function actionIn({ properties }: Setting): Setting | undefined {
  const actions = properties?.uplink?.properties?.actions?.additionalProperties;
  return typeof actions === 'object' ? actions : undefined;
}

function shown(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
