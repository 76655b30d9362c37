/**
 * An hour of everything at once (`FINERY_SOAK_MINUTES` sets another length): clients send random requests to one
 * generator, and leave them at random moments. Memory stays flat, every place in the cache comes back, the event loop
 * stays free, and a request that is repeated alone gives the same answer to the last bit.
 *
 * Request i is a function of `seed` and i alone, and its number stands in what fails.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { PlainCache } from '../../src/generate/cache/plain-cache.ts';
import { jsonSchemaConstraint } from '../../src/generate/constraints/json-constraint.ts';
import { regexConstraint } from '../../src/generate/constraints/regex-constraint.ts';
import { freeze } from '../../src/generate/frozen/freeze.ts';
import type { Generation } from '../../src/generate/generation.ts';
import { Generator } from '../../src/generate/generator.ts';
import type { GenerationRequest, GenerationResult } from '../../src/generate/request.ts';
import { loadModel } from '../../src/models/model.ts';
import { type RandomStream, stream } from '../../src/random/stream.ts';
import { Engine } from '../../src/runtime/engine.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';

const minutes = Number(process.env.FINERY_SOAK_MINUTES ?? 60);
const seed = 2026;
const clients = 10;
const slots = 6;
const capacity = 320;
const repeatEvery = 200;

/**
 * By which a line through the samples may rise from the end of the warm-up to the end, bytes. Garbage is collected before
 * each sample; what remains is the allocators' play. One step whose buffers are not given back costs some kilobytes, and
 * an hour has some hundred thousand steps.
 */
const mostGrowth = 32e6;
/**
 * Milliseconds for which the event loop may be kept, 99% of the time and ever. Wide, because others may use the cores: a
 * thread that is not scheduled looks like one that is busy. What they find is a step that blocks.
 */
const mostDelay = { usual: 500, ever: 15_000 };

const left = new Error('the client has left');

/** How a client treats its request. */
type Leaving = 'stays' | 'reads' | 'breaks off' | 'aborts' | 'cancels';

interface Visit {
  readonly request: Omit<GenerationRequest, 'signal'>;
  readonly leaving: Leaving;
  /** Pieces that are read before breaking off, and milliseconds before aborting or cancelling. */
  readonly patience: number;
}

const matches = {
  headline: /^[A-Z]{2,4} (rose|fell) [0-9]{1,2}\.[0-9]%$/,
  figure: /^\{"name":"[\s\S]*","value":-?\d+\}$/,
};

/** Makes the visits. */
function visitor(tokenizer: Tokenizer): (index: number) => Visit {
  const encode = (text: string) => [...tokenizer.encode(text, { addSpecialTokens: false })];
  const text = encode(
    'The town of Averley lies on a river. Revenue for the quarter rose by 4.2%, the company said. Dear Maria, '.repeat(
      20,
    ),
  );
  // Beginnings that requests have in common, as conversations with the same instructions do.
  const beginnings = Array.from({ length: 5 }, (_, i) => text.slice(7 * i, 7 * i + 64 + 30 * i));
  const properties = { name: { type: 'string', maxLength: 12 }, value: { type: 'integer' } };
  const schema = { type: 'object', properties, required: ['name', 'value'], additionalProperties: false };
  const constraints = {
    headline: regexConstraint(matches.headline.source, tokenizer),
    figure: jsonSchemaConstraint(schema, tokenizer),
  };
  const oneOf = <T>(random: RandomStream, choices: readonly T[]): T => choices[random.below(choices.length)];

  return (index) => {
    const random = stream(seed, 'soak', index);
    const often = (share: number) => random.float() < share;
    const start = random.below(200);
    const own = text.slice(start, start + 1 + random.below(often(0.3) ? 200 : 30));
    const constraint = often(0.15) ? constraints[oneOf(random, ['headline', 'figure'] as const)] : undefined;
    const sampling = {
      seed: index,
      temperature: often(0.2) ? 0 : 0.3 + random.float(),
      topK: often(0.3) ? 1 + random.below(60) : 0,
      topP: often(0.3) ? 0.5 + random.float() / 2 : 1,
      minP: often(0.2) ? 0.05 : 0,
      repetitionPenalty: often(0.3) ? 1.2 : 1,
      frequencyPenalty: often(0.2) ? 0.5 : 0,
      presencePenalty: often(0.2) ? 0.5 : 0,
      logitBias: often(0.1) ? new Map([[own[0], -3]]) : new Map(),
      topLogProbabilities: often(0.2) ? random.below(6) : 0,
    };
    const request = {
      prompt: often(0.5) ? [...oneOf(random, beginnings), ...own].slice(0, 230) : own,
      maxTokens: 1 + random.below(often(0.2) ? 90 : 25),
      n: often(0.3) ? 1 + random.below(4) : 1,
      sampling,
      stop: often(0.2) ? [oneOf(random, ['. ', ' the ', 'never comes', 'e'])] : [],
      stopIds: often(0.5) ? [] : undefined,
      constraint,
      promptLogProbabilities: often(0.15),
    };
    const leaving = oneOf(random, ['stays', 'stays', 'reads', 'breaks off', 'aborts', 'cancels'] as const);
    const patience = often(0.2) ? 0 : random.below(leaving === 'breaks off' ? 12 : 150);
    // Those that are repeated have to stay.
    return { request, leaving: index % repeatEvery === 0 ? 'stays' : leaving, patience };
  };
}

/** The result, or undefined if the client left before it was there. */
async function visit(
  generator: Generator,
  { request, leaving, patience }: Visit,
): Promise<GenerationResult | undefined> {
  const controller = new AbortController();
  const generation = generator.generate({ ...request, signal: controller.signal });
  if (leaving === 'reads') return readAll(generation, request.n ?? 1);
  if (leaving === 'breaks off') {
    let pieces = 0;
    for await (const _ of generation) if (pieces++ >= patience) break;
  } else if (leaving !== 'stays') {
    if (patience > 0) await sleep(patience);
    if (leaving === 'aborts') controller.abort(left);
    else generation.cancel();
  }
  try {
    return await generation.result;
  } catch (error) {
    const wasLeft = error === left || (error instanceof DOMException && error.name === 'AbortError');
    if (leaving === 'stays' || !wasLeft) throw error;
    return undefined;
  }
}

async function readAll(generation: Generation, n: number): Promise<GenerationResult> {
  const texts: string[] = Array.from({ length: n }, () => '');
  for await (const { index, text } of generation) texts[index] += text;
  const result = await generation.result;
  expect(result.completions.map(({ text }) => text)).toEqual(texts);
  return result;
}

function check({ request }: Visit, { completions, promptTokens }: GenerationResult): void {
  expect(completions).toHaveLength(request.n!);
  for (const { tokens, text, finishReason } of completions) {
    expect(tokens.length).toBeLessThanOrEqual(request.maxTokens!);
    for (const { logProbability } of tokens) expect(logProbability).toBeLessThanOrEqual(1e-6);
    for (const stop of request.stop!) expect(text).not.toContain(stop);
    if (request.constraint && finishReason === 'stop' && request.stop!.length === 0) {
      expect(
        Object.values(matches).some((pattern) => pattern.test(text)),
        text,
      ).toBe(true);
    }
  }
  if (request.promptLogProbabilities) expect(promptTokens).toHaveLength(request.prompt.length);
}

interface Sample {
  readonly seconds: number;
  readonly rss: number;
}

/** By how many bytes the line through the samples (least squares) rises from the first to the last. */
function growth(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [time, bytes] = [mean(samples.map(({ seconds }) => seconds)), mean(samples.map(({ rss }) => rss))];
  let [above, below] = [0, 0];
  for (const { seconds, rss } of samples) {
    above += (seconds - time) * (rss - bytes);
    below += (seconds - time) ** 2;
  }
  return (above / below) * (samples.at(-1)!.seconds - samples[0].seconds);
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

it(
  `answers for ${minutes} minutes, in flat memory`,
  async () => {
    const engine = new Engine({ threads: 2 });
    const model = await loadModel(fileURLToPath(new URL('../../assets/nano', import.meta.url)));
    const frozen = freeze(engine, model);
    const tokenizer = model.tokenizer!;
    const cache = new PlainCache(engine, frozen.decoder, { slots, capacity });
    const generator = new Generator(engine, frozen, tokenizer, { cache });
    const alone = new Generator(engine, frozen, tokenizer, { slots: 4, capacity });
    const visitOf = visitor(tokenizer);

    const start = performance.now();
    const elapsed = () => (performance.now() - start) / 1000;
    let end = minutes * 60;
    const totals = { requests: 0, tokens: 0, left: 0, repeated: 0 };
    const client = async () => {
      while (elapsed() < end) {
        const index = totals.requests++;
        try {
          const whole = visitOf(index);
          const result = await visit(generator, whole);
          expect(slots - cache.free, 'places taken').toBe(generator.load.running);
          if (!result) {
            totals.left++;
            continue;
          }
          check(whole, result);
          totals.tokens += result.completions.reduce((sum, { tokens }) => sum + tokens.length, 0);
          if (index % repeatEvery > 0) continue;
          expect(await alone.generate(whole.request).result).toEqual(result);
          totals.repeated++;
        } catch (error) {
          end = 0;
          // Whoever waits for a place that was lost would wait for ever.
          void generator.close();
          throw new Error(`request ${index}`, { cause: error });
        }
      }
    };

    const delays = monitorEventLoopDelay({ resolution: 5 });
    const samples: Sample[] = [];
    const watch = async () => {
      delays.enable();
      while (elapsed() < end) {
        await sleep(Math.max(1000, minutes * 100));
        // Collecting by force keeps the event loop too, which is none of the generator's doing.
        delays.disable();
        collectGarbage();
        samples.push({ seconds: elapsed(), rss: process.memoryUsage.rss() });
        await sleep(0);
        delays.enable();
      }
    };
    await Promise.all([watch(), ...Array.from({ length: clients }, client)]);

    const warmUp = (minutes * 60) / 4;
    const warm = samples.filter(({ seconds }) => seconds >= warmUp);
    const [usual, longest] = [delays.percentile(99) / 1e6, delays.max / 1e6];
    const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
    process.stdout.write(
      `soak: ${totals.requests} requests, ${totals.tokens} tokens, ${totals.left} cancelled, ${totals.repeated} repeated; ` +
        `rss ${megabytes(warm[0].rss)} to ${megabytes(warm.at(-1)!.rss)}, trend ${megabytes(growth(warm))} in ` +
        `${((warm.at(-1)!.seconds - warm[0].seconds) / 60).toFixed(1)} min; event loop kept ${usual.toFixed(0)} ms (99%), ` +
        `${longest.toFixed(0)} ms (longest)\n`,
    );
    expect(generator.load).toEqual({ waiting: 0, running: 0 });
    expect(cache.free).toBe(slots);
    expect(totals.left).toBeGreaterThan(totals.requests / 10);
    expect(totals.repeated).toBeGreaterThan(0);
    expect(growth(warm)).toBeLessThan(mostGrowth);
    expect(usual).toBeLessThan(mostDelay.usual);
    expect(longest).toBeLessThan(mostDelay.ever);
    await Promise.all([generator.close(), alone.close()]);
    frozen.release();
    await engine.close();
  },
  (minutes + 2) * 60_000,
);
