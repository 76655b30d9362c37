/**
 * Evaluation: log-probabilities of options beside lm-evaluation-harness, and answers in batches beside answers one by one.
 * Each measurement is a process of its own; one Markdown table on stdout, progress on stderr. Run this on an idle machine.
 *
 *   node --import tsx bench/evaluation.ts [--config 135m | --model FOLDER] [--threads 2] [--python PATH]
 *     [--batches 1,8,32] [--answers 1000] [--alone 100]
 *
 * `--python`: a Python with PyTorch, transformers and lm_eval. `--config`: random weights of these shapes, with the
 * tokenizer of assets/nano; `--model`: a checkpoint, for log-probabilities that mean something. The text is generated. `--alone`: how many of the answers are also asked for one by one.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { initModel, saveModel } from '../src/models/model.ts';
import { loadTokenizer, tokenizerOf } from '../src/tokenizer/load.ts';
import type { Tokenizer } from '../src/tokenizer/tokenizer.ts';
import { workloads } from './evaluation/workloads.ts';

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: '135m' },
    model: { type: 'string' },
    threads: { type: 'string', default: '2' },
    python: { type: 'string' },
    batches: { type: 'string', default: '1,8,32' },
    answers: { type: 'string', default: '1000' },
    alone: { type: 'string', default: '100' },
  },
});
const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

interface Scored {
  readonly seconds: number;
  readonly scores: readonly (readonly (readonly [number, boolean])[])[];
}

async function runJson<T>(command: string, words: readonly string[]): Promise<T> {
  process.stderr.write(`${words.join(' ')}\n`);
  const { stdout } = await promisify(execFile)(command, words, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}

const own = <T>(words: readonly string[]) =>
  runJson<T>(process.execPath, [
    '--import',
    'tsx',
    pathOf('./evaluation/measure.ts'),
    ...words,
    '--threads',
    values.threads,
  ]);

const lines = ['| measurement | program | result | lm_eval / Finery |', '| --- | --- | ---: | ---: |'];
const row = (...cells: readonly string[]) => lines.push(`| ${cells.join(' | ')} |`);

/** Greatest distance of two log-probabilities, and how many options are the likeliest for one program only. */
function compare(a: Scored, b: Scored): { readonly worst: number; readonly choices: number } {
  let [worst, choices] = [0, 0];
  const best = (scores: Scored['scores'][number]) =>
    scores.reduce((most, [value], i) => (value > scores[most][0] ? i : most), 0);
  for (const [q, scores] of a.scores.entries()) {
    for (const [i, [value]] of scores.entries()) worst = Math.max(worst, Math.abs(value - b.scores[q][i][0]));
    if (best(scores) !== best(b.scores[q])) choices++;
  }
  return { worst, choices };
}

async function randomModel(path: string): Promise<string> {
  const config = JSON.parse(await readFile(pathOf(`./configs/${values.config}.json`), 'utf8'));
  const tokenizer = await paddedTokenizer(config.vocab_size);
  await saveModel(path, initModel(config, { seed: 1, tokenizer, purpose: 'inference' }), { dtype: 'f32' });
  return path;
}

/** That of assets/nano with tokens that no text becomes, up to a size. */
async function paddedTokenizer(size: number): Promise<Tokenizer> {
  const { files } = await loadTokenizer(pathOf('../assets/nano'));
  const padded = files.map(({ name, bytes }) => {
    if (name !== 'tokenizer.json') return { name, bytes };
    const json = JSON.parse(Buffer.from(bytes).toString());
    const { vocab } = json.model;
    for (let id = Object.keys(vocab).length; id < size; id++) vocab[`<unused ${id}>`] = id;
    return { name, bytes: Buffer.from(JSON.stringify(json)) };
  });
  return tokenizerOf(padded);
}

const folder = await mkdtemp(join(tmpdir(), 'finery-evaluation-'));
try {
  const model = values.model ?? (await randomModel(join(folder, 'model')));
  for (const { name, questions } of workloads(await loadTokenizer(model))) {
    const requests = join(folder, 'requests.jsonl');
    await writeFile(requests, questions.map((question) => `${JSON.stringify(question)}\n`).join(''));
    const ours = await own<Scored>(['--model', model, '--requests', requests]);
    const speed = (seconds: number) => `${(questions.length / seconds).toFixed(2)} questions/s`;
    row(name, 'Finery', speed(ours.seconds), '');
    if (values.python === undefined) continue;
    for (const batch of values.batches.split(',')) {
      const words = ['--model', model, '--requests', requests, '--batch', batch, '--threads', values.threads];
      const peer = await runJson<Scored>(values.python, [pathOf('./peers/lm_eval_scoring.py'), ...words]);
      const { worst, choices } = compare(ours, peer);
      row(name, `lm_eval, batch ${batch}`, speed(peer.seconds), (peer.seconds / ours.seconds).toFixed(2));
      row('greatest difference; other choices', `lm_eval, batch ${batch}`, `${worst.toExponential(1)}; ${choices}`, '');
    }
  }
  type Answered = { readonly seconds: number; readonly items: number; readonly tokens: number };
  const speed = ({ seconds, items }: Answered) => items / seconds;
  const together = await own<Answered>(['--model', model, '--answers', values.answers]);
  const alone = await own<Answered>(['--model', model, '--answers', values.alone, '--alone']);
  row(
    `${together.items} answers of up to 32 tokens`,
    'Finery, in batches',
    `${speed(together).toFixed(2)} items/s`,
    '',
  );
  const ratio = (speed(together) / speed(alone)).toFixed(2);
  row(
    `${alone.items} of them`,
    'Finery, one by one',
    `${speed(alone).toFixed(2)} items/s`,
    `batches are ${ratio} as fast`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.stdout.write(`${lines.join('\n')}\n`);
