// Elements as the source of a tensor has them. A table has an entry of two words for each source: an address, and what lies
// there: 0 for float32, 1 for bfloat16, 2 for float16. Loops go through sources in blocks, so that what they widen never
// leaves the nearest cache.
import { widenBfloat16, widenFloat16 } from '../convert';

export const entryBytes: usize = 8;

/** Elements of a block; a multiple of 8. */
export const blockLength: usize = 512;

/** Bytes of a block in float32, with a gap that keeps neighbours from sharing their low address bits. */
export const blockBytes: usize = (blockLength << 2) + 64;

export const bfloat16: u32 = 1;

/** Address of elements in float32, `length` from `start` on: their own, or that of `room`, where they are widened to. */
export function widened(entry: usize, start: usize, length: usize, room: usize): usize {
  const address = <usize>load<u32>(entry);
  const kind = load<u32>(entry, 4);
  if (kind === 0) return address + (start << 2);
  const source = address + (start << 1);
  if (kind === bfloat16) widenBfloat16(room, source, length);
  else widenFloat16(room, source, length);
  return room;
}

/** Four bfloat16 as float32. */
// @ts-ignore: decorator
@inline
export function loadBfloat16(at: usize): v128 {
  return i32x4.shl(v128.load16x4_u(at), 16);
}
