/**
 * One measurement of evaluation in a process of its own, as one JSON object on stdout:
 *
 *   node --import tsx bench/evaluation/measure.ts --model FOLDER --requests FILE.jsonl [--threads 2]
 *   node --import tsx bench/evaluation/measure.ts --model FOLDER --answers 1000 [--alone] [--threads 2]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ContinuationRequest, Outcome } from '../../src/eval/model/language-model.ts';
import { openLocalModel } from '../../src/eval/model/local-model.ts';
import { loadTokenizer } from '../../src/tokenizer/load.ts';
import { answerRequests } from './workloads.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    requests: { type: 'string' },
    answers: { type: 'string' },
    alone: { type: 'boolean', default: false },
    threads: { type: 'string', default: '2' },
  },
});

function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(outcome.failure.reason);
}

const model = await openLocalModel(values.model!, { threads: Number(values.threads) });
const timed = async <T>(work: () => Promise<T>) => {
  const start = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - start) / 1000 };
};

if (values.requests !== undefined) {
  const lines = readFileSync(values.requests, 'utf8').trim().split('\n');
  const requests = lines.map((line) => JSON.parse(line) as ContinuationRequest);
  await model.scoreContinuations(requests.slice(0, 1));
  const { result, seconds } = await timed(() => model.scoreContinuations(requests));
  const scores = result.map((outcome) => unwrap(outcome).map(({ logProbability, greedy }) => [logProbability, greedy]));
  process.stdout.write(`${JSON.stringify({ seconds, scores })}\n`);
} else {
  const requests = answerRequests(await loadTokenizer(values.model!), Number(values.answers));
  const { result, seconds } = await timed(async () => {
    if (!values.alone) return model.answer(requests);
    const outcomes = [];
    for (const request of requests) outcomes.push(...(await model.answer([request])));
    return outcomes;
  });
  const tokens = result.reduce((sum, outcome) => sum + unwrap(outcome).tokens, 0);
  process.stdout.write(`${JSON.stringify({ seconds, items: requests.length, tokens })}\n`);
}
await model.close();
