/** Which tensors two checkpoints have in common, in the same shape. */
import { isDeepStrictEqual } from 'node:util';
import type { TensorEntry } from '../../checkpoint/safetensors/header.ts';
import { isFloatType } from '../../tensor/element-type.ts';
import type { Finding } from './finding.ts';

type Tensors = ReadonlyMap<string, TensorEntry>;

/** Names told in one finding. */
const namesTold = 3;

export function compareTensors(model: string, base: Tensors, tensors: Tensors): readonly Finding[] {
  const missing = [...base.keys()].filter((name) => !tensors.has(name));
  const extra = [...tensors.keys()].filter((name) => !base.has(name));
  const reshaped = [...tensors].flatMap(([name, { shape }]) => {
    const other = base.get(name);
    return other && !isDeepStrictEqual(other.shape, shape)
      ? [`${quoted(name)} of [${shape.join(', ')}] instead of [${other.shape.join(', ')}]`]
      : [];
  });
  const unmeasured = [...base].flatMap(([name, { dtype }]) => {
    const own = tensors.get(name)?.dtype;
    return own === undefined || (isFloatType(dtype) && isFloatType(own)) ? [] : [{ name: quoted(name), dtype, own }];
  });
  const retyped = unmeasured.filter(({ dtype, own }) => dtype !== own);
  const alike = unmeasured.filter(({ dtype, own }) => dtype === own);
  const findings = (
    found: readonly string[],
    expected: string,
    fix: string,
    severity: Finding['severity'] = 'impossible',
  ): readonly Finding[] =>
    found.length === 0 ? [] : [{ severity, model, field: 'tensors', found: several(found), expected, fix }];
  return [
    ...findings(
      missing.map((name) => `no ${quoted(name)}`),
      'every tensor of the base',
      'A head that is tied in one model only has to be written out in the other; else these are two architectures.',
    ),
    ...findings(
      extra.map((name) => `${quoted(name)} besides`),
      'no tensor that the base does not have',
      'Merge adapters into their model first; else these are two architectures.',
    ),
    ...findings(
      reshaped,
      'the shapes of the base',
      'Bring vocabularies to one tokenizer before merging; other shapes are another architecture.',
    ),
    ...findings(
      retyped.map(({ name, dtype, own }) => `${name} of ${own} instead of ${dtype}`),
      'float types, or the type of the base',
      'Convert the models to one type first; these tensors are in no figure.',
    ),
    ...findings(
      alike.map(({ name, own }) => `${name} of ${own}`),
      'float types, whose change is measured',
      'These tensors are in no figure; quantised models are converted with finery export first.',
      'caution',
    ),
  ];
}

/** Float tensors that all have in one shape, in the order of the base. */
export function commonTensors(base: Tensors, models: readonly Tensors[]): readonly (readonly [string, TensorEntry])[] {
  return [...base].filter(
    ([name, { shape, dtype }]) =>
      isFloatType(dtype) &&
      !shape.includes(0) &&
      models.every((tensors) => {
        const own = tensors.get(name);
        return own !== undefined && isFloatType(own.dtype) && isDeepStrictEqual(own.shape, shape);
      }),
  );
}

const quoted = (name: string): string => JSON.stringify(name);

function several(list: readonly string[]): string {
  const rest = list.length - namesTold;
  return `${list.slice(0, namesTold).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
