import * as z from '../core/zod.js';
import { configSchema } from '../runtime/config.js';

/** The parts of a JSON Schema that walking it needs. */
interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly const?: unknown;
  /** A secret (JSON Schema, Validation 9.4). */
  readonly writeOnly?: boolean;
}

/** JSON Schema (2020-12) of the configuration as a person writes it, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: 'input', reused: 'inline' }) as Record<string, unknown>;
}

/** It takes a while to make, and is asked for once a reference. */
let whole: SchemaNode | null = null;

/** The keys that may stand in the mapping at `path` of `value`. */
export function keysAt(path: readonly PropertyKey[], value: unknown): string[] {
  return [...new Set(nodesAt(path, value).flatMap((node) => Object.keys(node.properties ?? {})))];
}

/** Whether a secret stands at `path` of `value`: its references are looked up when it is used. */
export function isSecretAt(path: readonly PropertyKey[], value: unknown): boolean {
  return nodesAt(path, value).some(({ writeOnly }) => writeOnly === true);
}

function nodesAt(path: readonly PropertyKey[], value: unknown): readonly SchemaNode[] {
  whole ??= configJsonSchema() as SchemaNode;
  let nodes: readonly SchemaNode[] = [whole];
  let here = value;
  for (const key of path) {
    nodes = nodes.flatMap((node) => alternatives(node, here)).flatMap((node) => child(node, key));
    here = (here as Record<PropertyKey, unknown> | undefined)?.[key];
  }
  return nodes.flatMap((node) => alternatives(node, here));
}

/** The branches of a union that fit the constants (`kind`) of `value`. */
function alternatives(node: SchemaNode, value: unknown): readonly SchemaNode[] {
  const branches = node.oneOf ?? node.anyOf;
  if (!branches) return [node];
  const mapping = value as Record<string, unknown> | undefined;
  return branches
    .flatMap((branch) => alternatives(branch, value))
    .filter((branch) =>
      Object.entries(branch.properties ?? {}).every(
        ([key, property]) => property.const === undefined || property.const === mapping?.[key],
      ),
    );
}

function child(node: SchemaNode, key: PropertyKey): readonly SchemaNode[] {
  if (typeof key === 'number') return node.items ? [node.items] : [];
  const named = node.properties?.[String(key)];
  if (named) return [named];
  return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : [];
}
