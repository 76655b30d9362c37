/** ByT5's vocabulary, which a GGUF file has as byte-level tokens that nothing merges. */
import { byt5FilesOf } from '../../../tokenizer/byt5-tokenizer.ts';
import type { TokenizerFile } from '../../../tokenizer/tokenizer.ts';
import { type ListedTokens, tokenTypes } from './listed-tokens.ts';

/** Its files; undefined for any other vocabulary. */
export function readBytes({ fields, tokens, types, idOf }: ListedTokens): readonly TokenizerFile[] | undefined {
  const merges = fields.texts('tokenizer.ggml.merges') ?? [];
  const isFramed = fields.flag('tokenizer.ggml.add_eos_token') === true && !fields.flag('tokenizer.ggml.add_bos_token');
  if (merges.length > 0 || !isFramed || idOf('padding') !== 0 || idOf('eos') !== 1) return undefined;
  // Of a token that is neither a byte nor special its settings have no word.
  return types.includes(tokenTypes.userDefined) ? undefined : byt5FilesOf(tokens);
}
