/**
 * Which tokens lie where in a cache: whole blocks of tokens by a hash of the block and of everything before it, so that
 * equal hashes mean equal beginnings.
 */
import { createHash } from 'node:crypto';

/** Tokens of a block. Its keys and values have the same bits whoever computed them, see `piece-length.ts`. */
export const blockTokens = 64;

export class BlockIndex {
  readonly #slots = new Map<string, Set<number>>();

  add(hash: string, slot: number): void {
    const slots = this.#slots.get(hash);
    if (slots) slots.add(slot);
    else this.#slots.set(hash, new Set([slot]));
  }

  remove(hash: string, slot: number): void {
    const slots = this.#slots.get(hash);
    if (!slots?.delete(slot)) return;
    if (slots.size === 0) this.#slots.delete(hash);
  }

  /**
   * Slots that hold the longest known beginning of a chain of hashes, and its number of blocks.
   * @param isUsable whether a sequence can go on from so many blocks in a slot
   */
  longest(
    hashes: readonly string[],
    isUsable: (slot: number, blocks: number) => boolean,
  ): { readonly blocks: number; readonly slots: readonly number[] } {
    for (let blocks = hashes.length; blocks > 0; blocks--) {
      const slots = [...(this.#slots.get(hashes[blocks - 1]) ?? [])].filter((slot) => isUsable(slot, blocks));
      if (slots.length > 0) return { blocks, slots };
    }
    return { blocks: 0, slots: [] };
  }
}

/** Hashes of the whole blocks of `ids` from block `first` on; `previous` is the hash before that block. */
export function blockHashes(ids: ArrayLike<number>, first = 0, previous = ''): string[] {
  const hashes: string[] = [];
  let before = previous;
  for (let start = first * blockTokens; start + blockTokens <= ids.length; start += blockTokens) {
    const block = Int32Array.from({ length: blockTokens }, (_, i) => ids[start + i]);
    before = createHash('sha256').update(before).update(block).digest('base64');
    hashes.push(before);
  }
  return hashes;
}
