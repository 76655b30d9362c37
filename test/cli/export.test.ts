import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../src/adapters/adapter.ts';
import { mergeAdapters } from '../../src/adapters/merge.ts';
import { saveAdapter } from '../../src/adapters/peft/save-adapter.ts';
import { loadModel } from '../../src/models/model.ts';
import { finery } from './finery.ts';

const encoder = fileURLToPath(new URL('../golden/encoders/minilm', import.meta.url));
const nano = fileURLToPath(new URL('../../assets/nano', import.meta.url));

let cwd: string;
const run = (...words: string[]) => finery(words, { cwd });
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'finery-export-'));
  await run('export', nano, '--to', 'gguf', '--dtype', 'f32', '--out', 'nano.gguf');
}, 60_000);
afterAll(() => rmSync(cwd, { recursive: true }));

describe('finery export', () => {
  it('writes a GGUF file that scores as the folder does, to the last bit', async () => {
    const text = 'Net income rose 12.5% to $4 million.<|im_end|>';
    const [folder, file] = await Promise.all([
      run('score', nano, '--text', text),
      run('score', 'nano.gguf', '--text', text),
    ]);
    expect(file).toMatchObject({ code: 0, stdout: folder.stdout });
    expect(JSON.parse(file.stdout).ids.length).toBeGreaterThan(10);
  });

  it('writes a Hugging Face folder from a GGUF file', async () => {
    const { code, stdout } = await run(
      'export',
      'nano.gguf',
      '--to',
      'hf',
      '--dtype',
      'bf16',
      '--out',
      'again',
      '--json',
    );
    expect([code, JSON.parse(stdout)]).toEqual([0, { out: 'again', to: 'hf', dtype: 'bf16' }]);
    expect(readdirSync(join(cwd, 'again'))).toContain('tokenizer.json');
    const inspected = JSON.parse((await run('inspect', 'again', '--json')).stdout);
    expect(inspected).toMatchObject({ problems: [], types: { bf16: 3_443_136 }, manifest: { whole: true } });
  });

  it('writes an ONNX folder, also from a GGUF file', async () => {
    const words = ['--to', 'onnx', '--dtype', 'q4,q4', '--out', 'nano-onnx', '--json'];
    const { code, stdout } = await run('export', 'nano.gguf', ...words);
    const files = { 'model_q4.onnx': 0 };
    expect([code, JSON.parse(stdout)]).toEqual([0, { out: 'nano-onnx', to: 'onnx', dtype: 'q4,q4', files, notes: [] }]);
    expect(readdirSync(join(cwd, 'nano-onnx', 'onnx'))).toEqual(['model_q4.onnx']);
    expect(readdirSync(join(cwd, 'nano-onnx'))).toContain('tokenizer.json');
  });

  it('writes an ONNX folder of an encoder', async () => {
    const words = ['--to', 'onnx', '--dtype', 'fp32', '--out', 'encoder-onnx', '--json'];
    const { code, stdout } = await run('export', encoder, ...words);
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { out: 'encoder-onnx', to: 'onnx', dtype: 'fp32', files: { 'model.onnx': 0 }, notes: [] },
    ]);
    expect(readdirSync(join(cwd, 'encoder-onnx'))).toContain('modules.json');
  });

  it('writes a GGUF file and a folder of an encoder, which make the vectors that it makes', async () => {
    writeFileSync(join(cwd, 'passages.txt'), 'Revenue of Maretis reached 106.5 million.');
    const written = [
      await run('export', encoder, '--to', 'gguf', '--dtype', 'f32', '--out', 'encoder.gguf'),
      await run('export', encoder, '--to', 'hf', '--dtype', 'f32', '--out', 'encoder-hf'),
    ];
    expect(written.map(({ code }) => code)).toEqual([0, 0]);
    expect(written[0].stderr).toContain('warning: that texts are cut behind 40 tokens is not kept');
    const vectors = await Promise.all(
      [encoder, 'encoder.gguf', 'encoder-hf'].map((model) => run('embed', model, 'passages.txt', '--threads', '1')),
    );
    expect(vectors.map(({ stdout }) => stdout)).toEqual(Array(3).fill(vectors[0].stdout));
    expect(JSON.parse(vectors[0].stdout).embedding).toHaveLength(24);
  });

  it('refuses names and types that do not fit, and what is there already', async () => {
    writeFileSync(join(cwd, 'mine.gguf'), 'mine');
    for (const [words, found] of [
      [['--to', 'gguf', '--out', 'nano.bin'], 'a name that ends in .gguf'],
      [['--to', 'gguf', '--out', 'mine.gguf'], 'a path that does not exist yet'],
      [['--to', 'gguf', '--dtype', 'q3_k', '--out', 'x.gguf'], 'q8_0, q4_0, q4_k_m'],
      [['--to', 'hf', '--dtype', 'q8_0', '--out', 'x'], 'f32, f16, bf16'],
      [['--to', 'onnx', '--dtype', 'q8,f32', '--out', 'x'], 'fp32, fp16, q8, q4'],
      [['--to', 'onnx', '--dtype', '', '--out', 'x'], 'fp32, fp16, q8, q4'],
    ] as const) {
      const { code, stderr } = await run('export', nano, ...words);
      expect([code, stderr]).toEqual([2, expect.stringContaining(found)]);
    }
  });

  it('merges an adapter while it exports', async () => {
    const { decoder } = await loadModel(nano);
    const { hidden: width, layers } = decoder.sizes;
    const module = { a: new Float32Array(2 * width).fill(0.5), b: new Float32Array(2 * width).fill(0.25) };
    const adapter: Adapter = {
      settings: { method: 'lora', r: 2, alpha: 4, targetModules: ['o_proj'] },
      modules: new Map([[`model.layers.${layers - 1}.self_attn.o_proj`, module]]),
    };
    await saveAdapter(join(cwd, 'adapter'), adapter);
    const words = ['--adapter', 'adapter', '--to', 'hf', '--dtype', 'f32', '--out', 'tuned', '--json'];
    const { code, stdout, stderr } = await run('export', nano, ...words);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ out: 'tuned', to: 'hf', dtype: 'f32', adapter: 'adapter' });
    const expected = await loadModel(nano);
    mergeAdapters(expected, [{ adapter }]);
    const { parameters } = await loadModel(join(cwd, 'tuned'));
    for (const [name, { weight }] of expected.parameters) {
      const found = parameters.get(name)!.weight;
      expect(
        weight.every((value, i) => value === found[i]),
        name,
      ).toBe(true);
    }

    const wide = { a: new Float32Array(2 * width + 2), b: module.b };
    const modules = new Map([['model.layers.0.self_attn.o_proj', wide]]);
    await saveAdapter(join(cwd, 'foreign'), { settings: adapter.settings, modules });
    const refused = await run('export', nano, '--adapter', 'foreign', '--to', 'gguf', '--out', 'none.gguf');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Use an adapter made for this model')]);
    const missing = await run('export', nano, '--adapter', 'nowhere', '--to', 'gguf', '--out', 'none.gguf');
    expect([missing.code, missing.stderr]).toEqual([3, expect.stringContaining('adapter_config.json')]);
    expect(readdirSync(cwd)).not.toContain('none.gguf');
  });

  it('describes the file, and refuses one that is cut short', async () => {
    const inspected = JSON.parse((await run('inspect', 'nano.gguf', '--json')).stdout);
    expect(inspected).toMatchObject({
      format: 'gguf file',
      types: { F32: 3_443_136 },
      conversion: { mapped: 56, tied: true, ignored: {} },
      problems: [],
    });
    expect(inspected.conversion.permuted).toHaveLength(12);
    writeFileSync(join(cwd, 'cut.gguf'), 'GGUF');
    const { code, stderr } = await run('score', 'cut.gguf', '--text', 'x');
    expect([code, stderr]).toEqual([3, expect.stringContaining('the end of the file at byte 4')]);
  });
});
