import { tableOf } from '../core/kind.js';
import type {
  Guardrail,
  GuardrailConfig,
  GuardrailEdges,
  GuardrailKind,
  GuardrailPlace,
} from '../uplink/guardrails/guardrail-kind.js';
import { length } from '../uplink/guardrails/length.js';
import { model } from '../uplink/guardrails/model.js';
import { module } from '../uplink/guardrails/module.js';
import { pattern } from '../uplink/guardrails/pattern.js';

/** Every kind of guardrail: configuration, `doctor` and what an answer goes through are made from it. */
export const GUARDRAILS = tableOf({ pattern, length, model, module });

/** The kind of a guardrail that the configuration has checked. */
export function guardrailKindOf({ kind }: GuardrailConfig): GuardrailKind<GuardrailConfig> {
  return GUARDRAILS[kind as keyof typeof GUARDRAILS] as unknown as GuardrailKind<GuardrailConfig>;
}

/** Makes the guardrail of a configuration entry. */
export async function createGuardrail(
  config: GuardrailConfig,
  edges: GuardrailEdges & GuardrailPlace,
): Promise<Guardrail> {
  return guardrailKindOf(config).create(config, edges);
}
