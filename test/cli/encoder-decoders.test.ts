/** What the command line does with a T5, on the tiny models of scripts/goldens/encoder_decoders.py. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachEncoderDecoderAdapter } from '../../src/adapters/attach-encoder-decoder.ts';
import { saveAdapter } from '../../src/adapters/peft/save-adapter.ts';
import { saveMergedEncoderDecoder } from '../../src/adapters/save-merged-encoder-decoder.ts';
import { loadEncoderDecoder } from '../../src/models/encoder-decoder-model.ts';
import { finery } from './finery.ts';

const golden = fileURLToPath(new URL('../golden/encoder-decoders/', import.meta.url));
const byt5 = join(golden, 'byt5');

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'finery-t5-'));
});
afterAll(() => rmSync(cwd, { recursive: true }));

const run = (...words: string[]) => finery(words, { cwd });

describe('finery generate', () => {
  it('answers the prompt, as long as it may be', async () => {
    const words = ['generate', byt5, '--prompt', 'Umsätze', '--max-tokens', '6', '--temperature', '0'];
    const document = await run(...words, '--n', '2', '--json', '--logprobs', '1');
    const { completions } = JSON.parse(document.stdout);
    expect(completions).toHaveLength(2);
    const [{ text, ids, logprobs, finish_reason, top_logprobs }] = completions;
    expect(finish_reason).toBe('length');
    expect([ids.length, logprobs.length, top_logprobs.length]).toEqual([6, 6, 6]);
    expect(top_logprobs[0][0].id).toBe(ids[0]);
    expect(completions[1].ids).toEqual(ids);
    const plain = await run(...words);
    expect(plain.stdout).toBe(`${text}\n`);
    expect(plain.stderr).toMatch(/^6 tokens/m);
  });

  it('answers with an adapter as the model does that it is merged into', async () => {
    const base = await loadEncoderDecoder(byt5);
    const settings = { method: 'dora', r: 2, alpha: 4, targetModules: 'all-linear' } as const;
    const model = attachEncoderDecoderAdapter(base, settings, { seed: 1 });
    for (const { b } of model.adapter.modules.values()) b.fill(0.1);
    await saveAdapter(join(cwd, 'adapter'), model.adapter, { taskType: 'SEQ_2_SEQ_LM' });
    await saveMergedEncoderDecoder(join(cwd, 'merged'), model, { dtype: 'f32' });
    const asking = ['--prompt', 'Umsatz', '--max-tokens', '12', '--temperature', '0'];
    const [plain, beside, merged] = await Promise.all([
      run('generate', byt5, ...asking),
      run('generate', byt5, ...asking, '--adapter', 'adapter'),
      run('generate', 'merged', ...asking),
    ]);
    expect([beside.code, beside.stdout]).toEqual([0, merged.stdout]);
    expect(beside.stdout).not.toBe(plain.stdout);
  });

  it('says which options are of decoders', async () => {
    const { code, stderr } = await run('generate', byt5, '--prompt', 'a', '--precision', 'int8');
    expect(code).toBe(2);
    expect(stderr).toContain('error: --precision\n');
  });
});

describe('finery score', () => {
  it('scores an answer as it was generated, from options and from records', async () => {
    const generated = await run(
      'generate',
      byt5,
      '--prompt',
      'Umsätze',
      '--regex',
      '[a-c]{4}',
      '--seed',
      '2',
      '--json',
    );
    const [{ text, logprobs }] = JSON.parse(generated.stdout).completions;
    writeFileSync(join(cwd, 'pairs.jsonl'), JSON.stringify({ prompt: 'Umsätze', completion: text }));
    const scores = await Promise.all([
      run('score', byt5, '--prompt', 'Umsätze', '--text', text),
      run('score', byt5, '--file', 'pairs.jsonl'),
    ]);
    expect(scores[1].stdout).toBe(scores[0].stdout);
    const { ids, tokens, logprobs: scored, sum, bytes } = JSON.parse(scores[0].stdout);
    expect([tokens.at(-1), bytes, ids.length]).toEqual(['</s>', 4, 5]);
    for (const [i, value] of logprobs.entries()) expect(scored[i]).toBeCloseTo(value, 4);
    expect(scored.reduce((a: number, b: number) => a + b)).toBeCloseTo(sum, 6);
    expect(scores[0].stderr).toMatch(/1 text, 5 tokens predicted/);
  });

  it('asks for the text that is answered', async () => {
    writeFileSync(join(cwd, 'texts.jsonl'), '{"text":"a"}');
    const record = await run('score', byt5, '--file', 'texts.jsonl');
    expect(record.code).toBe(3);
    expect(record.stderr).toContain('"prompt" and "completion"');
  });
});

describe('finery eval', () => {
  it('puts tasks to the model that choose and that write, and tells what it cannot do', async () => {
    const definition = (task: string, fields: object) => {
      const items = {
        dataset_path: 'json',
        dataset_kwargs: { data_files: { test: 'items.jsonl' } },
        test_split: 'test',
      };
      const text = { doc_to_text: '{{prompt}}', doc_to_target: '{{completion}}', metadata: { version: 1 } };
      writeFileSync(join(cwd, `${task}.yaml`), JSON.stringify({ task, ...items, ...text, ...fields }));
    };
    const records = ['up', 'down'].map((completion, i) => JSON.stringify({ prompt: `firm ${i}`, completion }));
    writeFileSync(join(cwd, 'items.jsonl'), records.join('\n'));
    definition('choose', { output_type: 'multiple_choice', doc_to_choice: ['up', 'down'] });
    definition('write', { output_type: 'generate_until', generation_kwargs: { until: ['\n'], max_gen_toks: 4 } });
    definition('read', { output_type: 'loglikelihood_rolling', doc_to_text: '', doc_to_target: '{{prompt}}' });
    const evaluate = (...words: string[]) => run('eval', byt5, '--tasks', 'choose.yaml,write.yaml', ...words, '--json');
    const [plain, chat, rolling] = await Promise.all([
      evaluate(),
      evaluate('--chat'),
      run('eval', byt5, '--tasks', 'read.yaml', '--json'),
    ]);
    expect(plain.code).toBe(0);
    expect(Object.keys(JSON.parse(plain.stdout).results)).toEqual(['choose', 'write']);
    expect([chat.code, chat.stderr]).toEqual([2, expect.stringContaining('no chat template')]);
    expect(rolling.stderr).toContain('whole texts are not scored');
  });
});

describe('finery inspect', () => {
  it('describes both sides', async () => {
    const { code, stdout } = await run('inspect', byt5, '--weights', '--json');
    expect(code).toBe(0);
    const { architecture, elements, tokenizer, problems } = JSON.parse(stdout);
    expect(problems).toEqual([]);
    expect(architecture).toMatchObject({ modelType: 't5', encoderLayers: 3, decoderLayers: 2, parameters: elements });
    expect(tokenizer).toEqual({ kind: 'bytes', tokens: 384 });
  });

  it('says what is not read, and counts a tied table once', async () => {
    const { stdout, stderr } = await run('inspect', join(golden, 't5'));
    expect(stdout).toContain('2 layers of the encoder, 2 of the decoder');
    expect(stdout).toContain('head tied to the embedding');
    expect(stderr).toMatch(/relative_attention_bias.weight" changes nothing/);
  });
});

it('finery export writes the folder again', async () => {
  const { code } = await run('export', byt5, '--to', 'hf', '--dtype', 'f32', '--out', 'again');
  expect(code).toBe(0);
  expect(readFileSync(join(cwd, 'again/model.safetensors')).length).toBeGreaterThan(1e5);
  const inspected = JSON.parse((await run('inspect', 'again', '--json')).stdout);
  expect(inspected).toMatchObject({ problems: [], manifest: { whole: true }, tokenizer: { tokens: 384 } });
});

it('finery export writes a GGUF file, which answers as the folder does', async () => {
  const { code } = await run('export', byt5, '--to', 'gguf', '--dtype', 'f32', '--out', 'byt5.gguf');
  expect(code).toBe(0);
  const words = ['--prompt', 'profit', '--max-tokens', '12', '--temperature', '0', '--threads', '1'];
  const [folder, file] = await Promise.all([byt5, 'byt5.gguf'].map((model) => run('generate', model, ...words)));
  expect(file).toMatchObject({ code: 0, stdout: folder.stdout });
  expect(folder.stdout).not.toBe('');
  const inspected = JSON.parse((await run('inspect', 'byt5.gguf', '--json')).stdout);
  expect(inspected).toMatchObject({ problems: [], architecture: { modelType: 't5' }, tokenizer: { tokens: 384 } });
});

it('finery export writes an ONNX folder, a model that reads and one that writes', async () => {
  const { code, stdout, stderr } = await run(
    'export',
    byt5,
    '--to',
    'onnx',
    '--dtype',
    'fp32',
    '--out',
    'onnx',
    '--json',
  );
  expect([code, JSON.parse(stdout).files]).toEqual([0, { 'encoder_model.onnx': 0, 'decoder_model_merged.onnx': 0 }]);
  expect(stderr).toContain('transformers.js has no class for bytes as tokens');
});
