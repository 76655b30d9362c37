/** Starts the command line with something to read on its standard input. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Outcome, outcomeOf, type StartOptions } from './finery.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export function fineryReading(
  input: string | Uint8Array,
  words: readonly string[],
  { cwd, env }: StartOptions = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main, ...words], {
    cwd,
    env: { ...process.env, FINERY_DEBUG: '', ...env },
  });
  // A command may end before it has read everything.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return outcomeOf(child);
}
