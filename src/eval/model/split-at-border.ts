/** Where a prompt ends and its continuation begins, in tokens. */
import { InputError } from '../../errors.ts';
import { idsOfText } from '../../generate/prompt/prompt-ids.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';

export interface SplitText {
  readonly prompt: readonly number[];
  readonly continuation: readonly number[];
  /** Whether the tokens of the prompt alone are those that the whole begins with. */
  readonly cleanBorder: boolean;
}

/**
 * The convention of lm-evaluation-harness: spaces at the end of the prompt go to the continuation, both are encoded as one
 * text, and the continuation is what comes after as many tokens as the prompt has alone. A token that spans the border is
 * so counted to one side or the other, whichever the counts say.
 *
 * An empty prompt becomes the token that begins texts, or else the one that ends them: something must come before the
 * first token for it to be predicted.
 * @throws InputError where there is no such token, or for text that the vocabulary cannot spell
 */
export function splitAtBorder(tokenizer: Tokenizer, prompt: string, continuation: string): SplitText {
  const bare = prompt.trimEnd();
  const before = bare === '' ? requireBeginning(tokenizer) : idsOfText(tokenizer, bare);
  const moved = prompt.slice(bare.length) + continuation;
  const whole = bare === '' ? [...before, ...encode(tokenizer, moved)] : idsOfText(tokenizer, bare + moved);
  const cleanBorder = before.every((id, i) => whole[i] === id);
  return { prompt: whole.slice(0, before.length), continuation: whole.slice(before.length), cleanBorder };
}

/** What stands before the first token of a text; nothing where the tokenizer has no such token. */
export function beginning({ bosId, eosId }: Tokenizer): number[] {
  const id = bosId ?? eosId;
  return id === undefined ? [] : [id];
}

/** @throws InputError where there is nothing */
export function requireBeginning(tokenizer: Tokenizer): number[] {
  const before = beginning(tokenizer);
  if (before.length > 0) return before;
  throw new InputError({
    field: 'prompt',
    found: 'no text, and a tokenizer with neither a beginning nor an end token',
    expected: 'something that the first token can be predicted from',
    fix: 'Write a prompt, or use a tokenizer with a beginning token.',
  });
}

const encode = (tokenizer: Tokenizer, text: string) => tokenizer.encode(text, { addSpecialTokens: false });
