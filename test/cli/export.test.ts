import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finery } from './finery.ts';

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
