/** A checkpoint's tensors seen as the parameters of its decoder: under the same names, with the same shapes. */
import { elementCount } from '../graph/tensor.ts';
import { transposed } from '../tensor/transpose.ts';
import type { Decoder, ParameterSpec } from './decoder.ts';

/** What a Hugging Face folder and a GGUF file have in common. */
export interface StoredTensors {
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>;
  /** Widened to float32. */
  readAllInto(targets: Iterable<readonly [name: string, target: Float32Array]>): Promise<void>;
  /**
   * Whether two tensors have the same shape and the same bits, told in pieces of the file. Undefined, or absent, where both
   * have to be read whole to know.
   */
  areEqual?(first: string, second: string): Promise<boolean> | undefined;
}

/**
 * Matrices that are stored as [in, out] appear as [out, in]. A checkpoint of the model without its head lacks the first
 * part of each name (`model.` or `transformer.`); it appears with it.
 */
export function asParameters(
  stored: StoredTensors,
  decoder: { readonly parameters: readonly ParameterSpec[]; readonly names: Pick<Decoder['names'], 'embedding'> },
): StoredTensors {
  const prefix = missingPrefix(stored.tensors, decoder.names.embedding);
  const turned = new Set(decoder.parameters.flatMap((spec) => (spec.storedTransposed ? spec.name : [])));
  if (prefix === '' && turned.size === 0) return stored;
  const storedNames = new Map(
    [...stored.tensors.keys()].map((name) => [name === 'lm_head.weight' ? name : prefix + name, name]),
  );
  return {
    tensors: new Map(
      [...storedNames].map(([name, inFile]) => {
        const { shape } = stored.tensors.get(inFile)!;
        return [name, { shape: turned.has(name) ? shape.toReversed() : shape }];
      }),
    ),
    async readAllInto(targets) {
      const listed = [...targets];
      await stored.readAllInto(listed.map(([name, target]) => [storedNames.get(name) ?? name, target]));
      const shapes = new Map(decoder.parameters.map(({ name, shape }) => [name, shape]));
      for (const [name, target] of listed) {
        if (!turned.has(name)) continue;
        const [out, input] = shapes.get(name)!;
        target.set(transposed(target, input, out));
      }
    },
    areEqual(first, second) {
      if (turned.has(first) !== turned.has(second)) return undefined;
      return stored.areEqual?.(storedNames.get(first)!, storedNames.get(second)!);
    },
  };
}

/** A checkpoint whose names all begin with something that `embedding` lacks, such as the family's name before a head. */
export function withoutPrefix(stored: StoredTensors, embedding: string): StoredTensors {
  const longer = [...stored.tensors.keys()].find((name) => name.endsWith(`.${embedding}`));
  if (stored.tensors.has(embedding) || longer === undefined) return stored;
  const prefix = longer.slice(0, -embedding.length);
  const inFile = new Map(
    [...stored.tensors.keys()].map((name) => [name.startsWith(prefix) ? name.slice(prefix.length) : name, name]),
  );
  return {
    tensors: new Map([...inFile].map(([name, original]) => [name, stored.tensors.get(original)!])),
    readAllInto: (targets) =>
      stored.readAllInto([...targets].map(([name, target]) => [inFile.get(name) ?? name, target])),
  };
}

/** What all names lack that `embedding` has. */
function missingPrefix(tensors: StoredTensors['tensors'], embedding: string): string {
  const prefix = embedding.slice(0, embedding.indexOf('.') + 1);
  return !tensors.has(embedding) && tensors.has(embedding.slice(prefix.length)) ? prefix : '';
}

/** A parameter as the checkpoint holds it. */
export const asStored = (spec: ParameterSpec, weight: Float32Array) => {
  const [out, input] = spec.shape;
  return { shape: storedShape(spec), data: spec.storedTransposed ? transposed(weight, out, input) : weight };
};

export const storedShape = ({ shape, storedTransposed }: ParameterSpec) =>
  storedTransposed ? shape.toReversed() : shape;

/** Whether two tensors have the same shape and the same bits. */
export async function areEqual(stored: StoredTensors, first: string, second: string): Promise<boolean> {
  const inPieces = await stored.areEqual?.(first, second);
  if (inPieces !== undefined) return inPieces;
  const shapes = [first, second].map((name) => stored.tensors.get(name)!.shape);
  if (shapes[0].join() !== shapes[1].join()) return false;
  const [a, b] = shapes.map((shape) => new Float32Array(elementCount(shape)));
  await stored.readAllInto([
    [first, a],
    [second, b],
  ]);
  return a.every((value, i) => Object.is(value, b[i]));
}
