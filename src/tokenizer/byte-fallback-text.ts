/**
 * Decoding of vocabularies with byte fallback (SentencePiece BPE, as in Llama 2): spaces are `▁`, characters outside
 * the vocabulary are bytes such as `<0xF0>`. The library drops a byte order mark that was spelled in bytes.
 */

import type { TokenizerDefinition } from './definition.ts';

const BYTE = /^<0x([0-9A-F]{2})>$/;

/** The decoder, if the tokenizer's is the usual chain: `▁` to spaces, bytes, and perhaps one space less in front. */
export function byteFallbackDecoder({
  decoder,
  tokens,
}: TokenizerDefinition): ((ids: readonly number[]) => string) | undefined {
  const [replace, fallback, fuse, strip, ...rest] = decoder;
  const pattern = replace?.type === 'Replace' ? (replace.pattern as { readonly String?: string }).String : undefined;
  if (pattern !== '▁' || replace.content !== ' ' || fallback?.type !== 'ByteFallback' || fuse?.type !== 'Fuse')
    return undefined;
  const strips = strip?.type === 'Strip' && strip.content === ' ' && strip.start === 1 && (strip.stop ?? 0) === 0;
  if (rest.length > 0 || (strip !== undefined && !strips)) return undefined;

  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** A run of bytes is a text, or as many unknown characters as it has bytes. */
  const textOf = (bytes: readonly number[]): string => {
    try {
      return utf8.decode(Uint8Array.from(bytes));
    } catch {
      return '\ufffd'.repeat(bytes.length);
    }
  };
  return (ids) => {
    let text = '';
    let bytes: number[] = [];
    for (const id of ids) {
      const byte = BYTE.exec(tokens[id])?.[1];
      if (byte !== undefined) {
        bytes.push(Number.parseInt(byte, 16));
        continue;
      }
      text += textOf(bytes) + tokens[id].replaceAll('▁', ' ');
      bytes = [];
    }
    text += textOf(bytes);
    return strips && text.startsWith(' ') ? text.slice(1) : text;
  };
}
