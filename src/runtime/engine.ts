/**
 * The numeric engine: compiles segments and runs them on the CPU provider of ONNX Runtime. A run happens on a thread of
 * its own, so timers, signals and requests are served meanwhile. `drain` before exit: leaving the process while a run
 * is under way would abort it.
 */
import os from 'node:os';
import { UsageError } from '../errors.ts';
import { formatType, sameShape, type TensorType } from '../graph/tensor.ts';
import type { OnnxModel } from '../onnx/model-proto.ts';
import { Buffer, type NumericArray } from './buffer.ts';
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
  readonly #segments = new Set<Segment>();
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
  buffer(type: TensorType, array?: NumericArray): Buffer {
    return new Buffer(this.#library, this.#environment.memoryInfo, type, array);
  }

  /** Compiles a lowered graph. */
  compile(name: string, model: OnnxModel): Segment {
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
  release(segment: Segment): void {
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

interface SegmentParts {
  readonly name: string;
  readonly model: OnnxModel;
  readonly session: Pointer;
  readonly library: NativeLibrary;
  readonly profiled: boolean;
  readonly run: (run: () => Promise<void>) => Promise<void>;
}

/** A compiled graph. It holds no weights: everything it reads and writes is bound. */
export class Segment {
  readonly name: string;
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly outputs: ReadonlyMap<string, TensorType>;
  readonly #parts: SegmentParts;
  readonly #calls = new Set<Pointer>();

  constructor(parts: SegmentParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.inputs = parts.model.inputs;
    this.outputs = parts.model.outputs;
  }

  /**
   * Ties every input and output to a buffer and returns the function that runs the segment on them, any number of
   * times. An output may be bound to the buffer of an input only if the graph reads that input in the output's own
   * last operator (gradient accumulation does this).
   */
  bind(bindings: Bindings): () => Promise<void> {
    const { library, session, run } = this.#parts;
    const binding = library.create('createIoBinding', session);
    this.#calls.add(binding);
    const tie = (action: 'bindInput' | 'bindOutput', types: ReadonlyMap<string, TensorType>) => {
      for (const [name, type] of types) {
        const buffer = bindings[name];
        if (!buffer) throw new Error(`segment ${this.name}: nothing is bound to "${name}"`);
        if (buffer.type.dtype !== type.dtype || !sameShape(buffer.type.shape, type.shape)) {
          const found = formatType(buffer.type);
          throw new Error(`segment ${this.name}: "${name}" is ${formatType(type)}, its buffer ${found}`);
        }
        library.call(action, binding, name, buffer.value);
      }
    };
    tie('bindInput', this.inputs);
    tie('bindOutput', this.outputs);
    return () => run(() => library.callAsync('runWithBinding', session, null, binding));
  }

  release(): void {
    const { library, session, profiled } = this.#parts;
    if (profiled) library.create('sessionEndProfiling', session, library.create('getAllocatorWithDefaultOptions'));
    for (const call of this.#calls) library.release('ioBinding', call);
    this.#calls.clear();
    library.release('session', session);
  }
}
