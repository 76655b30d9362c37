/**
 * The part of the WebAssembly interface that the kernels use, typed here because TypeScript keeps those types in the
 * browser library, which a Node program does not load.
 */

/** A shared WebAssembly memory. Posting it to a worker thread shares it. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

interface WebAssemblyApi {
  readonly Memory: new (options: { initial: number; maximum: number; shared: true }) => SharedMemory;
  readonly Module: new (bytes: ArrayBufferView) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, SharedMemory>>>>,
  ) => { readonly exports: unknown };
}

export const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
