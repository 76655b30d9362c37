import { Generator } from '../../src/generate/generator.ts';
import type { OpenModel } from '../../src/generate/open-model.ts';
import { request } from './request.ts';

/** By the model as it generates. */
export async function continuation({ engine, frozen, tokenizer }: OpenModel, prompt: readonly number[]) {
  const maxTokens = request.greedyTokens;
  const generator = new Generator(engine, frozen, tokenizer, { slots: 1, capacity: prompt.length + maxTokens });
  try {
    const { completions } = await generator.generate({ prompt, maxTokens, sampling: { temperature: 0 } }).result;
    return completions[0].tokens.map(({ id }) => id);
  } finally {
    await generator.close();
  }
}
