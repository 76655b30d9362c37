/**
 * One measurement of generation in a process of its own, as one JSON object on stdout:
 *
 *   node --import tsx bench/generate/measure.ts decode|prefill|samples|freezing|quality [--config 135m]
 *     [--precision f32|int8|int4] [--threads 2] [--batch 1] [--prompt 128] [--tokens 64] [--capacity 512] [--repeats 3]
 *     [--documents 100]
 */
import { parseArgs } from 'node:util';
import { measureDecode } from './decode.ts';
import { measureFreezing } from './freezing.ts';
import { measurePrefill } from './prefill.ts';
import { measureQuality } from './quality.ts';
import { measureSamples } from './samples.ts';
import type { Settings } from './settings.ts';

const measurements: Readonly<Record<string, (settings: Settings) => Promise<object>>> = {
  decode: measureDecode,
  prefill: measurePrefill,
  samples: measureSamples,
  freezing: measureFreezing,
  quality: measureQuality,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string', default: '135m' },
    precision: { type: 'string', default: 'f32' },
    threads: { type: 'string', default: '2' },
    batch: { type: 'string', default: '1' },
    prompt: { type: 'string', default: '128' },
    tokens: { type: 'string', default: '64' },
    capacity: { type: 'string', default: '512' },
    repeats: { type: 'string', default: '3' },
    documents: { type: 'string', default: '100' },
  },
});
const { config, precision, ...numbers } = values;
if (precision !== 'f32' && precision !== 'int8' && precision !== 'int4') throw new Error(`a precision ${precision}`);
const [threads, batch, prompt, tokens, capacity, repeats, documents] = [
  numbers.threads,
  numbers.batch,
  numbers.prompt,
  numbers.tokens,
  numbers.capacity,
  numbers.repeats,
  numbers.documents,
].map(Number);
const settings = { config, precision, threads, batch, prompt, tokens, capacity, repeats, documents } as const;
process.stdout.write(`${JSON.stringify(await measurements[positionals[0]](settings))}\n`);
