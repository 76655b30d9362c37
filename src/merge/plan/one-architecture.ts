/** Whether models are of one architecture, by what their configurations say; shapes are compared tensor by tensor. */
import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import { configDifferences } from '../diagnostics/compare-configs.ts';
import { requireSameHead } from './encoder-decoder-source.ts';
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
