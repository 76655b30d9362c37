/**
 * A run that is killed a hundred times at random: after each kill the last good checkpoint loads, and what comes out in
 * the end has the bits of a run that nobody touched.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findLastGood } from '../../src/checkpoint/last-good.ts';
import { loadModel } from '../../src/models/model.ts';
import { stream } from '../../src/random/stream.ts';
import { tinyRecipe } from '../support/tiny-recipe.ts';

const kills = 100;
const cli = new URL('../../dist/cli/main.js', import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-kills-'));
});
afterAll(() => rm(folder, { recursive: true }));

const recipe = (seed: number) =>
  tinyRecipe(
    {
      mixture: { finance: 0.7, general: 0.3 },
      tokens: 600_000,
      batch: { rows: 2, length: 64, gradient_accumulation_steps: 2 },
      learning_rate: 1e-3,
      checkpoints: { every_seconds: 0.2, keep_last: 2 },
    },
    { name: 'killed', seed },
  );

function start(path: string, out: string): ChildProcess {
  return spawn(process.execPath, [cli, 'run', path, '--out', out, '--quiet'], { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function finish(child: ChildProcess): Promise<number | null> {
  let errors = '';
  child.stderr!.on('data', (chunk) => {
    errors += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  if (code !== 0 && child.signalCode === null) throw new Error(errors);
  return code;
}

const weights = (out: string) => readFile(join(out, 'stages/01-cpt/checkpoint/model.safetensors'));

it(`survives ${kills} random kills with the same bits`, async () => {
  const random = stream(2026, 'kills');
  let killed = 0;
  let duringTraining = 0;
  for (let seed = 1; killed < kills; seed++) {
    const path = join(folder, `${seed}.yaml`);
    await writeFile(path, JSON.stringify(recipe(seed)));
    const [out, reference] = [join(folder, `killed-${seed}`), join(folder, `whole-${seed}`)];
    for (;;) {
      const child = start(path, out);
      const ended = finish(child);
      const done = await Promise.race([ended.then(() => true), sleep(400 + random.below(2500)).then(() => false)]);
      if (done) break;
      child.kill('SIGKILL');
      await ended;
      killed++;
      const checkpoints = join(out, 'stages/01-cpt/checkpoints');
      const { checkpoint } = await findLastGood(checkpoints);
      if (!checkpoint) continue;
      duringTraining++;
      const model = await loadModel(checkpoint.path);
      expect(model.parameters.size).toBeGreaterThan(0);
    }
    expect(await finish(start(path, reference))).toBe(0);
    expect((await weights(out)).equals(await weights(reference))).toBe(true);
  }
  expect(duringTraining).toBeGreaterThan(kills / 4);
});
