/** What scoring needs beside a model, looked for before a model is asked anything. */
import { findPyodide } from '../sandbox/pyodide-package.ts';
import { registeredFunction } from './registered-functions.ts';
import type { Task } from './task.ts';

/** @throws UsageError where a task runs programs and the Python of the sandbox is not installed */
export async function requireSandbox(
  tasks: readonly Task[],
  find: () => Promise<unknown> = () => findPyodide(),
): Promise<void> {
  const runs = tasks.some(({ config: { process_results: named }, file }) => {
    return named !== undefined && registeredFunction(named.function, 'results', file).runsPrograms === true;
  });
  if (runs) await find();
}
