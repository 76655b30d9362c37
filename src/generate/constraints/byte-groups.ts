/**
 * Bytes in 32 groups, so that one word says which bytes a subtree of tokens is made of and which ones lead a state back to
 * itself. Constraints seldom tell bytes of one group apart: letters, digits, white space, the marks that structure JSON, and
 * the lead and continuation bytes of UTF-8.
 */

/** [32] the first byte of each group; a group ends where the next one begins. */
const FIRST_BYTES = [
  0x00, 0x09, 0x0a, 0x0b, 0x0d, 0x0e, 0x20, 0x21, 0x22, 0x23, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x3a, 0x3b, 0x41, 0x5b,
  0x5c, 0x5d, 0x5e, 0x5f, 0x60, 0x61, 0x7b, 0x7c, 0x7d, 0x7e, 0x80, 0xc0, 0xe0,
];

/** [256] the group of each byte, from 0 to 31. */
export const GROUP_OF: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  FIRST_BYTES.findLastIndex((first) => first <= byte),
);
