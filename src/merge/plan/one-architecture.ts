/** Whether models are of one architecture, by what their configurations say; shapes are compared tensor by tensor. */
import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import { configDifferences } from '../diagnostics/compare-configs.ts';
import type { SourceModel } from './source-model.ts';
import type { OpenedSource } from './tensor-sources.ts';

/** Fields by which heads of equal matrices are told apart: other numbers cut them at other places. */
const headFields: ReadonlySet<string> = new Set(['num_attention_heads', 'num_key_value_heads', 'head_dim']);

/**
 * What changes the meaning of the same weights, in sentences.
 * @throws InputError for models of different architectures
 */
export function requireOneArchitecture(first: OpenedSource, sources: readonly OpenedSource[]): readonly string[] {
  const warnings: string[] = [];
  for (const other of sources) {
    const [own, found] = [first, other].map(({ opened }) => opened.config);
    const path = join(other.opened.folder, 'config.json');
    if (own.model_type !== found.model_type) {
      throw new InputError({
        field: `${path}, model_type`,
        found: JSON.stringify(found.model_type) ?? 'nothing',
        expected: `${JSON.stringify(own.model_type)}, as in ${first.model.text}`,
        fix: 'Merge models of one architecture.',
      });
    }
    requireSameHead(first.opened, other.opened);
    for (const { field, isStructure, found: value, expected } of configDifferences(own, found)) {
      if (headFields.has(field)) {
        throw new InputError({
          field: `${path}, ${field}`,
          found: value,
          expected: `${expected}, as in ${first.model.text}`,
          fix: 'Merge models of one architecture and size.',
        });
      }
      // Other shapes are those of tensors, layers and vocabularies, which are compared where they are put together.
      if (isStructure) continue;
      warnings.push(
        `${other.model.text} has ${field} ${value}, ${first.model.text} has ${expected}: the same weights mean something else in each, and the result says what ${first.model.text} says.`,
      );
    }
  }
  return warnings;
}

/**
 * Heads of a T5 and of a T5 1.1 have the same shape, and read states of other sizes.
 * @throws InputError
 */
function requireSameHead(first: SourceModel, other: SourceModel): void {
  const [wanted, found] = [first.headScale, other.headScale];
  if (wanted === undefined || found === undefined || wanted === found) return;
  throw new InputError({
    field: `${other.folder}, config.json, scale_decoder_outputs`,
    found: `states that are multiplied with ${found.toPrecision(4)} before the head`,
    expected: `${wanted.toPrecision(4)}, as in ${first.folder}`,
    fix: 'Merge models that come from one base.',
  });
}
