/** `finery tokenizer info`: what is in a tokenizer, and how well it fits a text. */
import type { Command } from 'commander';
import { formatBytes, formatCount, formatShare } from '../../../observe/numbers.ts';
import { type TokenizerInfo, tokenizerInfo } from '../../../tokenizer/info.ts';
import { loadTokenizer } from '../../../tokenizer/load.ts';
import { formatFields, formatTable } from '../../layout.ts';
import { integer } from '../../option-values.ts';
import { readTextFile } from '../../read-text-file.ts';
import { printable, type Style } from '../../style.ts';
import type { Terminal } from '../../terminal.ts';

interface Options {
  readonly file?: string;
  readonly longest: number;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Describes a tokenizer; with --file also how many tokens it makes of a text.')
    .argument('<tokenizer>', 'folder with a tokenizer.json, or the file itself')
    .option('--file <file>', 'a UTF-8 file to measure the vocabulary on')
    .option('--longest <n>', 'how many of the longest tokens to show', integer('--longest', 0, 10_000), 12)
    .action(async (path: string, { file, longest }: Options) => {
      const tokenizer = await loadTokenizer(path);
      const text = file === undefined ? undefined : await readTextFile(file);
      const info = tokenizerInfo(tokenizer, { text, longest });
      await terminal.print(info, () => describe(info, terminal.style));
    });
}

/** Reserved tokens may be many, and the first of them are those that matter. */
const shownSpecial = 12;

function describe(info: TokenizerInfo, style: Style): string {
  const { special, marks, longest, text } = info;
  const name = ({ id, token }: { readonly id: number; readonly token: string }): string =>
    `${printable(token)} ${style.dim(String(id))}`;
  const nameAll = (tokens: TokenizerInfo['special']): string | undefined => {
    if (tokens.length === 0) return undefined;
    const more = tokens.length - shownSpecial;
    return [...tokens.slice(0, shownSpecial).map(name), ...(more > 0 ? [style.dim(`and ${more} more`)] : [])].join(
      '  ',
    );
  };
  const role = (id: number | null): string => {
    const known = special.find((token) => token.id === id);
    return known ? name(known) : id === null ? style.dim('none') : String(id);
  };
  const sections = [
    formatFields(
      [
        ['kind', style.bold(info.kind)],
        ['tokens', formatCount(info.vocabSize)],
        ['begin', role(info.bosId)],
        ['end', role(info.eosId)],
        ['padding', role(info.padId)],
        ['special', nameAll(special)],
        ['marks', nameAll(marks)],
        ['sha256', style.dim(info.hash)],
      ],
      style,
    ),
  ];
  if (longest.length > 0) {
    const rows = longest.map(({ id, token, bytes }) => [String(id), formatBytes(bytes), printable(token)]);
    sections.push(`${style.bold('longest tokens')}\n${formatTable(rows, { right: [0, 1] })}`);
  }
  if (text) {
    const fields = [
      ['text', `${formatBytes(text.bytes)}, ${formatCount(text.characters)} characters`],
      ['tokens', `${formatCount(text.tokens)}, ${formatCount(text.distinctTokens)} of them different`],
      ['bytes per token', text.bytesPerToken.toFixed(3)],
      ['single bytes', formatShare(text.singleByteShare)],
    ] as const;
    sections.push(formatFields(fields, style));
  }
  return sections.join('\n\n');
}
