import { Generator } from '../../src/generate/generator.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { letterTokenizer } from './letter-tokenizer.ts';
import { frozenRandomModel, randomPrompt } from './random-model.ts';
import { median, type Settings } from './settings.ts';

/**
 * Time between the tokens of answers that go on together, as a caller sees it: step, choice of the likeliest token with
 * its log-probability, text.
 */
export async function measureDecode(settings: Settings): Promise<{
  readonly step_seconds: number;
  /** Of all threads, which wait for each other busily: with one it is what the step takes, whatever else runs. */
  readonly step_processor_seconds: number;
}> {
  const { config, precision, threads, batch, prompt, tokens, capacity, repeats } = settings;
  const engine = new Engine({ threads });
  const model = frozenRandomModel(engine, config, precision);
  const { vocabulary } = model.decoder.sizes;
  const generator = new Generator(engine, model, letterTokenizer(vocabulary), { slots: batch, capacity });
  const intervals: number[] = [];
  const processor: number[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const generation = generator.generate({
      prompt: randomPrompt(vocabulary, prompt, repeat),
      n: batch,
      maxTokens: tokens,
      sampling: { temperature: 0 },
    });
    let before: number | undefined;
    let usage = process.cpuUsage();
    for await (const { index } of generation) {
      if (index > 0) continue;
      const now = performance.now();
      const { user, system } = process.cpuUsage(usage);
      if (before !== undefined && repeat > 0) {
        intervals.push((now - before) / 1000);
        processor.push((user + system) / 1e6);
      }
      before = now;
      usage = process.cpuUsage();
    }
  }
  await generator.close();
  await engine.close();
  return { step_seconds: median(intervals), step_processor_seconds: median(processor) };
}
