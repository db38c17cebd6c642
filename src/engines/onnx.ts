import { createRequire } from 'node:module';
import type * as Ort from 'onnxruntime-node';
import { CatnapError } from '../core/errors.js';
import { checkModelFile, type ModelFile, readModelFile } from '../models/model-file.js';
import {
  allocate,
  checkTensor,
  type Engine,
  handOn,
  type StateLoop,
  type StatePair,
  stateLoops,
  type Tensor,
  type TensorInfo,
  type TensorType,
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
const SESSION_OPTIONS = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  enableCpuMemArena: false,
  executionProviders: ['cpu'],
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  logSeverityLevel: 3,
} satisfies Ort.InferenceSession.SessionOptions;

/** What is open, by the SHA-256 of its file. */
const open = new Map<string, { readonly session: Promise<Ort.InferenceSession>; users: number }>();

/**
 * A graph that is open in this thread, called with the shapes it takes. Whoever opens the same file shares it: three
 * stages listen through Moonshine's encoder, of which each copy would hold tens of megabytes.
 */
export class Session {
  #isReleased = false;

  constructor(
    private readonly file: ModelFile,
    readonly graph: Pick<Ort.InferenceSession, 'run' | 'inputNames' | 'inputMetadata' | 'outputMetadata'>,
  ) {}

  /** As ONNX Runtime's own. @throws CatnapError `STAGE_UNAVAILABLE` once it is released. */
  run(
    feeds: Ort.InferenceSession.FeedsType,
    fetches?: Ort.InferenceSession.FetchesType,
  ): Promise<Ort.InferenceSession.ReturnType> {
    if (this.#isReleased)
      throw new CatnapError('STAGE_UNAVAILABLE', `model ${this.file.model}: run after dispose`);
    return fetches === undefined ? this.graph.run(feeds) : this.graph.run(feeds, fetches);
  }

  /** Frees the graph with its last user. */
  async release(): Promise<void> {
    const { sha256 } = this.file;
    const entry = open.get(sha256);
    if (this.#isReleased || entry === undefined) return;
    this.#isReleased = true;
    entry.users -= 1;
    if (entry.users > 0) return;
    open.delete(sha256);
    await (await entry.session).release();
  }
}

/** How a graph is opened, where that is not as most are. */
export interface SessionOptions {
  /** Folder with the file that its weights are mapped from, which the caller has checked. */
  readonly tensorsFolder?: string;
  /**
   * Keeps the memory that a run needed for the next: of a graph that is run all day, where taking a megabyte from the
   * system and giving it back at each run costs a fifth of the run (measured with the allocator's settings of
   * `process/launch-flags.ts`).
   */
  readonly keepsMemory?: boolean;
}

/**
 * Opens a model.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT` when it is not the one meant or ONNX Runtime cannot read it.
 */
export async function openSession(file: ModelFile, options: SessionOptions = {}): Promise<Session> {
  const { sha256, model } = file;
  const entry = open.get(sha256) ?? { session: createSession(file, options), users: 0 };
  open.set(sha256, entry);
  entry.users += 1;
  try {
    return new Session(file, await entry.session);
  } catch (cause) {
    open.delete(sha256);
    if (cause instanceof CatnapError) throw cause;
    throw new CatnapError(
      'MODEL_CORRUPT',
      `model ${model}: expected an ONNX graph, found ${firstLine(cause)}`,
      { cause },
    );
  }
}

/** Opened by its path: bytes handed over would be held twice until V8 collects them. */
async function createSession(
  file: ModelFile,
  { tensorsFolder, keepsMemory = false }: SessionOptions,
): Promise<Ort.InferenceSession> {
  const { InferenceSession } = onnxRuntime();
  if (tensorsFolder === undefined) {
    checkModelFile(file);
    return InferenceSession.create(file.path, { ...SESSION_OPTIONS, enableCpuMemArena: keepsMemory });
  }
  const session = {
    ...SESSION_OPTIONS.extra.session,
    model_external_initializers_file_folder_path: tensorsFolder,
  };
  return InferenceSession.create(readModelFile(file), { ...SESSION_OPTIONS, extra: { session } });
}

/** What ONNX Runtime says, without the path of the model and the place in its own source. */
function firstLine(cause: unknown): string {
  const line = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0] ?? '';
  return line
    .replace(/^Load model from .* failed:/, '')
    .replace(/^\S*onnxruntime\S+\.cc:\d+ .*?\) (?=[^()]*$)/, '');
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
  readonly file: ModelFile;
  /** Tensors the file must have, by name; null takes the file as it is. */
  readonly inputs: readonly TensorInfo[] | null;
  readonly outputs: readonly TensorInfo[] | null;
  readonly state: readonly StateLoop[];
}

/**
 * Loads an ONNX model with every tensor preallocated; inputs and outputs are written in place, so that a run
 * allocates no tensor data.
 * @throws CatnapError `MODEL_CORRUPT`, or `MODEL_SHAPE` when the graph differs from what is expected of it.
 */
export async function createOnnxEngine(description: OnnxModel): Promise<Engine> {
  const { model } = description;
  const session = await openSession(description.file);
  const { graph } = session;
  try {
    const inputs = description.inputs ?? tensorsOf(model, graph.inputMetadata);
    const outputs = description.outputs ?? tensorsOf(model, graph.outputMetadata);
    for (const info of inputs) checkTensor(model, info, shapesOf(graph.inputMetadata, info.name));
    for (const info of outputs) checkTensor(model, info, shapesOf(graph.outputMetadata, info.name));
    for (const name of graph.inputNames) {
      if (inputs.some((info) => info.name === name)) continue;
      throw new CatnapError('MODEL_SHAPE', `model ${model}: tensor "${name}": expected none, found an input`);
    }
    return new OnnxEngine({ ...description, inputs, outputs }, session);
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Types that this and ONNX Runtime call alike. */
const TYPES: readonly string[] = ['float32', 'int8', 'uint8', 'int32', 'int64', 'bool'];

function isTensorType(name: string): name is TensorType {
  return TYPES.includes(name);
}

/** What a graph declares; a dimension that it leaves open is 1, as that of a batch.
 * @throws CatnapError `MODEL_SHAPE` for a type that no tensor here has. */
function tensorsOf(
  model: string,
  metadata: readonly Ort.InferenceSession.ValueMetadata[],
): readonly TensorInfo[] {
  return metadata.map(({ name }) => {
    const { dtype, shape } = shapesOf(metadata, name) ?? { dtype: 'no tensor', shape: [] };
    if (isTensorType(dtype))
      return { name, dtype, shape: shape.map((size) => size ?? 1), quantisation: null };
    throw new CatnapError(
      'MODEL_SHAPE',
      `model ${model}: tensor "${name}": expected ${TYPES.join(', ')}, found ${dtype}`,
    );
  });
}

/** A model with every tensor known. */
interface KnownOnnxModel extends OnnxModel {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

class OnnxEngine implements Engine {
  readonly kind = 'onnx';
  readonly model: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly #session: Session;
  readonly #feeds: Record<string, Ort.Tensor> = {};
  readonly #fetches: Record<string, Ort.Tensor> = {};
  readonly #loops: readonly StatePair[];

  constructor(description: KnownOnnxModel, session: Session) {
    this.model = description.model;
    this.#session = session;
    this.inputs = description.inputs.map((info) => this.#bind(info, this.#feeds));
    this.outputs = description.outputs.map((info) => this.#bind(info, this.#fetches));
    this.#loops = stateLoops(description, this.inputs, this.outputs);
  }

  #bind(info: TensorInfo, into: Record<string, Ort.Tensor>): Tensor {
    const data = allocate(info.dtype, info.shape);
    const { Tensor: OrtTensor } = onnxRuntime();
    into[info.name] = new OrtTensor(info.dtype, data as Float32Array, info.shape) as Ort.Tensor;
    return { ...info, data };
  }

  async run(): Promise<void> {
    try {
      await this.#session.run(this.#feeds, this.#fetches);
    } catch (cause) {
      if (cause instanceof CatnapError) throw cause;
      throw new CatnapError('MODEL_OUTPUT', `model ${this.model}: run failed: ${firstLine(cause)}`, {
        cause,
      });
    }
    for (const loop of this.#loops) handOn(loop);
  }

  reset(): void {
    for (const loop of this.#loops) loop.to.data.fill(0 as never);
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}
