/** What `finery score` does with an encoder-decoder: it scores answers to texts. */
import { InputError } from '../../errors.ts';
import { PairScorer } from '../../eval/score-pairs.ts';
import { openEncoderDecoder } from '../../generate/seq2seq/open-encoder-decoder.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { ScoreOptions } from '../commands/score.ts';
import { wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';
import { describeIds, ScoreTotal, scoredRecords } from './scored-texts.ts';

export async function scoreAnswers(folder: string, options: ScoreOptions, terminal: Terminal): Promise<void> {
  requirePairs(options);
  const model = await openEncoderDecoder(folder, {
    threads: options.threads,
    signal: terminal.signal,
    onWarning: (warning) => terminal.warn(warning),
  });
  const scorer = new PairScorer(model.engine, model);
  const total = new ScoreTotal();
  try {
    for await (const { input, target, field } of pairsToScore(options, model.tokenizer, terminal.signal)) {
      terminal.signal.throwIfAborted();
      const { logProbabilities, sum } = await scorer.score({ input, target }, field);
      const ids = [...target];
      const { tokens, bytes } = describeIds(ids, model.tokenizer);
      await terminal.write(`${JSON.stringify({ ids, tokens, logprobs: logProbabilities, sum, bytes })}\n`);
      total.add(ids.length, sum);
    }
  } finally {
    scorer.release();
    await model.close();
  }
  terminal.talk(total.format());
}

/** @throws UsageError for an option that needs a decoder, and a text without the one that it answers */
function requirePairs({ text, prompt, ids, bos, stride }: ScoreOptions): void {
  const ask = (option: string, found: string, expected: string) => {
    throw wrongValue(option, found, expected);
  };
  if (ids) ask('--ids', 'it for an encoder-decoder', 'an answer as --text, and what it answers as --prompt');
  if (bos) ask('--bos', 'it for an encoder-decoder', 'nothing: all tokens of an answer are scored');
  if (stride !== undefined) ask('--stride', 'it for an encoder-decoder', 'nothing: an answer is scored whole');
  if (text !== undefined && prompt === undefined) ask('--prompt', 'none', 'the text that --text answers');
  if (text === undefined && prompt !== undefined) ask('--prompt', 'it beside --file', 'a "prompt" in each record');
}

interface PairToScore {
  readonly input: Int32Array;
  readonly target: Int32Array;
  readonly field: string;
}

async function* pairsToScore(
  { text, prompt, file }: ScoreOptions,
  tokenizer: Tokenizer,
  signal: AbortSignal,
): AsyncGenerator<PairToScore> {
  const pair = (from: string, to: string, field: string): PairToScore => {
    return { input: tokenizer.encode(from), target: tokenizer.encode(to), field };
  };
  if (text !== undefined) {
    yield pair(prompt!, text, '--text');
    return;
  }
  for await (const { fields, field } of scoredRecords(file!, signal)) {
    const { prompt: from, completion: to } = fields;
    if (typeof from === 'string' && typeof to === 'string') yield pair(from, to, field);
    else throw noPair(fields, field);
  }
}

const noPair = (fields: object, field: string): InputError =>
  new InputError({
    field,
    found: `fields ${JSON.stringify(Object.keys(fields).slice(0, 20))}`,
    expected: '"prompt" and "completion" with strings',
    fix: 'Correct the record.',
  });
