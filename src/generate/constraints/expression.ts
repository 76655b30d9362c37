/**
 * What texts a constraint accepts: expressions over characters, and rules that may call one another. Regular expressions
 * and JSON schemas are translated to this form; `network.ts` compiles it.
 */

import { type CodePointSet, charactersOf } from './code-points.ts';

export type Expression =
  /** One character of a set. The empty set accepts nothing. */
  | { readonly kind: 'characters'; readonly set: CodePointSet }
  /** One of the texts. They share their beginnings in the automaton, so there may be many. */
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'sequence'; readonly parts: readonly Expression[] }
  /** One of the options; none accepts nothing. */
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  /** From `minimum` to `maximum` times the body, with the separator between. `maximum` may be infinite. */
  | {
      readonly kind: 'repeat';
      readonly body: Expression;
      readonly minimum: number;
      readonly maximum: number;
      readonly separator?: Expression;
    }
  /** The items in their order, with the separator between those that are there. */
  | { readonly kind: 'list'; readonly items: readonly ListItem[]; readonly separator: Expression }
  /** What both accept. Neither may hold a call. */
  | { readonly kind: 'both'; readonly left: Expression; readonly right: Expression }
  /** What the rule of this index accepts. */
  | { readonly kind: 'call'; readonly rule: number };

export interface ListItem {
  readonly body: Expression;
  /** What may be done instead of writing it: nothing, leaving it out, or ending the list. */
  readonly instead: 'nothing' | 'skip' | 'end';
}

export interface Rule {
  /** For messages: where the rule comes from. */
  readonly name: string;
  readonly body: Expression;
}

/** A text is accepted if rule 0 accepts all of it. */
export interface Grammar {
  readonly rules: readonly Rule[];
}

export const NOTHING: Expression = { kind: 'choice', options: [] };

export const characters = (set: CodePointSet): Expression => ({ kind: 'characters', set });
/** One of the characters of `text`. */
export const oneOf = (text: string): Expression => characters(charactersOf(text));
export const text = (...texts: readonly string[]): Expression => ({ kind: 'texts', texts });
export const sequence = (...parts: readonly Expression[]): Expression => ({ kind: 'sequence', parts });
export const choice = (...options: readonly Expression[]): Expression => ({ kind: 'choice', options });
export const call = (rule: number): Expression => ({ kind: 'call', rule });

export function repeat(
  body: Expression,
  minimum: number,
  maximum = Number.POSITIVE_INFINITY,
  separator?: Expression,
): Expression {
  return { kind: 'repeat', body, minimum, maximum, separator };
}

export const optional = (body: Expression): Expression => repeat(body, 0, 1);
