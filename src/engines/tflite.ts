import { CatnapError } from '../core/errors.js';
import {
  allocate,
  checkTensor,
  type Engine,
  handOn,
  type StateLoop,
  type StatePair,
  stateLoops,
  type Tensor,
  type TensorData,
  type TensorInfo,
  type TensorType,
} from './engine.js';
import { type Pointer, type TfliteLibrary, tfliteLibrary } from './tflite-library.js';
import { liftVariables } from './tflite-variables.js';

/** `TfLiteType` of `tensorflow/lite/c/c_api_types.h`. */
const TYPES: Record<number, TensorType> = {
  1: 'float32',
  2: 'int32',
  3: 'uint8',
  4: 'int64',
  6: 'bool',
  9: 'int8',
};

/**
 * `TfLiteXNNPackDelegateOptions`: int32 threads = 1, uint32 flags = QS8 | QU8, then zeros for whatever fields
 * the binary's version has beyond them.
 */
const XNNPACK_OPTIONS = new Uint8Array(new Int32Array([1, 3, ...Array<number>(14).fill(0)]).buffer);

/** What a TFLite engine is to load. */
export interface TfliteModel {
  readonly model: string;
  readonly bytes: Uint8Array;
  /** Tensors the file must have, by name; null takes the file as it is. */
  readonly inputs: readonly TensorInfo[] | null;
  readonly outputs: readonly TensorInfo[] | null;
  /** State handed from output to input. */
  readonly state: readonly StateLoop[];
  /** The model may keep state inside (`VAR_HANDLE`). */
  readonly keepsState: boolean;
}

interface Binding {
  readonly tensor: Tensor;
  readonly pointer: Pointer;
  /**
   * The values where the interpreter has them, which spares a call into the library; gone with the interpreter. Null
   * where they may move.
   */
  readonly inside: TensorData | null;
}

type TensorAt = (interpreter: Pointer, index: number) => Pointer;

interface Interpreter {
  readonly pointer: Pointer;
  readonly delegate: Pointer;
  readonly inputs: readonly Binding[];
  readonly outputs: readonly Binding[];
}

/**
 * Loads a TFLite model, int8, float or stateful, on one thread. Synchronous: `run` returns no promise.
 * @throws CatnapError `MODEL_CORRUPT` when the file is no TFLite model, `MODEL_SHAPE` when its tensors differ from
 * what is expected, `STAGE_UNAVAILABLE` on a platform without the library.
 */
export function createTfliteEngine(description: TfliteModel): Engine {
  const lifted = description.keepsState ? liftVariables(description.bytes) : null;
  if (lifted === null) return new TfliteEngine(description, [], tfliteLibrary());
  const plain = { ...description, bytes: lifted.bytes, keepsState: false };
  return new TfliteEngine(plain, lifted.state, tfliteLibrary());
}

class TfliteEngine implements Engine {
  readonly kind = 'tflite';
  readonly model: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly #c: TfliteLibrary;
  /** TensorFlow Lite reads weights from here for as long as the model lives. */
  readonly #bytes: Uint8Array;
  readonly #modelPointer: Pointer;
  /** State inside, that only a new interpreter forgets. */
  readonly #keepsState: boolean;
  readonly #loops: readonly StatePair[];
  #interpreter: Interpreter;
  #ran = false;
  #open = true;

  /** @param hidden state that nobody but this hands on. */
  constructor(description: TfliteModel, hidden: readonly StateLoop[], c: TfliteLibrary) {
    this.model = description.model;
    this.#c = c;
    this.#keepsState = description.keepsState;
    // A pooled Buffer may stand at any offset; flatbuffers want alignment.
    this.#bytes = Uint8Array.from(description.bytes);
    const { done: pointer, said } = c.overhear(() =>
      looksLikeTflite(this.#bytes) ? c.modelCreate(this.#bytes, this.#bytes.length) : null,
    );
    if (!pointer) {
      const found = `${this.#bytes.length} bytes that are none${reasonOf(said)}`;
      throw new CatnapError(
        'MODEL_CORRUPT',
        `model ${this.model}: expected a TFLite flatbuffer, found ${found}`,
      );
    }
    this.#modelPointer = pointer;
    this.#interpreter = this.#createInterpreter(null);
    const inputs = this.#interpreter.inputs.map(({ tensor }) => tensor);
    const outputs = this.#interpreter.outputs.map(({ tensor }) => tensor);
    this.inputs = inputs.filter(({ name }) => !hidden.some(({ input }) => input === name));
    this.outputs = outputs.filter(({ name }) => !hidden.some(({ output }) => output === name));
    try {
      check(this.model, description.inputs, this.inputs);
      check(this.model, description.outputs, this.outputs);
      this.#loops = stateLoops(
        { model: this.model, state: [...description.state, ...hidden] },
        inputs,
        outputs,
      );
    } catch (error) {
      this.#free();
      throw error;
    }
    this.#zeroStates();
  }

  run(): void {
    if (!this.#open) throw new CatnapError('STAGE_UNAVAILABLE', `model ${this.model}: run after dispose`);
    const { pointer, inputs, outputs } = this.#interpreter;
    // Memory of inputs is shared with later operators, so all of every input is written every time.
    for (const { tensor, pointer: input, inside } of inputs) {
      if (inside !== null) inside.set(tensor.data as never);
      else this.#expect(this.#c.copyFrom(input, tensor.data, tensor.data.byteLength), tensor.name);
    }
    this.#ran = true;
    this.#expect(this.#c.invoke(pointer), 'invoke');
    for (const { tensor, pointer: output, inside } of outputs) {
      if (inside !== null) tensor.data.set(inside as never);
      else this.#expect(this.#c.copyTo(output, tensor.data, tensor.data.byteLength), tensor.name);
    }
    for (const loop of this.#loops) handOn(loop);
  }

  reset(): void {
    this.#zeroStates();
    if (!this.#keepsState || !this.#ran || !this.#open) return;
    const before = this.#interpreter;
    this.#interpreter = this.#createInterpreter(before);
    this.#release(before);
    this.#ran = false;
  }

  async dispose(): Promise<void> {
    if (this.#open) this.#free();
  }

  #zeroStates(): void {
    for (const { to } of this.#loops) to.data.fill((to.quantisation?.zeroPoint ?? 0) as never);
  }

  #free(): void {
    this.#open = false;
    this.#release(this.#interpreter);
    this.#c.modelDelete(this.#modelPointer);
  }

  #release(interpreter: Interpreter): void {
    this.#c.interpreterDelete(interpreter.pointer);
    if (interpreter.delegate) this.#c.xnnpackDelete(interpreter.delegate);
  }

  #expect(status: number, what: string): void {
    if (status === 0) return;
    throw new CatnapError(
      'MODEL_OUTPUT',
      `model ${this.model}: ${what}: expected TFLite status 0, found ${status}`,
    );
  }

  /** Stateful and dynamic graphs cannot be created with XNNPACK: those get TensorFlow Lite's own kernels. */
  #createInterpreter(before: Interpreter | null): Interpreter {
    const { done: found, said } = this.#c.overhear(
      () =>
        (before === null || before.delegate ? this.#tryInterpreter(true, before) : null) ??
        this.#tryInterpreter(false, before),
    );
    if (found !== null) return found;
    this.#c.modelDelete(this.#modelPointer);
    throw new CatnapError(
      'MODEL_CORRUPT',
      `model ${this.model}: expected a graph TFLite 2.9 can run, found an operator that it lacks or whose inputs it refuses${reasonOf(said)}`,
    );
  }

  #tryInterpreter(xnnpack: boolean, before: Interpreter | null): Interpreter | null {
    const c = this.#c;
    const delegate = xnnpack ? c.xnnpackCreate(XNNPACK_OPTIONS) : null;
    const options = c.optionsCreate();
    c.optionsSetThreads(options, 1);
    if (delegate) c.optionsAddDelegate(options, delegate);
    const pointer = c.interpreterCreate(this.#modelPointer, options);
    c.optionsDelete(options);
    if (pointer && c.allocateTensors(pointer) === 0) {
      const tensors = (count: number, at: TensorAt) =>
        Array.from({ length: count }, (_, i) => at(pointer, i));
      // XNNPACK takes no graph whose tensors may change their size, hence their place.
      const stays = delegate !== null;
      const inputs = this.#bind(tensors(c.inputCount(pointer), c.input), stays, before?.inputs);
      const outputs = this.#bind(tensors(c.outputCount(pointer), c.output), stays, before?.outputs);
      return { pointer, delegate, inputs, outputs };
    }
    if (pointer) c.interpreterDelete(pointer);
    if (delegate) c.xnnpackDelete(delegate);
    return null;
  }

  /** Binds tensors to preallocated arrays, those of the interpreter before where there was one. */
  #bind(
    pointers: readonly Pointer[],
    stays: boolean,
    before: readonly Binding[] | undefined,
  ): readonly Binding[] {
    return pointers.map((pointer, index) => {
      const tensor = before?.[index]?.tensor ?? this.#describe(pointer);
      const { byteLength } = tensor.data;
      const found = stays && byteLength > 0 ? this.#c.tensorMemory(pointer, byteLength) : null;
      return { pointer, tensor, inside: found === null ? null : allocate(tensor.dtype, tensor.shape, found) };
    });
  }

  #describe(pointer: Pointer): Tensor {
    const c = this.#c;
    const name = c.tensorName(pointer);
    const code = c.tensorType(pointer);
    const dtype = TYPES[code];
    if (dtype === undefined) {
      throw new CatnapError(
        'MODEL_SHAPE',
        `model ${this.model}: tensor "${name}": expected ${Object.values(TYPES).join(', ')}, found TFLite type ${code}`,
      );
    }
    const shape = Array.from({ length: c.tensorDims(pointer) }, (_, axis) => c.tensorDim(pointer, axis));
    const { scale, zero_point: zeroPoint } = c.tensorQuantisation(pointer);
    const quantisation = scale === 0 ? null : { scale, zeroPoint };
    return { name, dtype, shape, quantisation, data: allocate(dtype, shape) };
  }
}

/** What TensorFlow Lite said first of an error, behind a sentence; what follows comes of that. */
function reasonOf(said: string): string {
  const reason = /^ERROR: (.*\S)/m.exec(said)?.[1];
  return reason === undefined ? '' : ` (${reason})`;
}

/** A TFLite flatbuffer carries the identifier TFL3 at byte 4; anything else may crash the parser. */
function looksLikeTflite(bytes: Uint8Array): boolean {
  return bytes.length > 8 && String.fromCharCode(...bytes.subarray(4, 8)) === 'TFL3';
}

function check(model: string, expected: readonly TensorInfo[] | null, found: readonly Tensor[]): void {
  for (const info of expected ?? []) {
    checkTensor(
      model,
      info,
      found.find((tensor) => tensor.name === info.name),
    );
  }
}
