/**
 * Experts in a GGUF file: a projection of all experts of a layer is one tensor, [experts, out, in]. Files from before these
 * stacks have a tensor for each expert; under those names the experts of stacks are spoken of here, too.
 */
import type { GgufTensor } from './header.ts';
import { damaged } from './refuse.ts';

const ofOne = /^(blk\.\d+\.ffn_(?:gate|up|down))\.(?:0|[1-9]\d*)\.weight$/;
const ofAll = /^(blk\.\d+\.ffn_(?:gate|up|down))_exps\.weight$/;

/** The part of a model that is one expert's projection, without `.weight` and its layer. */
export const expertPart = (part: string, expert: number): string => `${part}.${expert}`;

/** The stack that the tensor of one expert belongs to; undefined for tensors outside the experts. */
export function stackOf(name: string): string | undefined {
  const base = ofOne.exec(name)?.[1];
  return base && `${base}_exps.weight`;
}

/**
 * The tensors of a file with each stack as the tensors of its experts.
 * @throws InputError for a stack of another number of experts
 */
export function withSeparateExperts(
  tensors: ReadonlyMap<string, GgufTensor>,
  experts: number,
  path: string,
): ReadonlyMap<string, GgufTensor> {
  const entries = [...tensors].flatMap(([name, tensor]): [string, GgufTensor][] => {
    const base = ofAll.exec(name)?.[1];
    if (base === undefined) return [[name, tensor]];
    const { type, shape, begin, end } = tensor;
    if (shape.length !== 3 || shape[0] !== experts) {
      throw damaged(
        `${path}, tensor ${JSON.stringify(name)}`,
        `shape [${shape}]`,
        `the matrices of ${experts} experts`,
      );
    }
    // Blocks do not reach beyond rows, so experts are of equal length.
    const bytes = (end - begin) / experts;
    return Array.from({ length: experts }, (_, expert) => [
      `${expertPart(base, expert)}.weight`,
      { type, shape: shape.slice(1), begin: begin + expert * bytes, end: begin + (expert + 1) * bytes },
    ]);
  });
  const separate = new Map(entries);
  if (separate.size === entries.length) return separate;
  throw damaged(path, 'experts of a layer in a stack and one by one', 'them once');
}
