/** The result of an equation or a chain of them. */

import type { Span } from '../reading.ts';
import type { Mention } from './mention-reader.ts';

const SIGN_OF_EQUALITY = /(?<![<>!=:])=(?![=>])|≈|→|≡/g;
const OPERATOR =
  /^[ ]?[)\]%]{0,3}[ ]{0,2}(?:[-–+×÷*/^·−]|x(?= )|minus|plus|times|divided by)[ ]{0,2}[([]{0,4}[ ]?(?:[$€£¥]?[ ]?\p{L}?$|[-$€£¥]{0,2}$)/iu;
const OPERATOR_THEN = /^[ ]?[)\]]{0,3}[ ]{0,2}(?:[-–+×÷*/^·]|x(?= ))[ ]{0,2}[([]{0,4}[ ]?[\p{L}\d$€£(]/u;

export type EquationResult =
  | { readonly kind: 'result'; readonly mention: Mention }
  | { readonly kind: 'open' | 'none' };

/**
 * `result`: the last member of the chain that is one number. `open`: an expression without a result. `none`: neither.
 * `mentions`: those of the segment, whatever their role.
 */
export function equationResult(text: string, segment: Span, mentions: readonly Mention[]): EquationResult {
  const signs = Array.from(text.slice(segment.start, segment.end).matchAll(SIGN_OF_EQUALITY), ({ index, 0: sign }) => ({
    start: segment.start + index,
    end: segment.start + index + sign.length,
  }));
  if (signs.length === 0) return { kind: 'none' };
  let end = segment.end;
  for (const sign of signs.toReversed()) {
    const member = mentions.filter((mention) => mention.digits.start >= sign.end && mention.digits.end <= end);
    if (member.length > 0 && !startsExpression(text, member, end, mentions))
      return { kind: 'result', mention: member[0] };
    end = sign.start;
  }
  const left = mentions.filter((mention) => mention.digits.end <= end);
  const behind = mentions.some((mention) => mention.digits.start > end);
  if (left.length === 1 && !startsExpression(text, left, end, mentions)) return { kind: 'result', mention: left[0] };
  return { kind: behind || left.length > 1 ? 'open' : 'none' };
}

/** Whether the first of the mentions is an operand: an operator follows, with another number or a name. */
function startsExpression(
  text: string,
  member: readonly Mention[],
  end: number,
  mentions: readonly Mention[],
): boolean {
  const [first] = member;
  const second = member[1];
  if (second !== undefined && OPERATOR.test(text.slice(first.end, second.start))) return true;
  const before = text.slice(Math.max(0, first.start - 3), first.start);
  // "72 - sales": a name as an operand.
  const rest = text.slice(first.end, Math.min(end, first.end + 16));
  return (
    OPERATOR_THEN.test(rest) ||
    (/[-+×÷*/][ ]?[(]?$/.test(before) && mentions.length > 0 && !/[=≈:][ ]?[-+]$/.test(before))
  );
}

export function isExpression(text: string, mentions: readonly Mention[]): boolean {
  return mentions.some((mention, index) => {
    const next = mentions[index + 1];
    return (
      next !== undefined && OPERATOR.test(text.slice(mention.end, next.start)) && !isRangeDash(text, mention, next)
    );
  });
}

/** A dash without spaces between two numbers spans; neither way is there one answer. */
const isRangeDash = (text: string, a: Mention, b: Mention): boolean => /^[-–]$/.test(text.slice(a.end, b.start));
