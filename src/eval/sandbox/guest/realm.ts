/**
 * CPython in a realm of JavaScript that has nothing but the language: no `process`, no `require`, no `import`, no
 * network, no code made of strings. Pyodide takes what it finds for a web worker, and its files come from a function.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';
import type { Border } from './withheld.ts';

export interface InterpreterOptions {
  /** Folder of the `pyodide` package. */
  readonly pyodide: string;
  readonly snapshot?: Uint8Array;
  /** Bytes of WebAssembly memory. */
  readonly memory: number;
  /** Bytes of its file system, which lives in memory outside of that. */
  readonly files: number;
  readonly border: Border;
}

export interface Interpreter {
  /** Whether it has been refused memory, or room for files. */
  exhausted(): boolean;
  setStreams(streams: Streams): void;
  /**
   * Runs Python in the namespace of `__main__`; false if that ended in an exception, which is then printed on standard
   * error. Throws what ends the interpreter as a whole.
   */
  execute(source: string): boolean;
  snapshot(): Uint8Array;
}

interface Streams {
  /** Fills the buffer from its beginning; the number of bytes, 0 at the end. */
  readonly stdin: (buffer: Uint8Array) => number;
  readonly stdout: (bytes: Uint8Array) => void;
  readonly stderr: (bytes: Uint8Array) => void;
}

/** The parts of Pyodide that are used, private ones among them: hence one exact version of it. */
interface Pyodide {
  readonly FS: {
    readonly ErrnoError: new (errno: number) => Error;
    readonly filesystems: { readonly MEMFS: MemoryFiles };
  };
  setStdin(options: { readonly read: (buffer: Uint8Array) => number; readonly isatty: boolean }): void;
  setStdout(options: { readonly write: (bytes: Uint8Array) => number; readonly isatty: boolean }): void;
  setStderr(options: { readonly write: (bytes: Uint8Array) => number; readonly isatty: boolean }): void;
  makeMemorySnapshot(): Uint8Array;
}

interface MemoryFiles {
  readonly ops_table: { readonly file: { readonly stream: MemoryFileStream } };
  expandFileStorage(node: MemoryFile, capacity: number): void;
  resizeFileStorage(node: MemoryFile, size: number): void;
}

interface MemoryFile {
  readonly contents: { readonly length: number };
}

interface MemoryFileStream {
  write(...operands: [stream: unknown, bytes: unknown, offset: number, length: number, ...more: unknown[]]): number;
}

/** The part of the WebAssembly interface that is used here; TypeScript keeps those types in the browser's library. */
interface WebAssemblyApi {
  readonly Memory: { readonly prototype: WebAssemblyMemory };
  compile(bytes: Uint8Array): Promise<unknown>;
  instantiate(module: unknown, imports: object): Promise<{ readonly exports: unknown }>;
}

interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface PythonExports {
  readonly memory: WebAssemblyMemory;
  malloc(bytes: number): number;
  free(address: number): void;
  PyRun_SimpleString(address: number): number;
}

/** No space left on device, in the numbering of WASI. */
const ENOSPC = 51;
const PAGE = 65_536;

export async function openInterpreter(options: InterpreterOptions): Promise<Interpreter> {
  const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: true } });
  let exhausted = false;
  const wasm = vm.runInContext('WebAssembly', context) as WebAssemblyApi;
  limitMemory(wasm, options.memory, () => {
    exhausted = true;
  });
  const python = guardInstances(wasm, options);
  Object.assign(context, workerGlobals(options.pyodide));
  vm.runInContext(
    `globalThis.self = globalThis; globalThis.WorkerGlobalScope = class { static [Symbol.hasInstance]() { return true; } };`,
    context,
  );

  const { default: createPyodideModule } = await loadModule(options.pyodide, 'pyodide.asm.mjs', context);
  const { loadPyodide } = await loadModule(options.pyodide, 'pyodide.mjs', context);
  const settings = vm.runInContext('({ env: {}, jsglobals: Object.freeze(Object.create(null)) })', context) as object;
  const pyodide = (await (loadPyodide as (settings: object) => Promise<Pyodide>)(
    Object.assign(settings, {
      createPyodideModule,
      indexURL: FILES,
      lockFileContents: readFileSync(join(options.pyodide, 'pyodide-lock.json'), 'utf8'),
      ...(options.snapshot ? { _loadSnapshot: options.snapshot } : { _makeSnapshot: true }),
    }),
  )) as Pyodide;
  limitFiles(pyodide.FS, options.files, () => {
    exhausted = true;
  });

  return {
    exhausted: () => exhausted,
    setStreams({ stdin, stdout, stderr }) {
      pyodide.setStdin({ read: stdin, isatty: false });
      pyodide.setStdout({ write: takeAll(stdout), isatty: false });
      pyodide.setStderr({ write: takeAll(stderr), isatty: false });
    },
    execute: (source) => execute(python(), source),
    snapshot: () => pyodide.makeMemorySnapshot(),
  };
}

/** Emscripten wants to know how much was taken. */
function takeAll(stream: (bytes: Uint8Array) => void): (bytes: Uint8Array) => number {
  return (bytes) => {
    stream(bytes);
    return bytes.length;
  };
}

/**
 * Through CPython's own C function. Pyodide's way is Python code, which the program that it runs could change while it
 * runs.
 */
function execute(python: PythonExports, source: string): boolean {
  const bytes = Buffer.from(`${source}\0`, 'utf8');
  const address = python.malloc(bytes.length);
  if (address === 0) throw new RangeError('no memory for the program');
  new Uint8Array(python.memory.buffer, address >>> 0, bytes.length).set(bytes);
  const result = python.PyRun_SimpleString(address);
  python.free(address);
  return result === 0;
}

/** All growth goes through here: the module itself has no instruction that grows its memory. */
function limitMemory(wasm: WebAssemblyApi, bytes: number, onRefused: () => void): void {
  const prototype = wasm.Memory.prototype;
  const grow = prototype.grow;
  prototype.grow = function (this: WebAssemblyMemory, pages: number): number {
    if (this.buffer.byteLength + pages * PAGE > bytes) {
      onRefused();
      throw new RangeError('the limit of memory is reached');
    }
    return grow.call(this, pages);
  };
}

/** Counts all that was ever written, not what is still kept: a program that wants room again and again is refused too. */
function limitFiles(fs: Pyodide['FS'], bytes: number, onRefused: () => void): void {
  const files = fs.filesystems.MEMFS;
  const stream = files.ops_table.file.stream;
  let used = 0;
  const take = (more: number): void => {
    used += Math.max(0, more);
    if (used <= bytes) return;
    onRefused();
    throw new fs.ErrnoError(ENOSPC);
  };
  const { expandFileStorage, resizeFileStorage } = files;
  const write = stream.write;
  stream.write = (...operands) => {
    take(operands[3]);
    return write.apply(stream, operands);
  };
  files.expandFileStorage = (node, capacity) => {
    take(capacity - node.contents.length);
    expandFileStorage.call(files, node, capacity);
  };
  files.resizeFileStorage = (node, size) => {
    take(size - node.contents.length);
    resizeFileStorage.call(files, node, size);
  };
}

/** Instantiates CPython behind the border. The result gives its exports once it has started. */
function guardInstances(wasm: WebAssemblyApi, { pyodide, border }: InterpreterOptions): () => PythonExports {
  let exports: PythonExports | undefined;
  const { compile, instantiate } = wasm;
  const instantiateStreaming = async (
    _response: unknown,
    imports: { readonly env: Record<string, unknown> },
  ): Promise<unknown> => {
    border.guard(imports.env);
    const module = await compile(readFileSync(join(pyodide, 'pyodide.asm.wasm')));
    const instance = await instantiate(module, imports);
    exports = instance.exports as PythonExports;
    return { module, instance };
  };
  Object.assign(wasm, { instantiateStreaming });
  return () => {
    if (!exports) throw new Error('The interpreter has not started.');
    return exports;
  };
}

/** Where Pyodide believes its files to be. */
const FILES = 'https://guest.invalid/';

/** What Pyodide expects of a worker, and nothing that leads out of one. */
function workerGlobals(folder: string): object {
  const silent = (): void => undefined;
  return {
    location: FILES,
    console: { log: silent, warn: silent, error: silent, info: silent, debug: silent },
    crypto: {
      getRandomValues: <View extends NodeJS.ArrayBufferView>(view: View) => crypto.getRandomValues(view as never),
    },
    performance: { now: () => performance.now() },
    setTimeout: (callback: () => void, delay?: number) => void setTimeout(callback, delay),
    clearTimeout: silent,
    TextDecoder,
    TextEncoder,
    URL,
    fetch: async (url: unknown) => ({ ok: true, arrayBuffer: async () => readPackageFile(folder, String(url)) }),
  };
}

/** The standard library is the one file that Pyodide fetches. */
function readPackageFile(folder: string, url: string): Uint8Array {
  if (url !== `${FILES}python_stdlib.zip` && url !== `${FILES}pyodide.asm.wasm`) throw new Error(`no file at ${url}`);
  return readFileSync(join(folder, url.slice(FILES.length)));
}

/** Evaluates a module of the package that imports nothing. What it imports at run time fails: the realm has no loader. */
async function loadModule(folder: string, name: string, context: vm.Context): Promise<Record<string, unknown>> {
  const module = new vm.SourceTextModule(readFileSync(join(folder, name), 'utf8'), {
    context,
    identifier: name,
    initializeImportMeta(meta) {
      meta.url = FILES + name;
    },
  });
  await module.link(() => {
    throw new Error(`${name} imports a module`);
  });
  await module.evaluate();
  return module.namespace as Record<string, unknown>;
}
