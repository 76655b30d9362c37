// Compiles the AssemblyScript kernels to WebAssembly SIMD, one module per purpose. The memory is imported and shared, so that
// the arrays of a model live outside the module and every worker thread can bind a module of its own to them.
import { mkdir } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const modules = { kernels: 'kernels.ts', merging: 'merging/merging.ts' };

await mkdir('src/kernels/build', { recursive: true });
for (const [name, entry] of Object.entries(modules)) {
  const { error, stderr } = await asc.main([
    `src/kernels/assembly/${entry}`,
    ...['--outFile', `src/kernels/build/${name}.wasm`],
    ...['--importMemory', '--sharedMemory', '--maximumMemory', '65536'],
    ...['--enable', 'simd', '--enable', 'threads'],
    ...['--runtime', 'stub', '--noAssert', '-O3'],
  ]);
  if (error) {
    process.stderr.write(stderr.toString());
    throw error;
  }
}
