import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { commandLine } from './command-line.ts';

it('gives a shell the words that it was made of, and leaves plain ones as they are', () => {
  const plain = ['finery', 'run', 'recipes/a.yaml', '--set', 'stages.0.cpt.tokens=1e6', '--skip', 'a,b'];
  expect(commandLine(plain)).toBe(plain.join(' '));
  const odd = ['my recipes/a.yaml', "name='x'", '$HOME', 'a;b', '', '~', 'two\nlines', 'base={checkpoint: "m"}', '*'];
  const echoed = execFileSync('sh', ['-c', `printf '%s\\0' ${commandLine(odd)}`], { encoding: 'utf8' });
  expect(echoed.split('\0').slice(0, -1)).toEqual(odd);
});
