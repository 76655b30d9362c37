import { spawnSync } from 'node:child_process';
import { request } from './request.ts';

/** Puts a request to a program of its own, where a fault of a native library ends nothing else. */
export function askProgram<T>(command: string, words: readonly string[], asked: object = request): readonly T[] {
  const { stdout, stderr, status, error } = spawnSync(command, words, {
    input: JSON.stringify(asked),
    maxBuffer: 2 ** 30,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status}: ${error ?? stderr}`);
  return JSON.parse(stdout);
}
