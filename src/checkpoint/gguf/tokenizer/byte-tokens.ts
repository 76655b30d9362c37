/** Tokens that stand for one byte each, such as `<0x0A>`, in vocabularies of SentencePiece. */

const form = /^<0x[0-9A-F]{2}>$/;

export const isByteToken = (token: string): boolean => form.test(token);

/**
 * The first byte that no token stands for. llama.cpp takes the character itself where `<0x09>` is missing: a tab is its own
 * token in Gemma.
 */
export function missingByte(has: (token: string) => boolean): string | undefined {
  for (let byte = 0; byte < 256; byte++) {
    const token = `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
    if (!has(token) && !(byte < 128 && has(String.fromCharCode(byte)))) return token;
  }
  return undefined;
}
