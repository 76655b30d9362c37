import { afterAll, describe, expect, it } from 'vitest';
import { tinyModel } from '../../test/support/tiny-model.ts';
import { CausalLmProgram } from '../objectives/causal-lm/program.ts';
import { stream } from '../random/stream.ts';
import { Engine } from '../runtime/engine.ts';
import { scoreAnswers } from './score-answers.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

const model = tinyModel(3);
const vocabulary = 61;

/** Random ids, of which a random part is learnt. */
function conversations(lengths: readonly number[]) {
  const random = stream(1, 'conversations');
  return lengths.map((length, i) => ({
    id: `${i}`,
    source: i % 2 === 0 ? 'even' : 'odd',
    ids: Int32Array.from({ length }, () => random.below(vocabulary)),
    trained: Uint8Array.from({ length }, () => random.below(2)),
  }));
}

/** Alone in a batch, from the logits: log-sum-exp less the logit of each learnt token, in double precision. */
async function obviousNats(ids: Int32Array, trained: Uint8Array): Promise<number> {
  const length = ids.length;
  const program = new CausalLmProgram(engine, model.decoder, model.parameters, { rows: 1, length });
  const positions = Int32Array.from({ length }, (_, i) => i);
  const labels = new Int32Array(length).fill(-1);
  const logits = await program.logits({
    rows: 1,
    length,
    ids,
    positions,
    segments: new Int32Array(length).fill(1),
    labels,
  });
  let nats = 0;
  for (let i = 1; i < length; i++) {
    if (trained[i] === 0) continue;
    const row = Array.from(logits.subarray((i - 1) * vocabulary, i * vocabulary));
    const top = Math.max(...row);
    nats += top + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - top), 0)) - row[ids[i]];
  }
  program.release();
  return nats;
}

describe('scoreAnswers', () => {
  it('is the sum of -log p over learnt tokens, of each conversation alone, however they are packed', async () => {
    const documents = conversations([5, 12, 2, 24, 9, 7, 16, 3]);
    const program = new CausalLmProgram(engine, model.decoder, model.parameters, { rows: 2, length: 24 });
    const tokenizer = { tokenBytes: (id: number) => new Uint8Array(1 + (id % 3)) };
    const batches: number[] = [];
    const scores = await scoreAnswers(program, { name: 'a', answers: true, documents }, tokenizer, {
      onProgress: (progress) => batches.push(progress.batches, progress.totalBatches),
    });
    program.release();
    expect(batches).toEqual([1, 2, 2, 2]);
    for (const [i, { id, source, ids, trained }] of documents.entries()) {
      expect(scores[i]).toMatchObject({ id, source });
      expect(scores[i].nats).toBeCloseTo(await obviousNats(ids, trained), 3);
      const learnt = [...ids].filter((_, place) => place > 0 && trained[place] === 1);
      expect(scores[i].bytes).toBe(learnt.reduce((sum, token) => sum + 1 + (token % 3), 0));
    }
  });
});
