/** `finery eval`: a model measured on tasks, or on text. */
import type { Command } from 'commander';
import type { Prices } from '../../eval/endpoint/usage-meter.ts';
import { addModelOptions, type ModelFlags } from '../chat/model-options.ts';
import { modelArgument } from '../model-folder.ts';
import { exactlyOne, integer, names, wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

export interface EvalFlags extends ModelFlags {
  readonly tasks?: readonly string[];
  readonly suite?: string;
  readonly perplexity?: string;
  readonly data?: string;
  readonly limit?: number;
  readonly out?: string;
  readonly numFewshot?: number;
  readonly chat?: true;
  readonly fewshotAsMultiturn?: true;
  readonly system?: string;
  readonly seed: number;
  readonly context?: number;
  readonly apiKey?: string;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly prices?: Prices;
  readonly allowPlainHttp?: true;
  readonly judge?: string;
}

const details = `
With --json:
  {"results":{task:{metric:{"value","stderr","n","missing"}}},"versions":{task:version}}

Tasks are files in the form of lm-evaluation-harness; finery eval tasks lists those that come
with Finery, and a path to a .yaml file is a task of your own. Tasks on public data sets need
the data: --data names the folder, or FINERY_DATA in the environment does.

With --out every answer is kept as it comes: the same command goes on where it was interrupted,
and report.html shows scores with intervals, slices, calibration and the worst errors. A score
counts an answer that could not be read as wrong and says how many there were; an item without
an answer has no score, and is counted too.

MODEL is a Hugging Face folder, or openai:NAME@URL for a server with the OpenAI protocol. What a
server cannot do, such as log-probabilities of given options, is said and not guessed.

  finery eval assets/nano --tasks finworld --limit 200 --out runs/nano-eval
  finery eval MODEL --tasks gsm8k,mmlu --data ../data --chat --out runs/model-eval
  finery eval compare runs/nano-eval runs/model-eval`;

function prices(word: string): Prices {
  const numbers = /^\d+(\.\d+)?,\s*\d+(\.\d+)?$/.test(word) ? word.split(',').map(Number) : [];
  if (numbers.length !== 2) throw wrongValue('--prices', JSON.stringify(word), 'two numbers with a comma between');
  const [prompt, answer] = numbers;
  return { prompt, answer };
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Measures a model on tasks, with intervals, and keeps every answer.')
    .argument('<model>', `${modelArgument}, or openai:NAME@URL`)
    .option('--tasks <names>', 'names of tasks or groups, or .yaml files, with commas between', names)
    .option('--suite <name>', 'a group of tasks that comes with Finery')
    .option('--perplexity <file>', 'bits per byte and perplexity of the documents of a file or folder')
    .option('--data <folder>', 'where the data of tasks lies; default FINERY_DATA of the environment')
    .option('--limit <n>', 'only the first n items of each task', integer('--limit', 1))
    .option('--out <folder>', 'keep answers, scores and a report there, and go on with what is there')
    .option(
      '--num-fewshot <n>',
      "examples before each question; default the task's own",
      integer('--num-fewshot', 0, 100),
    )
    .option('--chat', "ask through the model's chat template")
    .option('--fewshot-as-multiturn', 'with --chat: each example is a turn of its own')
    .option('--system <text>', "precedes the task's description")
    .option('--seed <n>', 'chooses the examples', integer('--seed', 0, 2 ** 32 - 1), 1234)
    .option(
      '--context <n>',
      'tokens of a prompt and its answer at most; default all that the model has',
      integer('--context', 16),
    )
    .option('--judge <model>', 'a model that judges free text by the rubric of its task')
    .option('--api-key <variable>', 'the environment variable that holds the key; default OPENAI_API_KEY')
    .option('--requests-per-minute <n>', 'of a server, at most', integer('--requests-per-minute', 1, 1e9))
    .option(
      '--tokens-per-minute <n>',
      'of a server, at most, read and written',
      integer('--tokens-per-minute', 1, 1e12),
    )
    .option('--prices <read,written>', 'dollars for a million tokens, such as 0.15,0.6, to tell the cost', prices)
    .option('--allow-plain-http', 'let requests and the key travel unencrypted to another machine');
  addModelOptions(command)
    .addHelpText('after', details)
    .action(async (model: string, flags: EvalFlags) => {
      exactlyOne(flags, ['tasks', 'suite', 'perplexity']);
      if (flags.perplexity !== undefined) {
        const { measurePerplexity } = await import('../eval/measure-perplexity.ts');
        await measurePerplexity(model, flags.perplexity, flags, terminal);
      } else {
        const { startEvaluation } = await import('../eval/start-evaluation.ts');
        await startEvaluation(model, flags.tasks ?? [flags.suite!], flags, terminal);
      }
    });
}
