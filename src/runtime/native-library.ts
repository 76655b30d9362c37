/**
 * The C interface of ONNX Runtime, called directly in the shared library that `onnxruntime-node` ships.
 *
 * Why not the package's own binding: it copies every output into a fresh JavaScript array after each run, also those
 * with a pre-allocated destination, and refuses shared memory. Training writes gradients the size of the model at each
 * step, so that copy costs more than the optimizer (`bench/binding.ts` measures the pair). The C interface is
 * versioned: a function's place in the table never changes, new ones are only appended (onnxruntime_c_api.h).
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import koffi, { type LibraryHandle } from 'koffi';
import { UsageError } from '../errors.ts';

/** An opaque native pointer. */
export type Pointer = unknown;

/** The version of the function table that we ask for; ONNX Runtime 1.30 offers it and all later ones will. */
const apiVersion = 24;

const libraryNames: Readonly<Record<string, string>> = {
  linux: 'libonnxruntime.so.1',
  darwin: 'libonnxruntime.1.dylib',
  win32: 'onnxruntime.dll',
};

/** Place in `OrtApi` and C signature of each function we use. All return an `OrtStatus*`, null when all went well. */
const signatures = {
  createSessionFromArray: [8, 'void* f(void* env, void* model, size_t bytes, void* options, _Out_ void** session)'],
  createSessionOptions: [10, 'void* f(_Out_ void** options)'],
  enableProfiling: [14, 'void* f(void* options, const char* prefix)'],
  disableMemPattern: [17, 'void* f(void* options)'],
  disableCpuMemArena: [19, 'void* f(void* options)'],
  setSessionLogSeverityLevel: [22, 'void* f(void* options, int level)'],
  createTensorWithData: [
    49,
    'void* f(void* memory, void* data, size_t bytes, int64_t* shape, size_t rank, int type, _Out_ void** value)',
  ],
  createCpuMemoryInfo: [69, 'void* f(int allocator, int kind, _Out_ void** memory)'],
  sessionEndProfiling: [110, 'void* f(void* session, void* allocator, _Out_ void** file)'],
  getAllocatorWithDefaultOptions: [78, 'void* f(_Out_ void** allocator)'],
  createEnvWithGlobalThreadPools: [119, 'void* f(int severity, const char* id, void* threading, _Out_ void** env)'],
  disablePerSessionThreads: [120, 'void* f(void* options)'],
  createThreadingOptions: [121, 'void* f(_Out_ void** options)'],
  addSessionConfigEntry: [130, 'void* f(void* options, const char* key, const char* value)'],
  runWithBinding: [133, 'void* f(void* session, void* options, void* binding)'],
  createIoBinding: [134, 'void* f(void* session, _Out_ void** binding)'],
  bindInput: [136, 'void* f(void* binding, const char* name, void* value)'],
  bindOutput: [137, 'void* f(void* binding, const char* name, void* value)'],
  createAndRegisterAllocator: [144, 'void* f(void* env, void* memory, void* arena)'],
  setGlobalIntraOpNumThreads: [147, 'void* f(void* options, int threads)'],
  setGlobalInterOpNumThreads: [148, 'void* f(void* options, int threads)'],
  addExternalInitializers: [210, 'void* f(void* options, const char** names, void** values, size_t count)'],
  setGlobalSpinControl: [149, 'void* f(void* options, int spin)'],
} as const satisfies Record<string, readonly [number, string]>;

const releases = {
  status: 93,
  session: 95,
  value: 96,
  sessionOptions: 100,
  threadingOptions: 122,
  ioBinding: 135,
} as const;

type FunctionName = keyof typeof signatures;

export interface NativeLibrary {
  readonly version: string;
  /** Calls a function and throws its status as an error. */
  call(name: FunctionName, ...args: unknown[]): void;
  /** Calls a function whose last parameter is an output, and returns that output. */
  create(name: FunctionName, ...args: unknown[]): Pointer;
  /** Calls a function on a thread of its own; the event loop goes on. */
  callAsync(name: FunctionName, ...args: unknown[]): Promise<void>;
  release(kind: keyof typeof releases, pointer: Pointer): void;
}

/** A call into ONNX Runtime failed; the message is the runtime's. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
}

/** Foreign calls run on a stack of koffi's own. Kernels need as much as on a thread's: at koffi's default they overflow it. */
const stackBytes = 8 << 20;

let loaded: { readonly functions: NativeLibrary; readonly handle: LibraryHandle } | undefined;

/** Loads the library once per process. Its handle is kept: when it is collected, the library is unloaded under our feet. */
export function loadNativeLibrary(): NativeLibrary {
  if (!loaded) {
    koffi.config({ ...koffi.config(), sync_stack_size: stackBytes, async_stack_size: stackBytes });
    const handle = koffi.load(locateLibrary());
    loaded = { functions: bindFunctions(handle), handle };
  }
  return loaded.functions;
}

function locateLibrary(): string {
  const root = path.dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const name = libraryNames[process.platform] ?? libraryNames.linux;
  const file = path.join(root, 'bin', 'napi-v6', process.platform, process.arch, name);
  if (existsSync(file)) return file;
  throw new UsageError({
    field: 'platform',
    found: `${process.platform} ${process.arch}`,
    expected: 'a platform for which onnxruntime-node ships its library (Linux, macOS or Windows on x64 or arm64)',
    fix: 'Run Finery on one of these.',
  });
}

function bindFunctions(library: LibraryHandle): NativeLibrary {
  const base = koffi.decode(library.func('void* OrtGetApiBase()')(), koffi.array('void*', 2)) as Pointer[];
  const getApi = koffi.decode(base[0], koffi.proto('void* OrtGetApi(uint32_t version)'));
  const version = koffi.decode(base[1], koffi.proto('const char* OrtGetVersion()'))() as string;
  const api = getApi(apiVersion) as Pointer;
  if (!api) throw new RuntimeError(`ONNX Runtime ${version} does not offer version ${apiVersion} of its interface`);
  const table = koffi.decode(api, koffi.array('void*', 240)) as Pointer[];
  const at = (index: number, name: string, signature: string) =>
    koffi.decode(table[index], koffi.proto(signature.replace(' f(', ` ort_${name}(`)));

  const functions = Object.fromEntries(
    Object.entries(signatures).map(([name, [index, signature]]) => [name, at(index, name, signature)]),
  ) as Record<FunctionName, ReturnType<typeof at>>;
  const release = Object.fromEntries(
    Object.entries(releases).map(([kind, index]) => [kind, at(index, `release_${kind}`, 'void f(void* object)')]),
  ) as Record<keyof typeof releases, ReturnType<typeof at>>;
  const message = at(2, 'getErrorMessage', 'const char* f(void* status)');

  const check = (name: string, status: Pointer) => {
    if (!status) return;
    const text = message(status) as string;
    release.status(status);
    throw new RuntimeError(`${name}: ${text}`);
  };
  return {
    version,
    call: (name, ...args) => check(name, functions[name](...args)),
    create: (name, ...args) => {
      const output: Pointer[] = [null];
      check(name, functions[name](...args, output));
      return output[0];
    },
    callAsync: (name, ...args) =>
      new Promise((resolve, reject) => {
        functions[name].async(...args, (error: unknown, status: Pointer) => {
          try {
            if (error) throw error;
            check(name, status);
            resolve();
          } catch (failure) {
            reject(failure);
          }
        });
      }),
    release: (kind, pointer) => release[kind](pointer),
  };
}
