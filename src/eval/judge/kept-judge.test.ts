import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeAnswers } from './judge-answers.ts';
import { keepAnswersOf } from './kept-judge.ts';
import { correctnessRubric } from './rubric.ts';
import { scriptedModel } from './testing/gullible-judge.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-judge-'));
});
afterEach(() => rm(folder, { recursive: true }));

const items = ['a', 'b'].map((id) => ({
  id,
  question: 'What?',
  candidate: id,
  rubric: correctnessRubric('right if a'),
}));
const lowest = correctnessRubric('right if a').criteria[0].scale.lowest;
const fails = { ok: false, failure: { kind: 'timeout', reason: 'late' } } as const;

describe('a judge whose answers are kept', () => {
  it('is not asked again in another run, and counts what was known', async () => {
    const path = join(folder, 'judge', 'answers.jsonl');
    const first = scriptedModel(() => `Fine.\nVERDICT: ${lowest}`);
    const kept = await keepAnswersOf(first, path);
    const judged = await judgeAnswers(kept, items, { seed: 1 });
    await kept.close();
    expect(first.requests).toHaveLength(6);
    // Torn by a crash.
    await appendFile(path, '{"key":"half');
    const second = scriptedModel(() => 'should not be asked');
    const again = await keepAnswersOf(second, path);
    expect(await judgeAnswers(again, items, { seed: 1 })).toEqual(judged);
    expect(second.requests).toHaveLength(0);
    expect(again.usage().cached).toBe(6);
    await again.close();
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(7);
  });

  it('is asked where the judge, the seed or the answer is another one, and where it failed', async () => {
    const path = join(folder, 'answers.jsonl');
    const failing = scriptedModel((_prompt, _request, index) => (index % 2 === 0 ? fails : `VERDICT: ${lowest}`));
    const first = await keepAnswersOf(failing, path);
    await first.answer([0, 1].map((seed) => ({ prompt: 'p', maxTokens: 9, seed })));
    await first.close();
    const asks = async (identity: string, ...requests: readonly object[]) => {
      const judge = { ...scriptedModel(() => 'said'), identity };
      const kept = await keepAnswersOf(judge, path);
      const outcomes = await kept.answer(requests.map((one) => ({ prompt: 'p', maxTokens: 9, ...one })));
      await kept.close();
      expect(outcomes.every(({ ok }) => ok)).toBe(true);
      return judge.requests.length;
    };
    expect(await asks('scripted', { seed: 1 })).toBe(0);
    expect(await asks('scripted', { seed: 0 })).toBe(1);
    expect(await asks('other', { seed: 1 })).toBe(1);
    expect(await asks('scripted', { seed: 1 }, { seed: 2 }, { seed: 1, prompt: 'q' })).toBe(2);
  });
});
