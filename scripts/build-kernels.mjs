// Compiles the AssemblyScript kernels to WebAssembly SIMD. The memory is imported and shared, so that the arrays of a
// model live outside the module and every worker thread can bind a module of its own to them.
import { mkdir } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

await mkdir('src/kernels/build', { recursive: true });
const { error, stderr } = await asc.main([
  'src/kernels/assembly/kernels.ts',
  ...['--outFile', 'src/kernels/build/kernels.wasm'],
  ...['--importMemory', '--sharedMemory', '--maximumMemory', '65536'],
  ...['--enable', 'simd', '--enable', 'threads'],
  ...['--runtime', 'stub', '--noAssert', '-O3'],
]);
if (error) {
  process.stderr.write(stderr.toString());
  throw error;
}
