/** `finery tokenizer encode`: token ids of a text. */
import type { Command } from 'commander';
import { loadTokenizer } from '../../../tokenizer/load.ts';
import { exactlyOne } from '../../option-values.ts';
import { readTextFile } from '../../read-text-file.ts';
import type { Terminal } from '../../terminal.ts';

interface Options {
  readonly text?: string;
  readonly file?: string;
  readonly frame?: true;
  readonly allowSpecial?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Prints the token ids of a text, separated by commas; with --json also the tokens.')
    .argument('<tokenizer>', 'folder with a tokenizer.json, or the file itself')
    .option('--text <text>', 'the text')
    .option('--file <file>', 'a UTF-8 file whose content is the text')
    .option('--frame', 'add the tokens that the model expects around a text, such as <s>')
    .option('--allow-special', 'let control tokens written in the text become their ids')
    .action((path: string, options: Options) => encode(path, options, terminal));
}

async function encode(path: string, options: Options, terminal: Terminal): Promise<void> {
  const { text, file, frame = false, allowSpecial = false } = options;
  exactlyOne({ text, file }, ['text', 'file']);
  const tokenizer = await loadTokenizer(path);
  const content = text ?? (await readTextFile(file!));
  const ids = Array.from(tokenizer.encode(content, { addSpecialTokens: frame, allowSpecial }));
  const tokens = ids.map((id) => tokenizer.tokenOf(id));
  await terminal.print({ ids, tokens }, () => ids.join(','));
}
