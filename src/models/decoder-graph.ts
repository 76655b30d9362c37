/**
 * What the graph of a decoder that generates is made of. An architecture says with these in which order its parts follow
 * one another (`transformer/inference.ts`); which operators they become is the matter of each implementation:
 * `InferenceGraph` for our own generation, `ExportedGraph` for other programs.
 *
 * Values are names. Hidden states have one row for each token, with or without an axis for the batch before it.
 */
import type { Activation, Norm } from './transformer/description.ts';

/** The parameters of a linear layer: `<name>.weight` and, where there is one, `<name>.bias`. */
export interface LinearSpec {
  /** Checkpoint names without their ending; several are computed at once, their outputs side by side. */
  readonly names: readonly string[];
  readonly input: number;
  /** Outputs of each. */
  readonly outputs: readonly number[];
  readonly bias: boolean;
}

/** Of a norm by the name of its parameters, see `Norm`. */
export interface NormSpec extends Norm {
  /** Without `.weight`. */
  readonly name: string;
  /** Values that it is taken over. */
  readonly width: number;
}

export interface AttentionSpec {
  readonly layer: number;
  /** Of layers with the same window and rotary tables. */
  readonly kind: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** Norms of query and key, over each head or over all of them. */
  readonly queryNorm?: NormSpec;
  readonly keyNorm?: NormSpec;
  readonly rotates: boolean;
  /** Keys that a query sees at most, itself among them. */
  readonly window?: number;
  readonly scale?: number;
  readonly cap?: number;
}

/** The residual stream between two sums: `base` and what is still to be added to it. */
export interface Stream {
  readonly base: string;
  readonly branch?: string;
}

export interface DecoderGraph {
  /** The stream's sum, and its norm. */
  norm(stream: Stream, spec: NormSpec): { readonly stream: Stream; readonly normed: string };
  /** A norm over the last axis. */
  normalize(x: string, spec: NormSpec): string;
  /** The stream as one value. */
  sum(stream: Stream): string;
  /** [..., input] -> [..., sum of outputs] */
  linear(x: string, spec: LinearSpec): string;
  /** [..., input] -> [..., out] with the parameter `name`. */
  project(x: string, name: string, shape: readonly [out: number, input: number]): string;
  /**
   * Rotates queries and keys, appends keys and values to the cache and attends to it.
   * @param projected queries, keys and values side by side
   */
  attention(projected: string, spec: AttentionSpec): string;
  activate(x: string, activation: Activation): string;
  /**
   * A sparse mixture: each token is sent to the `perToken` experts with the highest router logits [..., experts], and gets
   * the sum of what they make of it.
   * @param x [..., hidden]
   * @param make what an expert makes of the tokens that it is sent, [rows, hidden], weighted with the softmax of their
   * logits [rows, 1]; an expert that is sent none is not computed
   */
  experts(
    x: string,
    logits: string,
    experts: { readonly count: number; readonly perToken: number },
    make: (expert: number, rows: string, weights: string) => string,
  ): string;
  /** Parts of the last axis. */
  split(x: string, widths: readonly number[]): string[];
  multiply(a: string, b: string): string;
  add(a: string, b: string): string;
  /** cap tanh(x / cap) */
  softCap(x: string, cap: number): string;
}
