/**
 * A chain of documents, an adapter over conversations, tasks and an export that is stopped at random moments, by a kill or
 * as by Ctrl-C, until it has survived enough of both (`FINERY_KILLS` sets another number): after each the last good
 * checkpoints load, and in the end every file that was made has the bytes of a run that nobody touched.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findLastGood } from '../../src/checkpoint/last-good.ts';
import { hashFile } from '../../src/files/hash-file.ts';
import type { JsonObject } from '../../src/files/json-file.ts';
import { type RandomStream, stream } from '../../src/random/stream.ts';
import { outcomeOf, startFinery } from '../cli/finery.ts';
import { outlookFiles, outlookRecipe } from '../support/tiny-recipe.ts';

const wanted = Number(process.env.FINERY_KILLS ?? 100);
let cwd: string;
const at = (...names: string[]): string => join(cwd, ...names);

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'finery-kills-'));
  const chat = (i: number) => ({ prompt: `Is the outlook of firm ${i} bright?`, completion: `It is, ${i} times.` });
  const chats = Array.from({ length: 300 }, (_, i) => `${JSON.stringify(chat(i))}\n`).join('');
  for (const [name, text] of Object.entries({ ...outlookFiles(60), 'chats.jsonl': chats })) {
    await writeFile(at(name), text);
  }
});
afterAll(() => rm(cwd, { recursive: true }));

function recipeOf(seed: number): JsonObject {
  const common = {
    batch: { rows: 2, length: 64 },
    checkpoints: { every_seconds: 0.1, keep_last: 2 },
    logging_steps: 1,
    samples: { every: 0.5 },
  };
  const stages = [
    { cpt: { mixture: { finance: 0.7, outlook: 0.3 }, tokens: 150_000, learning_rate: 1e-3, ...common } },
    { sft: { adapter: { r: 4, dropout: 0.1 }, num_train_epochs: 6, learning_rate: 1e-2, ...common } },
    { evaluate: { tasks: ['outlook.yaml'] } },
    { export: { dtype: 'bf16', path: 'model-to-give' } },
  ];
  const { data, ...recipe } = outlookRecipe(stages, { name: 'killed', seed });
  return { ...recipe, data: { ...(data as JsonObject), chats: { conversations: { files: ['chats.jsonl'] } } } };
}

/** All in one place, because an adapter knows where its base is. */
function start(recipe: string) {
  const child = startFinery(['run', recipe, '--out', 'run', '--quiet'], { cwd, env: { XDG_CACHE_HOME: at('cache') } });
  return { child, ended: outcomeOf(child) };
}

/** Files of an evaluation that tell when it was made, beside the answers and scores that it is made of. */
const DATED =
  /\/(?:evaluation|tasks-\w+)\/(?:evaluation\.json|results\.json|report\.html)$|\/evaluate-\w+\/finished\.json$/;

/** What a difference can be seen in. */
const TEXT = /\.(?:json|jsonl|yaml)$/;

/** Every file of every result and of the export, texts as they are and others by their SHA-256, and each step as it was logged. */
async function takeAway(): Promise<Record<string, unknown>> {
  const made: Record<string, unknown> = {};
  for (const folder of ['run/results', 'model-to-give']) {
    for (const entry of await readdir(at(folder), { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !DATED.test(path))
        made[relative(cwd, path)] = TEXT.test(path) ? await readFile(path, 'utf8') : await hashFile(path);
    }
  }
  const events = (await readFile(at('run/events.jsonl'), 'utf8')).trim().split('\n');
  made.steps = events
    .map((line) => JSON.parse(line))
    .filter(({ metric }) => ['loss', 'grad_norm', 'samples'].includes(metric))
    .map(({ result, step, metric, value }) => [result, step, metric, value]);
  for (const name of ['run', 'model-to-give']) await rm(at(name), { recursive: true });
  return made;
}

/** @returns how many results have a checkpoint to go on from, each of which was read and found whole */
async function checkpointsLeft(): Promise<number> {
  const results = await readdir(at('run/results')).catch(() => []);
  const found = results.map((name) => findLastGood(at('run/results', name, 'checkpoints')));
  return (await Promise.all(found)).filter(({ checkpoint, skipped }) => {
    expect(skipped).toEqual([]);
    return checkpoint !== undefined;
  }).length;
}

async function checkpointNames(): Promise<string[]> {
  const results = await readdir(at('run/results')).catch(() => []);
  const names = results.map((name) => readdir(at('run/results', name, 'checkpoints')).catch(() => []));
  return (await Promise.all(names)).flat().filter((name) => !name.startsWith('.'));
}

/** Half of the moments lie anywhere in a run, the others shortly behind a new checkpoint: runs spend most of their time elsewhere. */
async function randomMoment(random: RandomStream, milliseconds: number, signal: AbortSignal): Promise<void> {
  if (random.below(2) === 0) return sleep(random.below(milliseconds), undefined, { signal });
  const wait = random.below(300);
  const old = new Set(await checkpointNames());
  while ((await checkpointNames()).every((name) => old.has(name))) await sleep(10, undefined, { signal });
  await sleep(wait, undefined, { signal });
}

it(`survives ${wanted} random kills, and as many interruptions, with the same bytes`, async () => {
  const random = stream(2026, 'kills');
  const survived = { SIGKILL: 0, SIGINT: 0 };
  let duringTraining = 0;
  for (let seed = 1; Math.min(survived.SIGKILL, survived.SIGINT) < wanted; seed++) {
    await writeFile(at('recipe.yaml'), JSON.stringify(recipeOf(seed)));
    const began = performance.now();
    const { code, stderr } = await start('recipe.yaml').ended;
    expect(code, stderr).toBe(0);
    const milliseconds = Math.ceil(performance.now() - began);
    const expected = await takeAway();
    expect(Object.keys(expected).filter((name) => name.endsWith('.safetensors'))).toHaveLength(5);

    for (;;) {
      const { child, ended } = start('recipe.yaml');
      const stop = new AbortController();
      const signal = random.below(2) === 0 ? 'SIGKILL' : 'SIGINT';
      const kill = randomMoment(random, milliseconds, stop.signal).then(
        () => child.kill(signal),
        () => false,
      );
      const outcome = await ended;
      stop.abort();
      await kill;
      // It may come to its end with the signal on its way.
      if (outcome.code === 0) break;
      expect([outcome.signal, outcome.code], outcome.stderr).toEqual(
        signal === 'SIGKILL'
          ? ['SIGKILL', null]
          : expect.toBeOneOf([
              [null, 130],
              ['SIGINT', null],
            ]),
      );
      survived[signal]++;
      duringTraining += await checkpointsLeft();
    }
    expect(await takeAway()).toEqual(expected);
    process.stderr.write(`seed ${seed}: ${survived.SIGKILL} kills and ${survived.SIGINT} interruptions survived\n`);
  }
  expect(duringTraining).toBeGreaterThan(wanted / 2);
});
