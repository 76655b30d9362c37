/** How a model is adapted: the method, its rank and its strength, and the layers that take part. */
import { UsageError } from '../errors.ts';

/**
 * - `lora`: y = x W' + s (x A') B', s = alpha / r (Hu et al. 2021, arXiv:2106.09685)
 * - `rslora`: the same with s = alpha / sqrt(r), so that large ranks learn as fast as small ones (Kalajdzievski 2023,
 *   arXiv:2312.03732)
 * - `dora`: directions W + s B A of unit length times a magnitude for each output (Liu et al. 2024, arXiv:2402.09353)
 * - `qlora`: `lora` over a base in four bits (Dettmers et al. 2023, arXiv:2305.14314)
 * - `qdora`: `dora` over such a base
 */
export const adapterMethods = ['lora', 'rslora', 'dora', 'qlora', 'qdora'] as const;
export type AdapterMethod = (typeof adapterMethods)[number];

/** Whether magnitudes are learnt, too. */
export const hasMagnitudes = (method: AdapterMethod): boolean => method === 'dora' || method === 'qdora';

/** Whether the base is held in four bits. */
export const packsBase = (method: AdapterMethod): boolean => method === 'qlora' || method === 'qdora';

/** Linear layers by the end of their names, such as `q_proj` or `mlp.up_proj`, or all of them in the blocks. */
export type TargetModules = readonly string[] | 'all-linear';

export interface AdapterSettings {
  readonly method: AdapterMethod;
  /** Rank of the update. */
  readonly r: number;
  readonly alpha: number;
  readonly targetModules: TargetModules;
  /**
   * Probability with which each input of A is left out while the adapter is trained, in [0, 1); with magnitudes of all that
   * the adapter changes. It has no part in what a trained adapter computes. Default 0.
   */
  readonly dropout?: number;
}

/** Of an adapter that nothing more is said of. */
export const defaultAdapterSettings = {
  method: 'lora',
  r: 16,
  alpha: 32,
  targetModules: 'all-linear',
} as const satisfies AdapterSettings;

/** The factor s on the update B A. */
export const scaleOf = ({ method, alpha, r }: Pick<AdapterSettings, 'method' | 'alpha' | 'r'>): number =>
  method === 'rslora' ? alpha / Math.sqrt(r) : alpha / r;

/** Of an adapter that is to be trained from its beginning. @throws UsageError for a number out of its range. */
export function assertSettings({ method, r, alpha, dropout = 0 }: AdapterSettings): void {
  if (!adapterMethods.includes(method)) throw refuse('method', method, `one of ${adapterMethods.join(', ')}`);
  if (!(Number.isInteger(r) && r >= 1)) throw refuse('r', r, 'a whole number, 1 or more');
  if (!(alpha > 0 && alpha < Number.POSITIVE_INFINITY)) throw refuse('alpha', alpha, 'a positive number');
  if (!(dropout >= 0 && dropout < 1)) throw refuse('dropout', dropout, 'a number from 0 to below 1');
}

const refuse = (field: string, found: unknown, expected: string): UsageError =>
  new UsageError({ field: `adapter ${field}`, found: String(found), expected, fix: 'Correct the adapter settings.' });
