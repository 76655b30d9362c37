import { InputError } from '../../errors.ts';
import type { LogitsRow } from './logits-row.ts';

/**
 * ln of the sum of e^logit, in float64: a logit less this is the logarithm of its probability.
 * @throws InputError where a logit is NaN or +Infinity, or where all are -Infinity
 */
export function logNormalizer(row: LogitsRow): number {
  const sum = row.weightSum();
  if (Number.isNaN(sum)) throw notFinite(row.values);
  return row.max + Math.log(sum);
}

function notFinite(logits: Float32Array): InputError {
  const bad = logits.findIndex((logit) => !(logit < Number.POSITIVE_INFINITY));
  return new InputError({
    field: 'logits',
    found: bad < 0 ? `-Infinity for all ${logits.length} tokens` : `${logits[bad]} for token ${bad}`,
    expected: 'finite numbers, or -Infinity for tokens that are impossible',
    fix: 'The weights overflow in the computation: training diverged, or the checkpoint is damaged.',
  });
}
