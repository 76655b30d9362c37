/** `finery generate`: continues a text, or answers a conversation. */
import type { Command } from 'commander';
import { addModelOptions, type ModelFlags } from '../chat/model-options.ts';
import { addSamplingOptions, type SamplingFlags } from '../chat/sampling-options.ts';
import { addToolsOption, type ToolFlags } from '../chat/tools-option.ts';
import { adapterFolder, modelArgument, modelFolder } from '../model-folder.ts';
import { exactlyOne, integer } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

export interface GenerateFlags extends ModelFlags, SamplingFlags, ToolFlags {
  readonly prompt?: string;
  readonly messages?: string;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly n: number;
  readonly logprobs?: number;
  readonly echo?: true;
  readonly regex?: string;
  readonly jsonSchema?: string;
}

const details = `
With --json:
  {"completions":[{"text","ids","logprobs","finish_reason"}]}

ids are the tokens of the answer, the one that ended it included; logprobs are theirs in nats, as
the model gives them at temperature 1 before anything is left out. finish_reason is "stop" (an end
token, a --stop string, or a --regex or --json-schema that was met) or "length". --logprobs n adds
"top_logprobs", --echo adds "prompt", and "inserted" lists places of tokens that were not drawn.

--messages takes [{"role","content"}..] or {"messages":[..],"tools":[..]}. The conversation is
written as the model's chat template says; if the assistant spoke last, the answer goes on from
there. Text of messages and of --prompt is data: no control token is recognised in it.

With --tools calculator an answer that reaches [Calculator(12% * 1,500)-> goes on with 180], as
models expect that were tuned on such calls; what a tool wrote is among the "inserted" places.

  finery generate MODEL --prompt 'Net income rose' --max-tokens 40 --seed 1
  finery generate MODEL --messages conversation.json --temperature 0 --json
  finery generate MODEL --messages conversation.json --tools calculator
  finery generate MODEL --adapter runs/filings/adapter --prompt 'Revenue'
  finery generate MODEL --prompt 'Rating: ' --regex '(AAA|AA|A|BBB)[+-]?' --n 5`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Continues a text, or answers a conversation; the text appears as it is written.')
    .argument('<model>', modelArgument)
    .option('--prompt <text>', 'the text to continue')
    .option('--messages <file>', 'the conversation to answer, as JSON; - reads standard input')
    .option(
      '--max-tokens <n>',
      'tokens of an answer at most; default 256, or what there is room for',
      integer('--max-tokens', 1),
    );
  addSamplingOptions(command, { temperature: 1, topP: 1 })
    .option('--stop <text>', 'end before this text; may be given again', collect)
    .option('--n <k>', 'answers to draw', integer('--n', 1, 256), 1)
    .option('--logprobs <n>', 'also tell the n likeliest tokens at each place', integer('--logprobs', 0, 100))
    .option('--echo', 'give the prompt too; with --json, also its log-probabilities')
    .option('--regex <pattern>', 'the answer matches this regular expression from end to end')
    .option('--json-schema <file>', 'the answer is JSON that meets this schema');
  addToolsOption(command);
  addModelOptions(command)
    .addHelpText('after', details)
    .action(async (model: string, flags: GenerateFlags) => {
      exactlyOne(flags, ['prompt', 'messages']);
      if (forms.some((form) => flags[form] !== undefined)) exactlyOne(flags, forms);
      const { generateAnswers } = await import('../chat/generate-answers.ts');
      const adapter = await adapterFolder(flags.adapter, terminal);
      await generateAnswers(await modelFolder(model, terminal), { ...flags, adapter }, terminal);
    });
}

/** What an answer must look like, or may call: a result that is written into it could not keep to a form. */
const forms = ['regex', 'jsonSchema', 'tools'] as const;

const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];
