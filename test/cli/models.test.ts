import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeManifest } from '../../src/checkpoint/manifest.ts';
import { finery, outcomeOf, startFinery } from './finery.ts';

let cwd: string;
const run = (...words: string[]) => finery(words, { cwd });
const at = (...names: string[]): string => join(cwd, ...names);
const writeJson = (name: string, value: unknown): void => writeFileSync(at(name), JSON.stringify(value));

const config = {
  model_type: 'llama',
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 384,
  max_position_embeddings: 48,
  tie_word_embeddings: true,
};

/** A copy of the model with one thing changed; its manifest, which would notice, is made anew. */
async function variant(name: string, change: (folder: string) => void): Promise<void> {
  cpSync(at('model'), at(name), { recursive: true });
  change(at(name));
  await writeManifest(at(name));
}

/** Overwrites the last float32 of a file: the end of the data of a safetensors file. */
function setLastWeight(path: string, value: number): void {
  const bytes = readFileSync(path);
  bytes.writeFloatLE(value, bytes.length - 4);
  writeFileSync(path, bytes);
}

/** Appends a tensor of one float32 to a safetensors file. */
function addTensor(path: string, name: string): void {
  const bytes = readFileSync(path);
  const begin = 8 + Number(bytes.readBigUInt64LE());
  const offsets = [bytes.length - begin, bytes.length - begin + 4];
  const header = {
    ...JSON.parse(bytes.toString('utf8', 8, begin)),
    [name]: { dtype: 'F32', shape: [1], data_offsets: offsets },
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([length, text, bytes.subarray(begin), Buffer.alloc(4)]));
}

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'finery-models-'));
  writeFileSync(at('texts.txt'), 'Net sales rose in the quarter. Net income fell; net sales rose.');
  writeJson('config.json', config);
  writeJson('unknown-field.json', { ...config, sliding_widow: 7 });
  writeJson('deep.json', { ...config, num_hidden_layers: 2 ** 24 });
  writeJson('odd-head.json', { ...config, head_dim: 7 });
  writeFileSync(at('broken.json'), '{"model_type":');
  await run('tokenizer', 'train', 'texts.txt', '--vocab-size', '345', '--out', 'tok');
  const made = await run('init', 'config.json', '--out', 'model', '--tokenizer', 'tok', '--seed', '7', '--json');
  expect(made.code).toBe(0);
  await variant('nan', (folder) => setLastWeight(join(folder, 'model.safetensors'), Number.NaN));
  await variant('truncated', (folder) => truncateSync(join(folder, 'model.safetensors'), 5000));
  await variant('foreign', (folder) => addTensor(join(folder, 'model.safetensors'), 'evil.weight'));
  writeJson('smaller.json', { ...config, vocab_size: 300 });
  await run('init', 'smaller.json', '--out', 'other-vocabulary');
  cpSync(at('tok', 'tokenizer.json'), at('other-vocabulary', 'tokenizer.json'));
  await variant('unknown-field', (folder) => cpSync(at('unknown-field.json'), join(folder, 'config.json')));
  await variant('no-tokenizer', (folder) => rmSync(join(folder, 'tokenizer.json')));
  cpSync(at('model'), at('damaged'), { recursive: true });
  setLastWeight(at('damaged', 'model.safetensors'), 5);
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('finery init', () => {
  it('makes the same model of the same seed, and another of another', async () => {
    await run('init', 'config.json', '--out', 'again', '--tokenizer', 'tok', '--seed', '7');
    await run('init', 'config.json', '--out', 'other', '--tokenizer', 'tok', '--seed', '8');
    const weights = (name: string): Buffer => readFileSync(at(name, 'model.safetensors'));
    expect(weights('again').equals(weights('model'))).toBe(true);
    expect(weights('other').equals(weights('model'))).toBe(false);
  });

  it('adds what other programs ask config.json for', async () => {
    const written = JSON.parse(readFileSync(at('model', 'config.json'), 'utf8'));
    const { bosId, eosId, padId } = JSON.parse((await run('tokenizer', 'info', 'tok', '--json')).stdout);
    expect(written).toMatchObject({ architectures: ['LlamaForCausalLM'], eos_token_id: eosId, pad_token_id: padId });
    expect(written.bos_token_id ?? null).toBe(bosId);
    const { eos_token_id } = JSON.parse(readFileSync(at('model', 'generation_config.json'), 'utf8'));
    expect(eos_token_id).toBe(eosId);
  });

  it('writes the element type that is asked for', async () => {
    await run('init', 'config.json', '--out', 'half', '--dtype', 'bf16');
    const { stdout } = await run('inspect', 'half', '--json');
    expect(Object.keys(JSON.parse(stdout).types)).toEqual(['bf16']);
  });

  it.each([
    ['an unknown field', ['unknown-field.json', '--out', 'x'], 2, 'sliding_widow'],
    ['more layers than anybody has', ['deep.json', '--out', 'x'], 2, 'num_hidden_layers'],
    ['a head that has no pairs', ['odd-head.json', '--out', 'x'], 2, 'head_dim'],
    ['broken JSON', ['broken.json', '--out', 'x'], 3, 'broken JSON'],
    ['a missing file', ['nope.json', '--out', 'x'], 3, 'no such file'],
    ['a folder that is there', ['config.json', '--out', 'model'], 2, 'there already'],
    ['an unknown element type', ['config.json', '--out', 'x', '--dtype', 'f8'], 2, '--dtype'],
    ['no folder', ['config.json'], 2, '--out'],
  ])('refuses %s', async (_, words, code, message) => {
    const outcome = await run('init', ...words);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(message);
  });
});

describe('finery inspect', () => {
  it('describes a whole model', async () => {
    const { code, stdout } = await run('inspect', 'model', '--weights', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      architecture: { modelType: 'llama', layers: 2, vocabulary: 384 },
      types: { f32: JSON.parse(stdout).architecture.parameters },
      tokenizer: { kind: 'byte-level BPE', tokens: 345 },
      manifest: { whole: true },
      problems: [],
    });
  });

  it('describes a file of weights', async () => {
    const { stdout } = await run('inspect', 'model/model.safetensors', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ format: 'safetensors file', tensors: 20, metadata: { format: 'pt' } });
  });

  it.each([
    ['weights that are not what the manifest says', ['damaged'], 3, 'SHA-256'],
    ['weights that are not numbers', ['nan', '--weights'], 3, 'NaN'],
    ['a tensor that has no place', ['foreign'], 3, 'no place for'],
    ['a truncated file', ['truncated'], 3, 'model.safetensors'],
    ['a tokenizer of another model', ['other-vocabulary'], 3, 'vocab_size'],
    ['a field of unknown effect', ['unknown-field'], 2, 'sliding_widow'],
    ['what is no model', ['texts.txt'], 3, 'unknown format'],
    ['what is not there', ['nope'], 3, 'no such file'],
  ])('finds %s', async (_, words, code, message) => {
    const outcome = await run('inspect', ...words, '--json');
    expect(outcome.code).toBe(code);
    expect(JSON.stringify(JSON.parse(outcome.stdout).error)).toContain(message);
    expect(outcome.stderr).toContain(message);
  });
});

describe('--adapter', () => {
  it.each([
    ['generate', ['model', '--prompt', 'a']],
    ['chat', ['model']],
    ['eval', ['model', '--tasks', 'bbh_navigate', '--out', 'measured']],
    ['export', ['model', '--to', 'hf', '--out', 'x']],
  ])('of %s is looked for on the hub, and in the folder that is named', async (verb, words) => {
    const env = { HF_HUB_OFFLINE: '1' };
    const [hub, folder] = await Promise.all(
      ['owner/adapter', './tok'].map((name) => finery([verb, ...words, '--adapter', name], { cwd, env })),
    );
    expect([hub.code, hub.stderr]).toEqual([
      2,
      expect.stringContaining('neither a folder here nor a model in the cache'),
    ]);
    expect([folder.code, folder.stderr]).toEqual([3, expect.stringContaining('an adapter of PEFT')]);
  });
});

describe('finery score', () => {
  it('scores a text: ids, tokens, log-probabilities, their sum and the bytes', async () => {
    const text = 'Net sales rose ☃';
    const { code, stdout } = await run('score', 'model', '--text', text);
    expect(code).toBe(0);
    const { ids, tokens, logprobs, sum, bytes } = JSON.parse(stdout);
    expect(tokens).toHaveLength(ids.length);
    expect(logprobs[0]).toBeNull();
    expect(logprobs.slice(1).reduce((a: number, b: number) => a + b, 0)).toBeCloseTo(sum, 10);
    expect(bytes).toBe(Buffer.byteLength(text));
    // A model that has learnt nothing finds every token about as likely as any other.
    expect(-sum / (ids.length - 1)).toBeGreaterThan(Math.log(384) - 0.3);
    expect(-sum / (ids.length - 1)).toBeLessThan(Math.log(384) + 0.3);
    // The same ids give the same numbers, and so does the text as a record.
    const byIds = await run('score', 'model', '--ids', ids.join());
    expect(JSON.parse(byIds.stdout).logprobs).toEqual(logprobs);
    writeFileSync(at('records.jsonl'), `${JSON.stringify({ text })}\n${JSON.stringify({ ids: ids.slice(0, 2) })}\n`);
    const lines = (await run('score', 'model', '--file', 'records.jsonl')).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).logprobs)).toEqual([logprobs, logprobs.slice(0, 2)]);
  });

  it('with --bos also scores the first token of the text', async () => {
    const { ids, logprobs, bytes } = JSON.parse((await run('score', 'model', '--text', 'Net', '--bos')).stdout);
    expect(ids[0]).toBe(0);
    expect(logprobs.slice(1)).not.toContain(null);
    expect(bytes).toBe(3);
  });

  it('refuses texts longer than the positions, and reads them in windows with --stride', async () => {
    const text = 'x'.repeat(100);
    const refused = await run('score', 'model', '--text', text);
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toContain('48 positions');
    const { logprobs } = JSON.parse((await run('score', 'model', '--text', text, '--stride', '24')).stdout);
    expect(logprobs.filter((value: unknown) => value === null)).toHaveLength(1);
  });

  it('prints what it has when a later record is bad, and the error as a line of its own with --json', async () => {
    writeFileSync(at('late.jsonl'), '{"text":"Net"}\n{"body":"sales"}\n');
    const { code, stdout } = await run('score', 'model', '--file', 'late.jsonl', '--json');
    expect(code).toBe(3);
    const [first, error] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(first.bytes).toBe(3);
    expect(error.error).toMatchObject({ field: 'late.jsonl, line 2', found: expect.stringContaining('body') });
  });

  it.each([
    ['a missing model', ['nope', '--text', 'a'], 3, 'nope'],
    ['weights that are not numbers', ['nan', '--text', 'a'], 3, 'NaN'],
    ['a truncated file', ['truncated', '--text', 'a'], 3, 'model.safetensors'],
    ['a tokenizer of another model', ['other-vocabulary', '--text', 'a'], 3, 'vocab_size'],
    ['a field of unknown effect', ['unknown-field', '--text', 'a'], 2, 'sliding_widow'],
    ['text without a tokenizer', ['no-tokenizer', '--text', 'a'], 3, 'without a tokenizer'],
    ['an id outside the vocabulary', ['model', '--ids', '1,384'], 3, 'id 384'],
    ['two sources', ['model', '--ids', '1', '--text', 'a'], 2, 'exactly one'],
    ['no source', ['model'], 2, 'exactly one'],
    ['--bos with ids', ['model', '--ids', '1', '--bos'], 2, '--bos'],
    ['a stride beyond the positions', ['model', '--text', 'a', '--stride', '48'], 2, '--stride'],
    ['a missing file', ['model', '--file', 'nope.jsonl'], 3, 'nope.jsonl'],
  ])('refuses %s', async (_, words, code, message) => {
    const outcome = await run('score', ...words);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).not.toContain('    at ');
  });

  it('stops in good order when it is interrupted', async () => {
    writeFileSync(at('many.jsonl'), '{"text":"Net sales rose."}\n'.repeat(200_000));
    const child = startFinery(['score', 'model', '--file', 'many.jsonl'], { cwd });
    const outcome = outcomeOf(child);
    await once(child.stdout!, 'data');
    child.kill('SIGINT');
    expect(await outcome).toMatchObject({ code: 130, signal: null });
    expect((await outcome).stderr).toMatch(/^interrupted: stopped by SIGINT/);
  });

  it('ends quietly when nobody reads on', async () => {
    const child = startFinery(['score', 'model', '--file', 'many.jsonl'], { cwd });
    const outcome = outcomeOf(child);
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    expect(await outcome).toMatchObject({ code: 0, stderr: '' });
  });
});
