/**
 * The numeric engine: compiles segments and runs them on the CPU provider of ONNX Runtime. A run happens on a thread of
 * its own, so timers, signals and requests are served meanwhile. `drain` before exit: leaving the process while a run
 * is under way would abort it.
 */
import os from 'node:os';
import { UsageError } from '../errors.ts';
import type { TensorType } from '../graph/tensor.ts';
import { formatValueType, type ModelInterface, type ValueType } from '../onnx/encode-model.ts';
import { Buffer, type BufferType, type NumericArray } from './buffer.ts';
import { loadNativeLibrary, type NativeLibrary, type Pointer } from './native-library.ts';

export interface EngineOptions {
  /** Threads of one operator. Default: all cores. All engines of a process share one pool, sized by the first. */
  readonly threads?: number;
  /**
   * `arena` keeps the working memory of all segments in one pool for reuse (fast); `lean` returns it to the system
   * after each use (small). Default: arena.
   */
  readonly memory?: 'arena' | 'lean';
  /** Writes a trace of each segment's operators, `<profile>.<segment>_<date>.json`, when the segment is released. */
  readonly profile?: string;
}

/** Buffers by the names of a segment's inputs and outputs. */
export type Bindings = Readonly<Record<string, Buffer>>;

/** A lowered graph: bytes of an ONNX model, and what goes in and out. */
interface CompilableModel<Type extends ValueType> extends ModelInterface {
  readonly bytes: Uint8Array;
  readonly inputs: ReadonlyMap<string, Type>;
  readonly outputs: ReadonlyMap<string, Type>;
}

/** A segment tied to buffers. */
export interface Call {
  run(): Promise<void>;
  /** Keeps the caller's thread until it is done: for what takes microseconds. */
  runBlocking(): void;
  /** Frees the tie, not the buffers. Not while it runs. */
  release(): void;
}

/** What a process shares: one environment, hence one thread pool and one arena. */
interface Environment {
  readonly pointer: Pointer;
  readonly memoryInfo: Pointer;
  readonly threads: number;
}

let environment: Environment | undefined;

function openEnvironment(library: NativeLibrary, threads: number): Environment {
  if (environment) {
    if (environment.threads !== threads) {
      throw new UsageError({
        field: 'threads',
        found: String(threads),
        expected: `${environment.threads}, as the engine of this process already runs`,
        fix: 'Choose the thread count once per process.',
      });
    }
    return environment;
  }
  const options = library.create('createThreadingOptions');
  library.call('setGlobalIntraOpNumThreads', options, threads);
  library.call('setGlobalInterOpNumThreads', options, 1);
  const warning = 2;
  const pointer = library.create('createEnvWithGlobalThreadPools', warning, 'finery', options);
  library.release('threadingOptions', options);
  const arenaAllocator = 1;
  library.call('createAndRegisterAllocator', pointer, library.create('createCpuMemoryInfo', arenaAllocator, 0), null);
  const deviceAllocator = 0;
  environment = { pointer, threads, memoryInfo: library.create('createCpuMemoryInfo', deviceAllocator, 0) };
  return environment;
}

export class Engine {
  readonly threads: number;
  readonly memory: 'arena' | 'lean';
  readonly #profile?: string;
  readonly #library: NativeLibrary;
  readonly #environment: Environment;
  readonly #segments = new Set<Segment<ValueType>>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(options: EngineOptions = {}) {
    this.threads = options.threads ?? os.availableParallelism();
    this.memory = options.memory ?? 'arena';
    this.#profile = options.profile;
    this.#library = loadNativeLibrary();
    this.#environment = openEnvironment(this.#library, this.threads);
  }

  /** ONNX Runtime's version: part of the contract under which results are bitwise reproducible. */
  get version(): string {
    return this.#library.version;
  }

  /** A buffer for a tensor, over `array` where one is given (not copied). */
  buffer(type: BufferType, array?: NumericArray): Buffer {
    return new Buffer(this.#library, this.#environment.memoryInfo, type, array);
  }

  /**
   * Compiles a lowered graph. `weights` are what its external initializers stand for. The runtime keeps those of matrix
   * products in a layout of its own, and reads all others in place: they must stay until the segment is released.
   */
  compile<Type extends ValueType = TensorType>(
    name: string,
    model: CompilableModel<Type>,
    weights: ReadonlyMap<string, Buffer> = new Map(),
  ): Segment<Type> {
    const profile = this.#profile && `${this.#profile}.${name}`;
    const library = this.#library;
    const options = library.create('createSessionOptions');
    try {
      library.call('disablePerSessionThreads', options);
      library.call('setSessionLogSeverityLevel', options, 3);
      if (this.memory === 'arena') library.call('addSessionConfigEntry', options, 'session.use_env_allocators', '1');
      else library.call('disableCpuMemArena', options);
      library.call('disableMemPattern', options);
      if (profile) library.call('enableProfiling', options, profile);
      if (weights.size > 0) {
        const values = [...weights.values()].map(({ value }) => value);
        library.call('addExternalInitializers', options, [...weights.keys()], values, values.length);
      }
      const { bytes } = model;
      const env = this.#environment.pointer;
      const session = library.create('createSessionFromArray', env, bytes, bytes.byteLength, options);
      const segment = new Segment({ name, model, session, library, profiled: profile !== undefined, run: this.#track });
      this.#segments.add(segment);
      return segment;
    } finally {
      library.release('sessionOptions', options);
    }
  }

  readonly #track = async (run: () => Promise<void>): Promise<void> => {
    if (this.#closed) throw new Error('the engine is closed');
    const running = run();
    this.#running.add(running);
    try {
      await running;
    } finally {
      this.#running.delete(running);
    }
  };

  /** Frees a segment that is not running. */
  release(segment: Segment<ValueType>): void {
    if (this.#segments.delete(segment)) segment.release();
  }

  /** Resolves when no run is under way. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Drains, then frees every segment. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.drain();
    for (const segment of this.#segments) segment.release();
    this.#segments.clear();
  }
}

interface SegmentParts<Type extends ValueType> {
  readonly name: string;
  readonly model: CompilableModel<Type>;
  readonly session: Pointer;
  readonly library: NativeLibrary;
  readonly profiled: boolean;
  readonly run: (run: () => Promise<void>) => Promise<void>;
}

/** A compiled graph. Everything that it reads and writes is bound, except for the weights that it was compiled with. */
export class Segment<Type extends ValueType = TensorType> {
  readonly name: string;
  readonly inputs: ReadonlyMap<string, Type>;
  readonly outputs: ReadonlyMap<string, Type>;
  readonly #parts: SegmentParts<Type>;
  readonly #ties = new Set<Pointer>();

  constructor(parts: SegmentParts<Type>) {
    this.#parts = parts;
    this.name = parts.name;
    this.inputs = parts.model.inputs;
    this.outputs = parts.model.outputs;
  }

  /** As `tie`, for as long as the segment lives. */
  bind(bindings: Bindings): () => Promise<void> {
    const call = this.tie(bindings);
    return () => call.run();
  }

  /**
   * Ties every input and output to a buffer; the call may be run any number of times. An output may share the buffer of
   * an input only if the graph reads that input in the output's own last operator (gradient accumulation does this, and
   * attention that appends to its cache).
   */
  tie(bindings: Bindings): Call {
    const { library, session, run } = this.#parts;
    const sizes = new Map<string, number>();
    const buffers = (types: ReadonlyMap<string, ValueType>) =>
      [...types].map(([name, type]) => [name, this.#bufferFor(name, type, bindings[name], sizes)] as const);
    const [inputs, outputs] = [buffers(this.inputs), buffers(this.outputs)];
    const binding = library.create('createIoBinding', session);
    this.#ties.add(binding);
    for (const [name, { value }] of inputs) library.call('bindInput', binding, name, value);
    for (const [name, { value }] of outputs) library.call('bindOutput', binding, name, value);
    return {
      run: () => run(() => library.callAsync('runWithBinding', session, null, binding)),
      runBlocking: () => library.call('runWithBinding', session, null, binding),
      release: () => {
        if (this.#ties.delete(binding)) library.release('ioBinding', binding);
      },
    };
  }

  /** The buffer, if it is what the segment was compiled for; named sizes get the number that they have here. */
  #bufferFor(name: string, type: ValueType, buffer: Buffer | undefined, sizes: Map<string, number>): Buffer {
    if (!buffer) throw new Error(`segment ${this.name}: nothing is bound to "${name}"`);
    const { dtype, shape } = buffer.type;
    const fits = type.shape.every((size, axis) => {
      if (typeof size === 'string' && !sizes.has(size)) sizes.set(size, shape[axis]);
      return (typeof size === 'string' ? sizes.get(size) : size) === shape[axis];
    });
    if (dtype === type.dtype && shape.length === type.shape.length && fits) return buffer;
    const expected = formatValueType(type);
    throw new Error(`segment ${this.name}: "${name}" is ${expected}, its buffer ${dtype}[${shape.join(',')}]`);
  }

  release(): void {
    const { library, session, profiled } = this.#parts;
    if (profiled) library.create('sessionEndProfiling', session, library.create('getAllocatorWithDefaultOptions'));
    for (const tie of this.#ties) library.release('ioBinding', tie);
    this.#ties.clear();
    library.release('session', session);
  }
}
