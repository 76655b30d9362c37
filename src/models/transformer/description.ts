/**
 * What an architecture says about itself. A transformer is made of one kind of block whose parts differ in a few ways;
 * here each way is a field, and which parts there are follows from which of them have names.
 */
import type { Shape } from '../../graph/tensor.ts';
import type { DecoderSizes } from '../decoder.ts';
import type { Rope } from '../layers/rope.ts';

/** Checkpoint names of a block's parts, inside the layer and without `.weight` or `.bias`. A part without a name is not there. */
export interface BlockNames {
  /** Norms of what a part reads, of what it adds to the stream, and of the stream after that (Vaswani et al. 2017). */
  readonly attentionNorm?: string;
  readonly attentionOutputNorm?: string;
  readonly attentionSumNorm?: string;
  readonly feedForwardNorm?: string;
  readonly feedForwardOutputNorm?: string;
  readonly feedForwardSumNorm?: string;
  /** Query, key and value: three layers, or one with their rows in this order. */
  readonly projections: readonly [query: string, key: string, value: string] | readonly [all: string];
  /** Norms of query and key before they are rotated, see `queryNormOver`. */
  readonly queryNorm?: string;
  readonly keyNorm?: string;
  readonly output: string;
  /** What the activation reads and what it is multiplied with: two layers, or one with their rows in this order; `[up]` of an ungated layer. */
  readonly feedForward: readonly [gate: string, up: string] | readonly [both: string];
  readonly down: string;
  /** Chooses experts; the feed-forward names are then those inside an expert. */
  readonly router?: string;
  /** Under which experts have their numbers. */
  readonly experts?: string;
}

interface LayerNames {
  /** Under which layers have their numbers. */
  readonly layers: string;
  readonly block: BlockNames;
}

/** Tables with `.weight`, norms without. */
export interface DecoderNames extends LayerNames {
  readonly embedding: string;
  /** Table of learnt positions. */
  readonly positions?: string;
  readonly finalNorm: string;
  readonly head: string;
}

/** Tables with `.weight`, norms without. */
export interface EncoderNames extends LayerNames {
  readonly embedding: string;
  readonly positions: string;
  readonly tokenTypes: string;
  /** Of the sum of a token's rows. */
  readonly embeddingNorm: string;
}

export interface Norm {
  /** `rms-offset` multiplies with 1 + w (Gemma); `layer` subtracts the mean and has a bias (Ba et al. 2016). */
  readonly kind: 'rms' | 'rms-offset' | 'layer';
  readonly epsilon: number;
}

export type Activation = 'silu' | 'gelu' | 'gelu-tanh';

export interface Biases {
  /** Of query, key and value. */
  readonly query: boolean;
  readonly output: boolean;
  readonly feedForward: boolean;
}

/** Layers of one kind attend alike. */
interface LayerKindDescription {
  /** Keys that a query sees at most, itself among them. Default: all up to itself. */
  readonly window?: number;
  /** Absent where positions are not rotated. */
  readonly rope?: Rope;
  /** Whether a query sees the keys behind it too. Default: no. */
  readonly bidirectional?: boolean;
}

/** What all layers of a model have in common, whatever is computed before and after them. */
export interface LayersDescription {
  readonly modelType: string;
  readonly sizes: DecoderSizes;
  readonly names: LayerNames;
  /** Standard deviation of new weights. */
  readonly deviation: number;
  readonly norm: Norm;
  /** What a norm of queries or keys is taken over: each head by itself (default), or all of them side by side. */
  readonly queryNormOver?: 'head' | 'heads';
  readonly biases: Biases;
  readonly activation: Activation;
  /** Whether the feed-forward layer multiplies two projections (Shazeer 2020) or has one. Default: yes. */
  readonly gated?: boolean;
  readonly layerKinds: readonly LayerKindDescription[];
  /** Index of each layer's kind. Default: all of kind 0. */
  readonly kindOfLayer?: readonly number[];
  /** What queries are multiplied with. Default: 1 / sqrt(head size). */
  readonly attentionScale?: number;
  /** Scores s become c tanh(s / c) (Gemma 2). */
  readonly attentionCap?: number;
  /** Sparse mixture of experts: how many there are, and how many a token is sent to. */
  readonly experts?: { readonly count: number; readonly perToken: number };
  /** Linear layers are stored as [in, out] (GPT-2's Conv1D). */
  readonly storedTransposed?: boolean;
}

export interface DecoderDescription extends LayersDescription {
  readonly names: DecoderNames;
  /** The head reads the embedding table. */
  readonly tied: boolean;
  readonly logitCap?: number;
  /** What embeddings are multiplied with. Default: 1. */
  readonly embeddingScale?: number;
}

export interface EncoderDescription extends LayersDescription {
  readonly names: EncoderNames;
  readonly tokenTypes: number;
  /** Row of the position table that a text begins with; `sizes.positions` counts from it. */
  readonly firstPosition: number;
  /** Tensors that many checkpoints hold, which nothing of ours reads and which are kept for others, with their shapes. */
  readonly carried: Readonly<Record<string, Shape>>;
  /** Tensors that checkpoints may hold and that are left out, such as a head of the pretraining. */
  readonly beside: RegExp;
}
