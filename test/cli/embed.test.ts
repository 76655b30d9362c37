/** finery embed: lines, files, and what is refused. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveAdapter } from '../../src/adapters/peft/save-adapter.ts';
import { modelName, startHub } from '../../src/checkpoint/hub/testing/hub-server.ts';
import { openSafetensors } from '../../src/checkpoint/safetensors/read.ts';
import { openEmbedder } from '../../src/embed/embedder.ts';
import { lockFolder } from '../../src/files/folder-lock.ts';
import { finery } from './finery.ts';

const model = new URL('../golden/encoders/bge', import.meta.url).pathname;
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-embed-command-'));
  const records = ['Revenue of Maretis', 'debt and cash '.repeat(40)].map((question, i) => ({ id: `q${i}`, question }));
  await writeFile(join(root, 'a.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
});
afterAll(() => rm(root, { recursive: true }));

it('prints a line for each record, or writes a file', { timeout: 120_000 }, async () => {
  const words = ['embed', model, 'a.jsonl', '--field', 'question', '--prompt', 'query', '--threads', '1'];
  const printed = await finery(words, { cwd: root });
  expect(printed.code, printed.stderr).toBe(0);
  expect(printed.stderr).toContain('1 text was cut to 40 tokens');
  const lines = printed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ id }) => id)).toEqual(['q0', 'q1']);
  const embedder = await openEmbedder(model, { threads: 1 });
  const [expected] = await embedder.embed(['Revenue of Maretis'], { prompt: 'query' });
  await embedder.close();
  for (const [i, value] of expected.entries()) expect(lines[0].embedding[i]).toBeCloseTo(value, 5);

  const stored = await finery([...words, '--out', 'a.safetensors'], { cwd: root });
  expect([stored.code, stored.stdout]).toEqual([0, '']);
  const file = await openSafetensors(join(root, 'a.safetensors'));
  const vectors = new Float32Array(2 * 32);
  await file.readInto('embeddings', vectors);
  await file.close();
  expect([...vectors]).toEqual(lines.flatMap(({ embedding }) => embedding));
});

it('refuses what it cannot do, each with its place', { timeout: 120_000 }, async () => {
  const run = (...words: string[]) => finery(['embed', model, 'a.jsonl', '--threads', '1', ...words], { cwd: root });
  const [noText, noPrompt, noKind] = await Promise.all([
    run(),
    run('--field', 'question', '--prompt', 'nothing'),
    run('--out', 'a.csv'),
  ]);
  expect([noText.code, noText.stderr]).toEqual([3, expect.stringContaining('a.jsonl, line 1, text')]);
  expect([noPrompt.code, noPrompt.stderr]).toEqual([2, expect.stringContaining('one of "document", "query"')]);
  expect([noKind.code, noKind.stderr]).toEqual([2, expect.stringContaining('.npy or .safetensors')]);
});

it('trains, measures on held-out pairs, and makes a folder to embed with', { timeout: 120_000 }, async () => {
  const words = ['revenue', 'debt', 'cash', 'loss', 'million', 'year'];
  const pairs = words.map((word) => ({ query: `what ${word}?`, positive: `the ${word} was 7`, negatives: ['the'] }));
  await writeFile(join(root, 'pairs.jsonl'), pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
  const options = '--held-out pairs.jsonl --batch-size 6 --epochs 20 --learning-rate 0.01 --threads 1 --json';
  const trained = await finery(['embed', 'train', model, 'pairs.jsonl', 'out', ...options.split(' ')], { cwd: root });
  expect(trained.code, trained.stderr).toBe(0);
  const { out, steps, before, after } = JSON.parse(trained.stdout);
  expect([out, steps]).toEqual(['out/model', 20]);
  expect(after.mrr).toBeGreaterThan(before.mrr + 0.1);
  const embedder = await openEmbedder(join(root, 'out/model'), { threads: 1 });
  expect(embedder.settings).toMatchObject({ pooling: 'cls', maxLength: 40 });
  expect(embedder.settings.prompts.query).toContain('represent this');
  await embedder.close();
});

it('trains an adapter, alone or merged, which is used beside its model', { timeout: 120_000 }, async () => {
  const words = ['revenue', 'debt', 'cash', 'loss', 'million', 'year'];
  const pairs = words.map((word) => ({ query: `what ${word}?`, positive: `the ${word} was 7`, negatives: ['the'] }));
  await writeFile(join(root, 'few.jsonl'), pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
  const run = (...more: string[]) =>
    finery(['embed', 'train', model, 'few.jsonl', 'adapted', '--batch-size', '6', '--threads', '1', ...more], {
      cwd: root,
    });
  const options = '--adapter rslora --rank 4 --epochs 20 --learning-rate 0.02 --query-prefix ask: --merge --json';
  const [trained, alone] = [await run(...options.split(' ')), await run('--rank', '4')];
  expect(trained.code, trained.stderr).toBe(0);
  expect(JSON.parse(trained.stdout)).toMatchObject({ out: 'adapted/adapter', merged: 'adapted/model', steps: 20 });
  expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('it without --adapter')]);
  const vectors = async (...of: string[]) => {
    const printed = await finery(['embed', ...of, '--field', 'question', '--prompt', 'query', '--threads', '1'], {
      cwd: root,
    });
    expect(printed.code, printed.stderr).toBe(0);
    return JSON.parse(printed.stdout.split('\n')[0]).embedding as number[];
  };
  const beside = await vectors(model, 'a.jsonl', '--adapter', 'adapted/adapter');
  const merged = await vectors('adapted/model', 'a.jsonl');
  const plain = await vectors(model, 'a.jsonl');
  for (const [i, value] of beside.entries()) expect(merged[i]).toBeCloseTo(value, 5);
  expect(Math.max(...plain.map((value, i) => Math.abs(value - beside[i])))).toBeGreaterThan(0.01);
});

it('replaces no model that it reads, and no result but that of the same command', { timeout: 120_000 }, async () => {
  await writeFile(join(root, 'pair.jsonl'), '{"query":"a","positive":"b"}\n{"query":"c","positive":"d"}\n');
  const train = (of: string, out: string, ...more: string[]) =>
    finery(['embed', 'train', of, 'pair.jsonl', out, '--batch-size', '2', '--threads', '1', ...more], { cwd: root });
  const weights = (folder: string) => readFile(join(root, folder, 'model.safetensors'));
  await cp(model, join(root, 'own/model'), { recursive: true });
  const [first, own] = await Promise.all([train(model, 'kept'), train('own/model', 'own')]);
  expect(first.code, first.stderr).toBe(0);
  expect([own.code, own.stderr]).toEqual([2, expect.stringContaining('own/model, which is read')]);
  expect(await weights('own/model')).toEqual(await readFile(join(model, 'model.safetensors')));

  const made = await weights('kept/model');
  const others = [['own'], ['kept', '--learning-rate', '0.5'], ['kept', '--adapter', 'lora']] as const;
  for (const [out, ...more] of others) {
    const { code, stderr } = await train(model, out, ...more);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${out}/model\n  found     the result of another run`)]);
  }
  expect(await weights('kept/model')).toEqual(made);

  const again = await train(model, 'kept');
  expect(again.code, again.stderr).toBe(0);
  expect(await weights('kept/model')).toEqual(made);
});

it('merges an adapter of the hub as it does one of a folder', { timeout: 120_000 }, async () => {
  const [a, b] = [new Float32Array(32).fill(0.5), new Float32Array(32).fill(2)];
  const settings = { method: 'lora', r: 1, alpha: 1, targetModules: ['query'] } as const;
  const modules = new Map([['encoder.layer.0.attention.self.query', { a, b }]]);
  await saveAdapter(join(root, 'given'), { settings, modules });
  const names = ['adapter_config.json', 'adapter_model.safetensors'];
  const files = names.map(async (name) => {
    return [name, { content: await readFile(join(root, 'given', name)), lfs: name.endsWith('.safetensors') }] as const;
  });
  const hub = await startHub({ files: Object.fromEntries(await Promise.all(files)) });
  const env = { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: join(root, 'hub') };
  const vectors = (...more: string[]) =>
    finery(['embed', model, 'a.jsonl', '--field', 'question', '--threads', '1', ...more], { cwd: root, env });
  try {
    const [plain, folder, fetched] = [
      await vectors(),
      await vectors('--adapter', 'given'),
      await vectors('--adapter', modelName),
    ];
    expect(fetched.code, fetched.stderr).toBe(0);
    expect(fetched.stdout).toBe(folder.stdout);
    expect(fetched.stdout).not.toBe(plain.stdout);
  } finally {
    await hub.close();
  }
});

it('trains in no folder that another process works in, and in no file', { timeout: 120_000 }, async () => {
  await writeFile(join(root, 'two.jsonl'), '{"query":"a","positive":"b"}\n{"query":"c","positive":"d"}\n');
  await mkdir(join(root, 'taken'));
  const lock = await lockFolder(join(root, 'taken'));
  const train = (out: string) =>
    finery(['embed', 'train', model, 'two.jsonl', out, '--batch-size', '2', '--threads', '1'], { cwd: root });
  const [taken, file] = await Promise.all([train('taken'), train('a.jsonl')]);
  await lock.release();
  expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining(`process ${process.pid}`)]);
  expect([file.code, file.stderr]).toEqual([2, expect.stringContaining('a folder for the model')]);
});
