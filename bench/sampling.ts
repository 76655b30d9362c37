/**
 * Choosing one token from logits, as JSON on stdout: milliseconds, the best of some batches of calls, by vocabulary and by
 * settings. The logits are normal with deviation 3, whose nucleus of 95% has thousands of tokens; each row is another.
 *
 *   npx tsx bench/sampling.ts
 */
import { performance } from 'node:perf_hooks';
import { Sampler } from '../src/generate/sampling/sampler.ts';
import { defaultSampling, type SamplingSettings } from '../src/generate/sampling/settings.ts';
import { stream } from '../src/random/stream.ts';

const everything = {
  temperature: 0.8,
  topK: 50,
  topP: 0.95,
  minP: 0.02,
  repetitionPenalty: 1.1,
  frequencyPenalty: 0.2,
  presencePenalty: 0.1,
  logitBias: new Map(Array.from({ length: 20 }, (_, i) => [i * 97, -1])),
  topLogProbabilities: 5,
};

const cases: Readonly<Record<string, Partial<SamplingSettings>>> = {
  greedy: { temperature: 0 },
  temperatureOne: {},
  temperature: { temperature: 0.8 },
  topP: { temperature: 0.8, topP: 0.95 },
  topK: { temperature: 0.8, topK: 50 },
  everything,
};

const rowCount = 8;
const promptLength = 1024;

function milliseconds(vocabulary: number, settings: Partial<SamplingSettings>, isMasked: boolean): number {
  const random = stream(1, 'sampling bench', vocabulary);
  const rows = Array.from({ length: rowCount }, () =>
    Float32Array.from({ length: vocabulary }, () => 3 * random.normal()),
  );
  const promptIds = Array.from({ length: promptLength }, () => random.below(vocabulary));
  const allowed = new Uint32Array(Math.ceil(vocabulary / 32)).map(() => random.uint32());
  const times = Array.from({ length: 8 }, () => {
    const sampler = new Sampler({ ...defaultSampling, ...settings }, { vocabulary, promptIds });
    const start = performance.now();
    for (let i = 0; i < 64; i++) sampler.next(rows[i % rowCount], isMasked ? allowed : undefined);
    return (performance.now() - start) / 64;
  });
  return Number(Math.min(...times).toFixed(3));
}

const report = Object.fromEntries(
  [49_152, 151_936, 262_144].map((vocabulary) => {
    const times = Object.entries(cases).map(([name, settings]) => [name, milliseconds(vocabulary, settings, false)]);
    return [vocabulary, { ...Object.fromEntries(times), everythingMasked: milliseconds(vocabulary, everything, true) }];
  }),
);
process.stdout.write(`${JSON.stringify({ millisecondsPerToken: report }, null, 2)}\n`);
