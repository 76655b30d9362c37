/** The WebAssembly modules that `npm run build:kernels` makes, compiled at first use and once per thread. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Module } from './webassembly.ts';

/** What training needs, and what merging needs. */
type ModuleName = 'kernels' | 'merging';

const compiled = new Map<ModuleName, object>();

/** A few kilobytes each, which take about a millisecond. */
export function compiledModule(name: ModuleName): object {
  const known = compiled.get(name);
  if (known) return known;
  const path = fileURLToPath(new URL(`./build/${name}.wasm`, import.meta.url));
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new Error(`The kernels are not built: ${path} is missing. Run "npm run build:kernels".`, { cause });
  }
  const module = new Module(bytes);
  compiled.set(name, module);
  return module;
}
