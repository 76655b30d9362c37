/**
 * The byte alphabet of byte-level vocabularies (GPT-2): each byte is written as one printable character, itself where
 * Latin-1 prints it, otherwise the next character from U+0100 on. A space is `Ġ`, a line feed `Ċ`.
 */

const isPrintable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);

function byteCharacters(): readonly string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
}

/** [256] the character of each byte. */
export const BYTE_CHARACTERS = byteCharacters();

const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = new Map(
  BYTE_CHARACTERS.map((character, byte) => [character, byte]),
);

/** The bytes that a token of a byte-level vocabulary stands for; undefined if a character is not of the alphabet. */
export function bytesOfCharacters(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(token[i]);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

/** Bytes written in the byte alphabet. */
export function charactersOfBytes(bytes: Uint8Array): string {
  let characters = '';
  for (const byte of bytes) characters += BYTE_CHARACTERS[byte];
  return characters;
}
