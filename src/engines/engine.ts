import { CatnapError } from '../core/errors.js';

/** Element types a tensor of a shipped or loaded model may have. */
export type TensorType = 'float32' | 'int8' | 'uint8' | 'int32' | 'int64' | 'bool';

/** Affine quantisation of an integer tensor: `real = scale * (stored - zeroPoint)`. */
export interface Quantisation {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** What a tensor looks like, without its values. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: TensorType;
  /** Outermost dimension first; all fixed. */
  readonly shape: readonly number[];
  readonly quantisation: Quantisation | null;
}

export type TensorData = Float32Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;

/** A preallocated tensor of an engine. Write the whole of an input before every run; read outputs after it. */
export interface Tensor extends TensorInfo {
  readonly data: TensorData;
}

/** An output whose last rows are handed back as an input of the next run: a streaming model's memory. */
export interface StateLoop {
  readonly input: string;
  readonly output: string;
}

/**
 * One loaded model with its buffers. Not for concurrent use: one `run` at a time.
 * `run` returns a promise only where the library behind it is asynchronous; a synchronous engine costs no
 * microtask in the always-on path.
 */
export interface Engine {
  /** Name of the model, for messages. */
  readonly model: string;
  readonly kind: 'onnx' | 'tflite';
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Runs the model once over what stands in `inputs`, leaving the result in `outputs`.
   * @throws CatnapError `MODEL_OUTPUT` when the library fails. */
  run(): void | Promise<void>;
  /** Forgets streaming state. */
  reset(): void;
  /** Frees the model; `run` throws afterwards. */
  dispose(): Promise<void>;
}

/** Number of elements of a shape; a scalar has one. */
function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

interface Values {
  new (length: number): TensorData;
  new (memory: ArrayBuffer, byteOffset: number, length: number): TensorData;
}

const VALUES: Readonly<Record<TensorType, Values>> = {
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
};

/** An array for a tensor of this type and shape: of zeros, or over memory in which such a tensor lies. */
export function allocate(dtype: TensorType, shape: readonly number[], memory?: ArrayBuffer): TensorData {
  const length = elementsOf(shape);
  return memory === undefined ? new VALUES[dtype](length) : new VALUES[dtype](memory, 0, length);
}

/** `float32[1,49,40]`, as error messages print it. */
export function describeTensor(info: Pick<TensorInfo, 'dtype' | 'shape'>): string {
  return `${info.dtype}[${info.shape.join(',')}]`;
}

/** What an engine takes and gives, as error messages print it. */
export function describeEngine({ inputs, outputs }: Engine): string {
  return [inputs, outputs].map((tensors) => tensors.map(describeTensor).join(' and ')).join(' to ');
}

/** Finds a tensor by name.
 * @throws CatnapError `MODEL_SHAPE` naming the tensors there are. */
function tensorNamed(tensors: readonly Tensor[], name: string, model: string): Tensor {
  const found = tensors.find((tensor) => tensor.name === name);
  if (found !== undefined) return found;
  const names = tensors.map((tensor) => tensor.name).join(', ');
  throw new CatnapError('MODEL_SHAPE', `model ${model}: expected a tensor "${name}", found ${names}`);
}

/** Finds a tensor by name that must hold floats.
 * @throws CatnapError `MODEL_SHAPE` where it is missing or of another type. */
export function floatsNamed(tensors: readonly Tensor[], name: string, model: string): Float32Array {
  const tensor = tensorNamed(tensors, name, model);
  if (tensor.data instanceof Float32Array) return tensor.data;
  throw new CatnapError(
    'MODEL_SHAPE',
    `model ${model}: tensor "${name}": expected float32, found ${tensor.dtype}`,
  );
}

/** The first tensor of a side, where a model has no other there.
 * @throws CatnapError `MODEL_SHAPE` where there is none, or it holds no floats. */
export function onlyFloats(engine: Engine, side: 'inputs' | 'outputs'): Float32Array {
  return floatsNamed(engine[side], engine[side][0]?.name ?? '', engine.model);
}

/**
 * Checks what a model file declares against what was promised for it; a dimension found as `null` is dynamic
 * and takes the expected size.
 * @throws CatnapError `MODEL_SHAPE` naming the tensor, what was expected and what was found.
 */
export function checkTensor(
  model: string,
  expected: Pick<TensorInfo, 'name' | 'dtype' | 'shape'>,
  found: { readonly dtype: string; readonly shape: readonly (number | null)[] } | undefined,
): void {
  const wanted = describeTensor(expected);
  const fits =
    found !== undefined &&
    found.dtype === expected.dtype &&
    found.shape.length === expected.shape.length &&
    found.shape.every((size, axis) => size === null || size === expected.shape[axis]);
  if (fits) return;
  const seen =
    found === undefined ? 'none' : `${found.dtype}[${found.shape.map((size) => size ?? '?').join(',')}]`;
  throw new CatnapError(
    'MODEL_SHAPE',
    `model ${model}: tensor "${expected.name}": expected ${wanted}, found ${seen}`,
  );
}

/** What of a run is handed to the next: `from` is the end of an output, as long as the input is. */
export interface StatePair {
  readonly from: TensorData;
  readonly to: Tensor;
}

/** Pairs up a streaming model's state tensors.
 * @throws CatnapError `MODEL_SHAPE` when a pair is missing or does not match. */
export function stateLoops(
  description: { readonly model: string; readonly state: readonly StateLoop[] },
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
): readonly StatePair[] {
  return description.state.map((loop) => {
    const from = tensorNamed(outputs, loop.output, description.model);
    const to = tensorNamed(inputs, loop.input, description.model);
    // The output may have more rows than the input, of which the last ones are handed on.
    const rows = to.shape[0] === 1 ? (from.shape[1] ?? 0) : 0;
    const shape = to.shape.map((size, axis) => (axis === 1 ? Math.max(size, rows) : size));
    checkTensor(description.model, { ...to, shape }, from);
    return { from: from.data.subarray(from.data.length - to.data.length), to };
  });
}

/** Hands a run's state to the next. */
export function handOn({ from, to: { data } }: StatePair): void {
  data.set(from as never);
}
