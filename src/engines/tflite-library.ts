import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { CatnapError } from '../core/errors.js';
import { type PackageFile, packageFile } from '../models/package-files.js';

const PACKAGE = 'tfjs-tflite-node';

/** TensorFlow Lite 2.9.0 by platform, as the npm package `tfjs-tflite-node` 0.0.2 carries it (Apache-2.0). */
export const TFLITE_LIBRARIES: Readonly<Record<string, PackageFile>> = {
  'linux-x64': {
    package: PACKAGE,
    path: 'cc_deps/linux_amd64/libtensorflowlite_c.so',
    sha256: 'dc89b4cd86d956516570bd483668e6dd98907f49901d0567dedc69a29a56b7f7',
  },
  'linux-arm64': {
    package: PACKAGE,
    path: 'cc_deps/linux_arm64/libtensorflowlite_c.so',
    sha256: 'ec0dee4fb3418e680d010248ac1e304d9656cc5c8de54caaf91d666712e2f633',
  },
};

/** What the library says beyond this is lost: a line or two say why a model is refused. */
const HEARD_MAX_BYTES = 4096;

const PLATFORM = `${process.platform}-${process.arch}`;

/** A C pointer; 0 or null is NULL. */
export type Pointer = bigint | null;

/** The part of TensorFlow Lite's C API (`tensorflow/lite/c/c_api.h`) that Catnap calls. Status 0 is success. */
export interface TfliteLibrary {
  modelCreate(bytes: Uint8Array, size: number): Pointer;
  modelDelete(model: Pointer): void;
  optionsCreate(): Pointer;
  optionsDelete(options: Pointer): void;
  optionsSetThreads(options: Pointer, threads: number): void;
  optionsAddDelegate(options: Pointer, delegate: Pointer): void;
  interpreterCreate(model: Pointer, options: Pointer): Pointer;
  interpreterDelete(interpreter: Pointer): void;
  allocateTensors(interpreter: Pointer): number;
  invoke(interpreter: Pointer): number;
  inputCount(interpreter: Pointer): number;
  input(interpreter: Pointer, index: number): Pointer;
  outputCount(interpreter: Pointer): number;
  output(interpreter: Pointer, index: number): Pointer;
  tensorType(tensor: Pointer): number;
  tensorName(tensor: Pointer): string;
  tensorDims(tensor: Pointer): number;
  tensorDim(tensor: Pointer, axis: number): number;
  tensorQuantisation(tensor: Pointer): { readonly scale: number; readonly zero_point: number };
  /** The memory in which a tensor's values lie, as long as they are; null while they lie nowhere. */
  tensorMemory(tensor: Pointer, bytes: number): ArrayBuffer | null;
  copyFrom(tensor: Pointer, data: ArrayBufferView, bytes: number): number;
  copyTo(tensor: Pointer, data: ArrayBufferView, bytes: number): number;
  xnnpackCreate(options: Uint8Array): Pointer;
  xnnpackDelete(delegate: Pointer): void;
  /** Does work, and returns with what it made what the library said meanwhile; nobody else hears that. */
  overhear<Made>(work: () => Made): { readonly done: Made; readonly said: string };
}

const require = createRequire(import.meta.url);
let library: TfliteLibrary | undefined;

/**
 * TensorFlow Lite, loaded once. The binary is checked first: it is native code from a package that nobody
 * updates any more.
 * @throws CatnapError `STAGE_UNAVAILABLE` on a platform without a binary, `MODEL_MISSING`, `MODEL_CORRUPT`.
 */
export function tfliteLibrary(): TfliteLibrary {
  library ??= bind();
  return library;
}

/** Whether there is a TensorFlow Lite for this machine. */
export function hasTflite(): boolean {
  return Object.hasOwn(TFLITE_LIBRARIES, PLATFORM);
}

function verifiedPath(): string {
  const binary = TFLITE_LIBRARIES[PLATFORM];
  if (binary === undefined) {
    const known = Object.keys(TFLITE_LIBRARIES).join(' or ');
    throw new CatnapError('STAGE_UNAVAILABLE', `TensorFlow Lite: expected ${known}, found ${PLATFORM}`);
  }
  const path = packageFile(binary.package, binary.path);
  const found = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (found === binary.sha256) return path;
  throw new CatnapError('MODEL_CORRUPT', `${path}: expected sha256 ${binary.sha256}, found ${found}`);
}

function bind(): TfliteLibrary {
  const koffi = require('koffi') as typeof Koffi;
  const c = koffi.load(verifiedPath());
  const tensorData: (tensor: Pointer) => Pointer = c.func('void *TfLiteTensorData(void *tensor)');
  koffi.struct('TfLiteQuantizationParams', { scale: 'float', zero_point: 'int32' });
  return {
    modelCreate: c.func('void *TfLiteModelCreate(const void *data, size_t size)'),
    modelDelete: c.func('void TfLiteModelDelete(void *model)'),
    optionsCreate: c.func('void *TfLiteInterpreterOptionsCreate()'),
    optionsDelete: c.func('void TfLiteInterpreterOptionsDelete(void *options)'),
    optionsSetThreads: c.func('void TfLiteInterpreterOptionsSetNumThreads(void *options, int32 threads)'),
    optionsAddDelegate: c.func('void TfLiteInterpreterOptionsAddDelegate(void *options, void *delegate)'),
    interpreterCreate: c.func('void *TfLiteInterpreterCreate(void *model, void *options)'),
    interpreterDelete: c.func('void TfLiteInterpreterDelete(void *interpreter)'),
    allocateTensors: c.func('int TfLiteInterpreterAllocateTensors(void *interpreter)'),
    invoke: c.func('int TfLiteInterpreterInvoke(void *interpreter)'),
    inputCount: c.func('int32 TfLiteInterpreterGetInputTensorCount(void *interpreter)'),
    input: c.func('void *TfLiteInterpreterGetInputTensor(void *interpreter, int32 index)'),
    outputCount: c.func('int32 TfLiteInterpreterGetOutputTensorCount(void *interpreter)'),
    output: c.func('void *TfLiteInterpreterGetOutputTensor(void *interpreter, int32 index)'),
    tensorType: c.func('int TfLiteTensorType(void *tensor)'),
    tensorName: c.func('const char *TfLiteTensorName(void *tensor)'),
    tensorDims: c.func('int32 TfLiteTensorNumDims(void *tensor)'),
    tensorDim: c.func('int32 TfLiteTensorDim(void *tensor, int32 axis)'),
    tensorQuantisation: c.func('TfLiteQuantizationParams TfLiteTensorQuantizationParams(void *tensor)'),
    tensorMemory: (tensor, bytes) => {
      const data = tensorData(tensor);
      return data ? koffi.view(data, bytes) : null;
    },
    copyFrom: c.func('int TfLiteTensorCopyFromBuffer(void *tensor, const void *data, size_t bytes)'),
    copyTo: c.func('int TfLiteTensorCopyToBuffer(void *tensor, void *data, size_t bytes)'),
    xnnpackCreate: c.func('void *TfLiteXNNPackDelegateCreate(const void *options)'),
    xnnpackDelete: c.func('void TfLiteXNNPackDelegateDelete(void *delegate)'),
    overhear: overhearing(koffi),
  };
}

/**
 * Has what C writes to standard error while work runs go into memory: TensorFlow Lite tells there why it refuses a
 * model, and that it made a delegate, and its C interface has nothing to keep it from that. It writes to C's `stderr`,
 * which is a variable; Node itself writes to the descriptor. Put back is what glibc began with, not what was found, and
 * the stream is never closed: two threads may do this at one time.
 */
function overhearing(koffi: typeof Koffi): TfliteLibrary['overhear'] {
  const c = koffi.load(null);
  const open = c.func('void *fmemopen(void *buffer, size_t size, const char *mode)');
  const flush = c.func('int fflush(void *stream)');
  const rewind = c.func('void rewind(void *stream)');
  const [stderr, ownStderr] = [c.symbol('stderr', 'void *'), c.symbol('_IO_2_1_stderr_', 'void *')];
  // Of C, too: a thread may be ended in the midst of this, and what is V8's goes with it.
  const memory = koffi.alloc('char', HEARD_MAX_BYTES);
  const heard = Buffer.from(koffi.view(memory, HEARD_MAX_BYTES));
  const stream: Pointer = open(memory, HEARD_MAX_BYTES, 'w+');
  return (work) => {
    if (!stream) return { done: work(), said: '' };
    rewind(stream);
    heard.fill(0);
    koffi.encode(stderr, 'void *', stream);
    try {
      const done = work();
      flush(stream);
      return { done, said: heard.toString('utf8', 0, heard.indexOf(0)) };
    } finally {
      koffi.encode(stderr, 'void *', ownStderr);
    }
  };
}
