/**
 * What it takes to rank the documents of queries by vectors that there are: random ones, as many to each.
 * `node --import tsx bench/ranks.ts [--queries 5000] [--documents 100000] [--width 384]` prints one line of JSON.
 */
import { parseArgs } from 'node:util';
import { ranksOfOwn, type UnitVectors } from '../src/embed/ranks-of-own.ts';
import { normalizeVector } from '../src/embed/vectors.ts';
import { stream } from '../src/random/stream.ts';
import { Engine } from '../src/runtime/engine.ts';

const { values } = parseArgs({
  options: {
    queries: { type: 'string', default: '5000' },
    documents: { type: 'string', default: '100000' },
    width: { type: 'string', default: '384' },
  },
});
const [queries, documents, width] = [values.queries, values.documents, values.width].map(Number);

const draws = stream(1, 'ranks');
const random = (rows: number): UnitVectors => {
  const numbers = Float32Array.from({ length: rows * width }, () => draws.normal());
  for (let row = 0; row < rows; row++) normalizeVector(numbers.subarray(row * width, (row + 1) * width));
  return { values: numbers, width };
};
const [asked, found] = [random(queries), random(documents)];
const engine = new Engine();
const own = Array.from({ length: queries }, (_, i) => i % documents);
const resident = process.memoryUsage.rss();
const [cpu, began] = [process.cpuUsage(), performance.now()];
const ranks = await ranksOfOwn(asked, found, own, { engine });
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(cpu);
const peak = 1024 * process.resourceUsage().maxRSS;
console.log(
  JSON.stringify({
    queries,
    documents,
    width,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    addedMegabytes: (peak - resident) / 1e6,
    meanRank: ranks.reduce((sum, rank) => sum + rank, 0) / queries,
  }),
);
await engine.close();
