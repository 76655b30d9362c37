/**
 * What a request changes about the logits of a model. The order is that of vLLM: first what is allowed at all, then the
 * bias, which is meant for the logits of the model, then the penalties; repetition comes before frequency and presence
 * because it looks at the sign of a logit, which they move. Each result is rounded to float32.
 */
import type { LogitsRow } from './logits-row.ts';
import type { SamplingSettings } from './settings.ts';
import type { TokenHistory } from './token-history.ts';

export interface Adjustments {
  /** Bit `id % 32` of word `floor(id / 32)` is 1 where a token is allowed. Absent: all are. */
  readonly allowed: Uint32Array | undefined;
  /** Tokens that may not come now. */
  readonly forbidden: readonly number[];
  readonly settings: SamplingSettings;
  readonly history: TokenHistory;
}

/** Whether logits can differ from those of the model. */
export function changesLogits({ allowed, forbidden, settings }: Adjustments): boolean {
  return allowed !== undefined || forbidden.length > 0 || settings.logitBias.size > 0 || hasPenalties(settings);
}

export function adjustLogits(row: LogitsRow, { allowed, forbidden, settings, history }: Adjustments): void {
  if (allowed) row.restrict(allowed);
  for (const id of forbidden) row.forbid(id);
  for (const [id, bias] of settings.logitBias) row.set(id, row.values[id] + bias);
  if (hasPenalties(settings)) penalize(row, settings, history);
  row.settle();
}

function hasPenalties({ repetitionPenalty, frequencyPenalty, presencePenalty }: SamplingSettings): boolean {
  return repetitionPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0;
}

function penalize(row: LogitsRow, settings: SamplingSettings, { ids, counts }: TokenHistory): void {
  const { repetitionPenalty, frequencyPenalty, presencePenalty } = settings;
  const { values } = row;
  for (let i = 0; i < ids.length; i++) {
    const logit = values[ids[i]];
    const repeated = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
    const presence = counts[i] > 0 ? presencePenalty : 0;
    row.set(ids[i], repeated - frequencyPenalty * counts[i] - presence);
  }
}
