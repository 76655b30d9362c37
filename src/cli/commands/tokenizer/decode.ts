/** `finery tokenizer decode`: the text of token ids. */
import type { Command } from 'commander';
import { loadTokenizer } from '../../../tokenizer/load.ts';
import { tokenIds } from '../../option-values.ts';
import type { Terminal } from '../../terminal.ts';

interface Options {
  readonly ids: Int32Array;
  readonly skipSpecial?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Prints the text that token ids stand for.')
    .argument('<tokenizer>', 'folder with a tokenizer.json, or the file itself')
    .requiredOption('--ids <ids>', 'the ids, such as 1,2,3 (required)', tokenIds('--ids'))
    .option('--skip-special', 'leave out special tokens')
    .action(async (path: string, { ids, skipSpecial }: Options) => {
      const tokenizer = await loadTokenizer(path);
      const text = tokenizer.decode(ids, { skipSpecialTokens: skipSpecial === true });
      await terminal.print({ text }, () => text);
    });
}
