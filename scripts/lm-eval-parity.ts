/**
 * Compares an evaluation of Finery's with one of lm-evaluation-harness of the same task file and model, item by item:
 * prompts, log-probabilities of options, and the value of each metric that both have.
 *
 *   finery eval MODEL --tasks TASK.yaml --out OUT
 *   lm_eval --model hf --model_args pretrained=MODEL,dtype=float32 --include_path . --tasks TASK --log_samples --output_path PEER
 *   node --import tsx scripts/lm-eval-parity.ts OUT TASK PEER/.../samples_TASK_*.jsonl
 *
 * `TASK.yaml` must give its data as an absolute path, since the harness knows no FINERY_DATA.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileOfTask } from '../src/eval/run/evaluation-folder.ts';
import type { ItemRequests, ItemScore } from '../src/eval/tasks/task.ts';

const [out, task, peerFile] = process.argv.slice(2);
if (peerFile === undefined) throw new Error('usage: lm-eval-parity.ts OUT TASK SAMPLES.jsonl');

const lines = <T>(path: string): T[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

interface PeerSample {
  readonly doc_id: number;
  readonly filter: string;
  readonly arguments: Readonly<Record<string, { readonly arg_0: string; readonly arg_1: unknown }>>;
  readonly resps: readonly (readonly unknown[])[];
  readonly [metric: string]: unknown;
}

const file = fileOfTask(task);
const scores = lines<ItemScore>(join(out, 'scores', file));
const requests = new Map(
  lines<{ id: string; requests: ItemRequests }>(join(out, 'items', file)).map((record) => [record.id, record.requests]),
);
const samples = lines<PeerSample>(peerFile);

const found = { prompts: 0, otherPrompts: 0, options: 0, worst: 0, metrics: 0, otherMetrics: 0 };
const differences: string[] = [];
for (const sample of samples) {
  const score = scores[sample.doc_id];
  const asked = requests.get(score.id)!;
  const ours = [...asked.continuations, ...asked.answers][0]?.prompt ?? asked.texts[0];
  const theirs = Object.values(sample.arguments)[0].arg_0;
  found.prompts++;
  if (ours !== theirs) {
    found.otherPrompts++;
    differences.push(`${score.id}: other prompt`);
  }
  for (const [i, own] of (score.optionScores[0] ?? []).entries()) {
    const [value] = sample.resps[i][0] as readonly [number | string];
    found.options++;
    found.worst = Math.max(found.worst, Math.abs(own - Number(value)));
  }
  for (const { metric, filter, contribution } of score.scores) {
    if (filter !== sample.filter || typeof sample[metric] !== 'number' || contribution?.kind !== 'value') continue;
    found.metrics++;
    if (Math.abs(contribution.value - (sample[metric] as number)) > 1e-9) {
      found.otherMetrics++;
      differences.push(`${score.id}: ${metric} ${contribution.value}, lm_eval ${sample[metric]}`);
    }
  }
}
process.stdout.write(`${JSON.stringify({ task, ...found }, undefined, 2)}\n${differences.join('\n')}\n`);
