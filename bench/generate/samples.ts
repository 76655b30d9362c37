import { Generator } from '../../src/generate/generator.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { letterTokenizer } from './letter-tokenizer.ts';
import { frozenRandomModel, randomPrompt } from './random-model.ts';
import { median, type Settings } from './settings.ts';

/** Seconds until one answer to a prompt has its first token, and until `batch` answers to one prompt have theirs. */
export async function measureSamples(
  settings: Settings,
): Promise<{ readonly one_seconds: number; readonly all_seconds: number }> {
  const { config, precision, threads, batch, prompt, repeats } = settings;
  const engine = new Engine({ threads });
  const model = frozenRandomModel(engine, config, precision);
  const { vocabulary } = model.decoder.sizes;
  const options = { slots: batch, capacity: prompt + 1 };
  const generator = new Generator(engine, model, letterTokenizer(vocabulary), options);
  const times = new Map<number, number[]>([1, batch].map((n) => [n, []]));
  let prompts = 0;
  for (let repeat = 0; repeat <= repeats; repeat++) {
    for (const [n, seconds] of times) {
      const request = { prompt: randomPrompt(vocabulary, prompt, prompts++), n, maxTokens: 1 };
      const start = performance.now();
      await generator.generate(request).result;
      if (repeat > 0) seconds.push((performance.now() - start) / 1000);
    }
  }
  await generator.close();
  await engine.close();
  return { one_seconds: median(times.get(1)!), all_seconds: median(times.get(batch)!) };
}
