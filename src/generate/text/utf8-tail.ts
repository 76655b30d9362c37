/** The beginning of a character at the end of some bytes (the table of well-formed UTF-8, Unicode 3.9, table 3-7). */

/** Bytes of the character that `lead` begins; 1 where it begins none that needs more. */
function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 1;
}

/** Whether `byte` may follow `prefix`, which is the beginning of a character. */
export function continuesCharacter(prefix: Uint8Array, byte: number): boolean {
  const [lead] = prefix;
  const isSecond = prefix.length === 1;
  const low = isSecond && lead === 0xe0 ? 0xa0 : isSecond && lead === 0xf0 ? 0x90 : 0x80;
  const high = isSecond && lead === 0xed ? 0x9f : isSecond && lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= low && byte <= high;
}

/** How many bytes at the end, 0 to 3, are a character that more bytes could complete. */
export function incompleteTail(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const start = bytes.length - length;
    if ((bytes[start] & 0xc0) === 0x80) continue;
    if (sequenceLength(bytes[start]) <= length) return 0;
    for (let i = start + 1; i < bytes.length; i++) {
      if (!continuesCharacter(bytes.subarray(start, i), bytes[i])) return 0;
    }
    return length;
  }
  return 0;
}
