import { describe, expect, it } from 'vitest';
import { BYTE_CHARACTERS, bytesOfCharacters, charactersOfBytes } from './byte-alphabet.ts';

const utf8 = new TextEncoder();

describe('the byte alphabet', () => {
  it('writes each byte as one character of its own, and back', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(new Set(BYTE_CHARACTERS).size).toBe(256);
    expect(bytesOfCharacters(charactersOfBytes(bytes))).toEqual(bytes);
  });

  it('has the well-known characters', () => {
    expect(charactersOfBytes(utf8.encode(' a\n\té'))).toBe('ĠaĊĉÃ©');
    expect([BYTE_CHARACTERS[0], BYTE_CHARACTERS[0x7f], BYTE_CHARACTERS[0xad]]).toEqual(['Ā', 'ġ', 'Ń']);
  });

  it('does not read other characters', () => {
    expect(bytesOfCharacters('a b')).toBeUndefined();
    expect(bytesOfCharacters('利')).toBeUndefined();
  });
});
