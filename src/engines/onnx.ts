import { createRequire } from 'node:module';
import type * as Ort from 'onnxruntime-node';
import { CatnapError } from '../core/errors.js';
import {
  allocate,
  checkTensor,
  copyTensor,
  type Engine,
  linkStates,
  type StateLink,
  type Tensor,
  type TensorInfo,
} from './engine.js';

const require = createRequire(import.meta.url);
let runtime: typeof Ort | undefined;

/** The ONNX Runtime library, loaded on first use: a process that runs no ONNX model does not pay for it. */
export function onnxRuntime(): typeof Ort {
  runtime ??= require('onnxruntime-node') as typeof Ort;
  return runtime;
}

/**
 * One thread, no pools: the default options spin a full core in waiting threads, which an always-on device
 * cannot afford.
 */
const SESSION_OPTIONS: Ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  enableCpuMemArena: true,
  executionProviders: ['cpu'],
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  logSeverityLevel: 3,
};

/** Opens a model without fixed shapes, for models that are called with a new length each time.
 * @throws CatnapError `MODEL_CORRUPT` when ONNX Runtime cannot read it. */
export async function openSession(bytes: Uint8Array, model: string): Promise<Ort.InferenceSession> {
  try {
    return await onnxRuntime().InferenceSession.create(bytes, SESSION_OPTIONS);
  } catch (cause) {
    throw new CatnapError(
      'MODEL_CORRUPT',
      `model ${model}: expected an ONNX graph, found ${firstLine(cause)}`,
      {
        cause,
      },
    );
  }
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0] ?? '';
}

function shapesOf(
  metadata: readonly Ort.InferenceSession.ValueMetadata[],
  name: string,
): { dtype: string; shape: (number | null)[] } | undefined {
  const entry = metadata.find((candidate) => candidate.name === name);
  if (entry === undefined || !entry.isTensor) return undefined;
  return { dtype: entry.type, shape: entry.shape.map((size) => (typeof size === 'number' ? size : null)) };
}

/** What an ONNX engine is to load. */
export interface OnnxModel {
  readonly model: string;
  readonly bytes: Uint8Array;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly state: readonly StateLink[];
}

/**
 * Loads an ONNX model with every tensor preallocated; inputs and outputs are written in place, so that a run
 * allocates no tensor data.
 * @throws CatnapError `MODEL_CORRUPT`, or `MODEL_SHAPE` when the graph differs from what is expected of it.
 */
export async function createOnnxEngine(description: OnnxModel): Promise<Engine> {
  const { model } = description;
  const session = await openSession(description.bytes, model);
  try {
    for (const info of description.inputs)
      checkTensor(model, info, shapesOf(session.inputMetadata, info.name));
    for (const info of description.outputs)
      checkTensor(model, info, shapesOf(session.outputMetadata, info.name));
    for (const name of session.inputNames) {
      if (description.inputs.some((info) => info.name === name)) continue;
      throw new CatnapError('MODEL_SHAPE', `model ${model}: tensor "${name}": expected none, found an input`);
    }
    return new OnnxEngine(description, session);
  } catch (error) {
    await session.release();
    throw error;
  }
}

class OnnxEngine implements Engine {
  readonly kind = 'onnx';
  readonly model: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly #session: Ort.InferenceSession;
  readonly #feeds: Record<string, Ort.Tensor> = {};
  readonly #fetches: Record<string, Ort.Tensor> = {};
  readonly #links: readonly { readonly from: Tensor; readonly to: Tensor }[];
  #open = true;

  constructor(description: OnnxModel, session: Ort.InferenceSession) {
    this.model = description.model;
    this.#session = session;
    this.inputs = description.inputs.map((info) => this.#bind(info, this.#feeds));
    this.outputs = description.outputs.map((info) => this.#bind(info, this.#fetches));
    this.#links = linkStates(description, this.inputs, this.outputs);
  }

  #bind(info: TensorInfo, into: Record<string, Ort.Tensor>): Tensor {
    const data = allocate(info.dtype, info.shape);
    const { Tensor: OrtTensor } = onnxRuntime();
    into[info.name] = new OrtTensor(info.dtype, data as Float32Array, info.shape) as Ort.Tensor;
    return { ...info, data };
  }

  async run(): Promise<void> {
    if (!this.#open) throw new CatnapError('STAGE_UNAVAILABLE', `model ${this.model}: run after dispose`);
    try {
      await this.#session.run(this.#feeds, this.#fetches);
    } catch (cause) {
      throw new CatnapError('MODEL_OUTPUT', `model ${this.model}: run failed: ${firstLine(cause)}`, {
        cause,
      });
    }
    for (const link of this.#links) copyTensor(link.from, link.to);
  }

  reset(): void {
    for (const link of this.#links) link.to.data.fill(0 as never);
  }

  async dispose(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#session.release();
  }
}
