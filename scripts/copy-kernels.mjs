// tsc copies no WebAssembly: put the compiled kernels beside the compiled loaders.
import { cp } from 'node:fs/promises';

await cp('src/kernels/build', 'dist/kernels/build', { recursive: true });
