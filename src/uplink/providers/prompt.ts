import { parseJson } from '../../core/json.js';
import type { Upload } from '../queue/upload.js';

/** An action an answer may ask for, as a tool of the model. */
export interface Tool {
  readonly name: string;
  readonly parameters: readonly string[];
}

/** What every provider's session is made of, whatever its protocol. */
export interface SessionOptions {
  readonly name: string;
  readonly model: string;
  readonly prompts: { readonly voice: string; readonly sensor: string };
  readonly answerSchema: unknown;
  readonly tools: readonly Tool[];
  readonly maxOutputTokens: number;
}

/** The instructions for a kind of upload, with the schema the answer must have. */
export function instructionsFor(kind: Upload['kind'], { prompts, answerSchema }: SessionOptions): string {
  return `${prompts[kind]}\n\nThe JSON Schema of your answer:\n${JSON.stringify(answerSchema)}`;
}

/** The parts of an upload that are text, as JSON; what may not leave is not mentioned. */
export function textOf(upload: Upload): string {
  const { kind, source, wallTime, label, reasons, trail, transcript, summary } = upload;
  const told = { kind, source, wallTime, label, reasons, trail, transcript, summary };
  return JSON.stringify(Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)));
}

/** What is said when an answer broke its schema. */
export function repairText(problem: string): string {
  return `That answer was refused: ${problem}. Answer again, with JSON of the schema and nothing else.`;
}

/** Little-endian 16-bit samples as base64. */
export function base64Of(pcm: Int16Array): string {
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
}

/** An answer that came as words, as a call of a tool, or both, as the one JSON object that is checked. */
export function withToolCall(text: string, name: string, parameters: unknown): string {
  const action = { name, parameters };
  const answer = parseJson(text);
  if (typeof answer === 'object' && answer !== null) return JSON.stringify({ ...answer, action });
  // Words beside the call, or none.
  return JSON.stringify({ label: name, text: text.trim() === '' ? name : text, action });
}

/** JSON Schema of a tool's parameters: texts, as slots are. */
export function parametersOf(tool: Tool) {
  const properties = Object.fromEntries(tool.parameters.map((parameter) => [parameter, { type: 'string' }]));
  return { type: 'object', properties, required: [...tool.parameters] };
}

/**
 * The words for a person in an answer that is still coming: what its `text` holds so far, or all of it where the
 * model did not keep to JSON.
 */
export function textSoFar(answer: string): string {
  const trimmed = answer.trimStart();
  if (trimmed !== '' && !/^[{`]/.test(trimmed)) return answer;
  const found = /"text"\s*:\s*"((?:[^"\\]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*)/.exec(trimmed)?.[1];
  return found === undefined ? '' : (JSON.parse(`"${found.replaceAll('\n', '\\n')}"`) as string);
}
