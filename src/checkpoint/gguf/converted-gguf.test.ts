/** GGUF files of llama.cpp's own converter, against what transformers computes (scripts/goldens/converted_gguf.py). */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openEmbedder } from '../../embed/embedder.ts';
import { loadEncoderDecoder } from '../../models/encoder-decoder-model.ts';
import { layOutPairs } from '../../objectives/seq2seq/batch.ts';
import { Seq2SeqProgram } from '../../objectives/seq2seq/program.ts';
import { Engine } from '../../runtime/engine.ts';
import { greatestDifference } from '../../tensor/testing/differences.ts';
import { tokenizerOf } from '../../tokenizer/load.ts';
import { openGgufModel } from './open-gguf-model.ts';

const golden = new URL('../../../test/golden/converted-gguf/', import.meta.url).pathname;
const { texts, ...cases } = JSON.parse(readFileSync(`${golden}expected.json`, 'utf8'));
const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

describe.each(['bert', 'xlm-roberta', 't5'])('%s', (kind) => {
  it('has the tokens of transformers', async () => {
    const { tokenizerFiles, close } = await openGgufModel(`${golden}${kind}.gguf`);
    await close();
    const tokenizer = tokenizerOf(tokenizerFiles!);
    expect(texts.map((text: string) => [...tokenizer.encode(text)])).toEqual(cases[kind].ids);
  });
});

it.each(['bert', 'xlm-roberta'])('%s makes the vectors of transformers', async (kind) => {
  const options = { engine, pooling: 'mean', normalize: false, maxLength: 40 } as const;
  const embedder = await openEmbedder(`${golden}${kind}.gguf`, options);
  // Long ones are cut here with their last token kept, and there without.
  const whole = texts.filter((_: string, i: number) => cases[kind].ids[i].length <= 40);
  expect(whole.length).toBeGreaterThan(0);
  const found = await embedder.embed(whole, { prefix: '' });
  await embedder.release();
  for (const [i, text] of whole.entries()) {
    const expected = cases[kind].vectors[texts.indexOf(text)];
    expect(greatestDifference(found[i], Float32Array.from(expected)), text).toBeLessThan(1e-5);
  }
});

it('t5 gives the logits of transformers, scaled before its tied head', async () => {
  const { ids, logits } = cases.t5 as { readonly ids: number[][]; readonly logits: number[][] };
  const { architecture, parameters, config } = await loadEncoderDecoder(`${golden}t5.gguf`);
  expect(config).toMatchObject({ tie_word_embeddings: true, scale_decoder_outputs: true, decoder_start_token_id: 0 });
  const inputLength = Math.max(...ids.map(({ length }) => length));
  const pairs = ids.map((input) => ({ input, target: [1] }));
  const batch = layOutPairs(pairs, { rows: ids.length, inputLength, targetLength: 1, startId: 0 });
  const program = new Seq2SeqProgram(engine, architecture, parameters, batch);
  expect(greatestDifference(await program.logits(batch), Float32Array.from(logits.flat()))).toBeLessThan(1e-5);
  program.release();
});
