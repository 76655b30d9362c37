/** Train and held-out entities. Everything a document names about an entity comes from the entity's own split. */

export type Split = 'train' | 'heldout';

/** One entity in eight is held out. */
const heldoutModulus = 8;

/** The split of a company or place: a hash (FNV-1a) of its name alone, so it holds in every world and size of world. */
export function splitOf(name: string): Split {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  return (hash >>> 0) % heldoutModulus === 0 ? 'heldout' : 'train';
}
