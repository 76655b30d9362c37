/** `finery ablate` as a user sees it: killed, gone on with, and what is refused. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tinyRecipe } from '../support/tiny-recipe.ts';
import { finery, outcomeOf, startFinery } from './finery.ts';

// Every command begins a process, which a loaded machine takes its time for.
vi.setConfig({ testTimeout: 240_000 });

const cpt = (name: string, set: string) => ({
  name,
  cpt: { mixture: { [set]: 1 }, tokens: 1024, batch: { rows: 4, length: 64 }, evaluation: { every: null } },
});

let cwd: string;
const at = (...names: string[]): string => join(cwd, 'runs', 'tiny-ablation', ...names);
const options = () => ({ cwd, env: { XDG_CACHE_HOME: join(cwd, 'cache'), NO_COLOR: '1' } });
const words = (...more: string[]) => ['ablate', 'tiny.yaml', ...more];

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'finery-ablate-cli-'));
  const stages = [cpt('first', 'general'), cpt('second', 'finance'), cpt('third', 'general')];
  writeFileSync(join(cwd, 'tiny.yaml'), JSON.stringify(tinyRecipe({}, { stages })));
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('finery ablate', () => {
  it('goes on after a death, and shares what chains begin with', async () => {
    const killed = startFinery(words('--drop', 'third,first+second'), options());
    killed.stderr!.on('data', () => existsSync(at('chains', 'full-seed-1', 'chain.json')) && killed.kill('SIGKILL'));
    expect((await outcomeOf(killed)).signal).toBe('SIGKILL');

    const { code, stdout, stderr } = await finery(words('--drop', 'third,first+second'), options());
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('error') });
    const [beforeSecond, afterwards] = stderr.split('chain 2 of 3: without-third, seed 1');
    expect(beforeSecond).not.toContain('open the base');
    expect(afterwards.split('chain 3 of 3')[0]).toContain('first: finished before');
    expect(afterwards).toMatch(/chain 3 of 3: without-first\+second, seed 1, about .* left/);
    expect(stdout).toMatch(/Without first and second +[+\u2212]\d\.\d{3} \u00b1\d/);
    expect(stdout).toContain('Seeds were not varied');
    expect(readFileSync(at('ablation.html'), 'utf8')).toContain('--drop third,first+second --seeds 1');

    const again = await finery([...words('--drop', 'third,first+second'), '--json'], options());
    expect(JSON.parse(again.stdout)).toMatchObject({
      matrix: { seeds: [1], rows: [{ name: 'without-third' }, { name: 'without-first+second' }] },
    });
  });

  it.each([
    [['--drop', 'thrid'], /error: --drop.*Did you mean "third"/s],
    [['--set', 'stages.0.cpt.tokens=2048'], /the ablation of another recipe/],
  ])('refuses %j', async (more, message) => {
    const { code, stderr } = await finery(words(...more), options());
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
