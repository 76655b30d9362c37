/** Merges that are killed at random moments and started again, until they have survived a number of kills. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/huggingface/open-checkpoint.ts';
import { toyConfig, toyLlama, writeToyModel } from '../../src/merge/testing/toy-model.ts';
import { stream } from '../../src/random/stream.ts';

export interface KilledMerges {
  readonly kills: number;
  /** Kills at which some tensors were in their place and others were not. */
  readonly midway: number;
  /** Tensors that the merges which came to an end had from earlier runs. */
  readonly resumed: number;
}

const childPath = fileURLToPath(new URL('merge-child.mjs', import.meta.url));

const size = { layers: 24, hidden: 64, vocabulary: 257 };

const recipe = `
merge_method: della
base_model: base
models: [{model: a, parameters: {weight: 0.6, density: 0.5}}, {model: b, parameters: {weight: 0.3, density: 0.4}}]
dtype: bfloat16
`;

export interface KillOptions {
  readonly wanted: number;
  readonly threads: number;
  readonly seed: number;
  /** Where the merges run from: the sources, or what was built of them, which is faster. */
  readonly from: 'src' | 'dist';
}

/**
 * @param folder an empty one
 * @throws where something unfinished could be taken for a model, or bytes differ from those of a merge that nobody touched
 */
export async function killMerges(folder: string, { wanted, threads, seed, from }: KillOptions): Promise<KilledMerges> {
  for (const [index, name] of ['base', 'a', 'b'].entries()) {
    await writeToyModel(join(folder, name), toyLlama({ ...size, seed: index }), { config: toyConfig(size) });
  }
  await writeFile(join(folder, 'merge.yaml'), recipe);
  const random = stream(seed, 'killed merges');
  const whole = await run(folder, { out: 'whole', threads, from });
  const expected = await digest(join(folder, 'whole'));
  let [kills, midway, resumed] = [0, 0, 0];
  for (let round = 0; kills < wanted; round++) {
    const out = `killed-${round}`;
    for (;;) {
      // After any of the steps of a whole merge, while it is being completed, or, for one in five, not at all.
      const killAt =
        kills < wanted
          ? { steps: random.below(Math.ceil(1.25 * whole.steps)), milliseconds: random.below(20) }
          : undefined;
      const ended = await run(folder, { out, threads, from, killAt });
      if (!ended.isKilled) {
        resumed += ended.resumed;
        break;
      }
      kills += 1;
      if (await isMidway(folder, out, expected)) midway += 1;
      // It may be killed when all is done and it has only to exit.
      if ((await readdir(folder)).includes(out)) break;
    }
    expect(await digest(join(folder, out))).toBe(expected);
    expect((await readdir(folder)).filter((name) => name.startsWith(`.${out}.`))).toEqual([]);
  }
  return { kills, midway, resumed };
}

interface RunOptions {
  readonly out: string;
  readonly threads: number;
  readonly from: KillOptions['from'];
  /** When to kill it: so long after so many steps. */
  readonly killAt?: { readonly steps: number; readonly milliseconds: number };
}

/** Steps are tensors that were verified or merged. */
async function run(folder: string, { out, threads, from, killAt }: RunOptions) {
  const loader = from === 'src' ? ['--import', import.meta.resolve('tsx')] : [];
  const words = [...loader, childPath, out, String(threads), from];
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let [printed, errors] = ['', ''];
  child.stderr.on('data', (text: Buffer) => {
    errors += text;
  });
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    if (killAt && printed.length >= killAt.steps)
      timer ??= setTimeout(() => child.kill('SIGKILL'), killAt.milliseconds);
  };
  child.stdout.on('data', (text: Buffer) => {
    printed += text;
    arm();
  });
  await once(child, 'close');
  clearTimeout(timer);
  const isKilled = child.signalCode === 'SIGKILL';
  if (!isKilled) expect(child.exitCode, errors).toBe(0);
  const [, steps, resumed] = /^([.,]*)(\d*)/.exec(printed)!;
  return { isKilled, steps: steps.length, resumed: Number(resumed) };
}

async function unfinishedOf(folder: string, out: string): Promise<string | undefined> {
  const name = (await readdir(folder)).find((each) => each.startsWith(`.${out}.merge-`));
  return name === undefined ? undefined : join(folder, name);
}

/** What a kill has left: the whole result under its name, or nothing there that loads. */
async function isMidway(folder: string, out: string, expected: string): Promise<boolean> {
  const left = await unfinishedOf(folder, out);
  if ((await readdir(folder)).includes(out)) {
    expect(left).toBeUndefined();
    expect(await digest(join(folder, out))).toBe(expected);
    return false;
  }
  if (left === undefined) return false;
  const names = await readdir(left);
  // Without a configuration there is no model; it comes when all weights are in their places.
  if (!names.includes('config.json')) await expect(openCheckpoint(left)).rejects.toThrow();
  else expect((await weights(left)).equals(await weights(join(folder, 'whole'))), left).toBe(true);
  return names.includes('progress.jsonl') && !names.includes('config.json');
}

const weights = (folder: string): Promise<Buffer> => readFile(join(folder, 'model.safetensors'));

async function digest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) hash.update(name).update(await readFile(join(folder, name)));
  return hash.digest('hex');
}
