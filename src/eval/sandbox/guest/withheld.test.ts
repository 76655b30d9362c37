import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findPyodide } from '../pyodide-package.ts';
import { Border, WithheldError } from './withheld.ts';

interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<object>;
  readonly Module: { imports(module: object): readonly { readonly name: string; readonly kind: string }[] };
}

const { compile, Module } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

/** What each import of the interpreter does after the border is closed. */
async function importsBehindBorder(): Promise<Map<string, 'open' | 'refused' | 'fatal'>> {
  const module = await compile(await readFile(join(await findPyodide(), 'pyodide.asm.wasm')));
  const names = Module.imports(module).filter(({ kind }) => kind === 'function');
  const table: Record<string, unknown> = Object.fromEntries(names.map(({ name }) => [name, () => 'open']));
  const border = new Border();
  border.guard(table);
  expect(Object.values(table).map((call) => (call as () => unknown)())).toEqual(names.map(() => 'open'));
  border.close();
  return new Map(
    Object.entries(table).map(([name, call]) => {
      try {
        return [name, (call as () => unknown)() === 'open' ? 'open' : 'refused'];
      } catch (error) {
        expect(error).toBeInstanceOf(WithheldError);
        return [name, 'fatal'];
      }
    }),
  );
}

it('leaves open nothing that leads out', async () => {
  const behind = await importsBehindBorder();
  const open = [...behind].filter(([, state]) => state === 'open').map(([name]) => name);
  const outward =
    /sock|connect|bind|listen|send|recv|addr|nameinfo|system|pipe|dlopen|dlsym|ffi|run_script|asm_const|raw_call/i;
  const objects = /^_?js|proxy|py(thon)?2js|promise|suspend|debugger/i;
  expect(open.filter((name) => outward.test(name))).toEqual([]);
  expect(open.filter((name) => objects.test(name) && !/_Check$|^destroy_|^gc_/.test(name))).toEqual([]);
  expect(behind.get('__syscall_socket')).toBe('refused');
  expect(behind.get('JsvFunction_CallBound')).toBe('fatal');
  expect(behind.get('ffi_call_js')).toBe('fatal');
});

it('remembers what was refused first', () => {
  const border = new Border();
  const table: Record<string, () => number> = { __syscall_socket: () => 1, __syscall_pipe: () => 1, fd_write: () => 1 };
  border.guard(table);
  border.close();
  expect([table.fd_write!(), border.refused]).toEqual([1, undefined]);
  expect([table.__syscall_socket!(), table.__syscall_pipe!(), border.refused]).toEqual([-63, -63, '__syscall_socket']);
});
