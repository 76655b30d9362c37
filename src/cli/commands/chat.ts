/** `finery chat`: a conversation with a model. */
import type { Command } from 'commander';
import { addModelOptions, type ModelFlags } from '../chat/model-options.ts';
import { addSamplingOptions, type SamplingFlags } from '../chat/sampling-options.ts';
import { addToolsOption, type ToolFlags } from '../chat/tools-option.ts';
import { adapterFolder, modelArgument, modelFolder } from '../model-folder.ts';
import { integer } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

export interface ChatFlags extends ModelFlags, SamplingFlags, ToolFlags {
  readonly system?: string;
  readonly maxTokens: number;
  readonly context?: number;
}

const details = `
In a terminal the arrow keys bring back earlier messages, which are kept in the cache folder; a
line that ends with \\ goes on in the next one, and pasted text stays together until Enter. Ctrl-C
stops an answer, Ctrl-D leaves, and /help lists the commands: save, load, retry, undo and others.

Where the input is not a terminal, each line is a message and each answer goes to stdout; nothing
in the input is a command.

When a conversation outgrows the context, the model no longer sees its oldest turns; that is said.
Each answer has the seed of the one before plus 1, so a chat can be repeated.`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Talks with a model; one without a chat template continues your text.')
    .argument('<model>', modelArgument)
    .option('--system <text>', 'what the model is told before the conversation')
    .option('--max-tokens <n>', 'tokens of an answer at most', integer('--max-tokens', 1), 512);
  addSamplingOptions(command, { temperature: 0.7, topP: 0.95 }).option(
    '--context <n>',
    'tokens of a conversation at most; default what the model was made for, up to 4096',
    integer('--context', 16),
  );
  addToolsOption(command);
  addModelOptions(command)
    .addHelpText('after', details)
    .action(async (model: string, flags: ChatFlags) => {
      const { startChat } = await import('../chat/start-chat.ts');
      const adapter = await adapterFolder(flags.adapter, terminal);
      await startChat(await modelFolder(model, terminal), { ...flags, adapter }, terminal);
    });
}
