/** Parameters of Mixtral: a router, and experts in place of the feed-forward layer. */
import type { DecoderNames } from '../transformer/description.ts';
import { usualNames } from '../transformer/names.ts';

export const names: DecoderNames = {
  ...usualNames,
  block: {
    ...usualNames.block,
    router: 'block_sparse_moe.gate',
    experts: 'block_sparse_moe.experts',
    feedForward: ['w1', 'w3'],
    down: 'w2',
  },
};
