/** `finery score`: log-probabilities of the tokens of texts. */
import type { Command } from 'commander';
import type { DataRecord } from '../../data/readers/document.ts';
import { InputError } from '../../errors.ts';
import { Scorer } from '../../eval/score.ts';
import { holdsEncoderDecoder } from '../../models/encoder-decoder-model.ts';
import { loadModel } from '../../models/model.ts';
import { Engine } from '../../runtime/engine.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { modelArgument, modelFolder } from '../model-folder.ts';
import { exactlyOne, integer, tokenIds, wrongValue } from '../option-values.ts';
import { scoreAnswers } from '../score/score-answers.ts';
import { describeIds, ScoreTotal, scoredRecords } from '../score/scored-texts.ts';
import type { Terminal } from '../terminal.ts';

export interface ScoreOptions {
  readonly text?: string;
  readonly prompt?: string;
  readonly ids?: Int32Array;
  readonly file?: string;
  readonly bos?: true;
  readonly stride?: number;
  readonly threads?: number;
}

const details = `
Prints one line for each text:
  {"ids":[..],"tokens":[..],"logprobs":[null,..],"sum":..,"bytes":..}

logprobs are in nats, each given all tokens before it; the first token has none. sum adds up
those that there are. tokens are written as in the vocabulary. bytes is the length in UTF-8 of
the text that the ids decode to, special tokens left out.

Text is data: no special token is added to it, and none is recognised in it. With --bos the
beginning token (where the tokenizer has none, the end token) goes before each text, so that
its first token is scored too. A text longer than the model's positions is refused, unless
--stride lets windows slide over it: each then begins n tokens after the one before, and a
token is scored once, in the first window that holds it.

An encoder-decoder scores answers: --text to --prompt, or records with "prompt" and "completion".
All tokens of an answer have logprobs, the one that ends it too.`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Log-probabilities of the tokens of texts, as JSON.')
    .argument('<model>', modelArgument)
    .option('--text <text>', 'the text')
    .option('--prompt <text>', 'what an encoder-decoder reads; --text is then its answer')
    .option('--ids <ids>', 'token ids, such as 1,2,3', tokenIds('--ids'))
    .option('--file <file>', 'records with "text" or "ids": .jsonl, .json, .csv, .parquet, .txt')
    .option('--bos', 'put the beginning token before each text')
    .option('--stride <n>', 'score long texts in windows that advance by n tokens', integer('--stride', 1))
    .option('--threads <n>', 'threads to compute with; default all cores', integer('--threads', 1, 1024))
    .addHelpText('after', details)
    .action((model: string, options: ScoreOptions) => score(model, options, terminal));
}

async function score(name: string, options: ScoreOptions, terminal: Terminal): Promise<void> {
  exactlyOne(options, ['text', 'ids', 'file']);
  const { stride, threads } = options;
  const folder = await modelFolder(name, terminal);
  if (await holdsEncoderDecoder(folder)) return scoreAnswers(folder, options, terminal);
  if (options.prompt !== undefined) {
    throw wrongValue('--prompt', 'it for a decoder', 'an encoder-decoder: a decoder scores --text from its beginning');
  }
  const model = await loadModel(folder);
  for (const warning of model.warnings) terminal.warn(warning);
  const { positions } = model.decoder.sizes;
  if (stride !== undefined && stride >= positions) {
    throw wrongValue('--stride', String(stride), `less than the ${positions} positions of the model`);
  }
  const texts = textsToScore(options, encoder(model.tokenizer, folder, options), terminal.signal);
  const engine = new Engine({ threads });
  const scorer = new Scorer(engine, model, { stride, signal: terminal.signal });
  const total = new ScoreTotal();
  try {
    for await (const { ids, field } of texts) {
      const { logProbabilities, sum } = await scorer.score(ids, field);
      const { tokens, bytes } = describeIds(ids, model.tokenizer);
      await terminal.write(`${JSON.stringify({ ids, tokens, logprobs: logProbabilities, sum, bytes })}\n`);
      total.add(Math.max(0, ids.length - 1), sum);
    }
  } finally {
    scorer.release();
    await engine.close();
  }
  terminal.talk(total.format());
}

type Encode = (text: string) => number[];

function encoder(tokenizer: Tokenizer | undefined, folder: string, { bos, ids }: ScoreOptions): Encode {
  if (bos && ids) throw wrongValue('--bos', 'it together with --ids', 'ids that begin with the token already');
  return (text) => {
    if (!tokenizer) {
      throw new InputError({
        field: folder,
        found: 'a model without a tokenizer',
        expected: 'tokenizer.json beside the weights',
        fix: 'Add the tokenizer of the model, or pass token ids.',
      });
    }
    const encoded = tokenizer.encode(text, { addSpecialTokens: false });
    return [...(bos ? [prefixId(tokenizer)] : []), ...encoded];
  };
}

/** Where a vocabulary has no beginning token, the one that ends a text also stands before the next, as in GPT-2. */
function prefixId({ bosId, eosId }: Tokenizer): number {
  const id = bosId ?? eosId;
  if (id !== undefined) return id;
  throw wrongValue('--bos', 'a tokenizer with neither a beginning nor an end token', 'one that has such a token');
}

interface TextToScore {
  readonly ids: readonly number[];
  /** Names it in errors. */
  readonly field: string;
}

async function* textsToScore(
  { text, ids, file }: ScoreOptions,
  encode: Encode,
  signal: AbortSignal,
): AsyncGenerator<TextToScore> {
  if (ids) yield { ids: Array.from(ids), field: '--ids' };
  else if (text !== undefined) yield { ids: encode(text), field: '--text' };
  else for await (const { fields, field } of scoredRecords(file!, signal)) yield fromRecord(fields, field, encode);
}

function fromRecord(fields: DataRecord['fields'], field: string, encode: Encode): TextToScore {
  const { text, ids } = fields;
  if (typeof text === 'string' && ids === undefined) return { ids: encode(text), field };
  // What the ids are is checked where they are used.
  if (Array.isArray(ids) && text === undefined) return { ids, field };
  throw new InputError({
    field,
    found: `fields ${JSON.stringify(Object.keys(fields).slice(0, 20))}`,
    expected: 'either "text" with a string or "ids" with a list of token ids',
    fix: 'Correct the record.',
  });
}
