/**
 * Which element type each tensor of an exported model gets: llama.cpp's recipes (src/llama-quant.cpp), without the one that
 * gives attention more bits where there are eight experts.
 */
import type { WrittenType } from './quantize.ts';
import { tensorTypes } from './tensor-types.ts';

export const ggufDtypes = ['f32', 'f16', 'q8_0', 'q4_0', 'q4_k_m'] as const;
export type GgufDtype = (typeof ggufDtypes)[number];

/** `general.file_type`. */
export const fileTypes: Readonly<Record<GgufDtype, number>> = { f32: 0, f16: 1, q8_0: 7, q4_0: 2, q4_k_m: 15 };

interface Place {
  /** In the GGUF file. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Of the stack that it is in. */
  readonly layers: number;
  /** The head reads the embedding table, whose rounding then reaches the logits directly. */
  readonly tied: boolean;
}

/** Tables that are added to others, and routers of experts, whose readers take no other type. */
const keptWhole = /(^|\.)(position_embd|token_types|attn_rel_b|ffn_gate_inp)\.weight$/;

/** Vectors and tables of positions stay as they are; a row that the type's blocks do not divide gets a type of smaller blocks. */
export function chooseType(dtype: GgufDtype, place: Place): WrittenType {
  if (place.shape.length === 1 || keptWhole.test(place.name)) return 'F32';
  let type = wishedType(dtype, place);
  while (place.shape.at(-1)! % tensorTypes[type].length !== 0) type = smallerBlocks[type] ?? 'F16';
  return type;
}

const smallerBlocks: Readonly<Partial<Record<WrittenType, WrittenType>>> = { Q4_K: 'Q5_0', Q6_K: 'Q8_0' };

function wishedType(dtype: GgufDtype, { name, layers, tied }: Place): WrittenType {
  if (dtype === 'f32') return 'F32';
  if (dtype === 'f16') return 'F16';
  if (dtype === 'q8_0') return 'Q8_0';
  if (name === 'output.weight' || (tied && name === 'token_embd.weight')) return 'Q6_K';
  if (dtype === 'q4_0') return 'Q4_0';
  const layer = Number(/(?:^|\.)blk\.(\d+)\.(?:attn_v|ffn_down|ffn_down_exps)\./.exec(name)?.[1] ?? Number.NaN);
  return deservesMoreBits(layer, layers) ? 'Q6_K' : 'Q4_K';
}

/** Among the layers, the first and last eighth and every third between; none for NaN. */
function deservesMoreBits(layer: number, layers: number): boolean {
  const eighth = Math.floor(layers / 8);
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}
