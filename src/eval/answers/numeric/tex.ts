/** TeX in an answer, written as plain text: wrappers go, operators become characters, fractions a slash. */

import type { Edit, MappedText } from './mapped-text.ts';

/** Around what is boxed: characters that no text can hold, because `cleanText` takes them out first. */
export const MARK_OPEN = '\ue000';
export const MARK_CLOSE = '\ue001';

const SYMBOLS: Readonly<Record<string, string>> = {
  times: '×',
  cdot: '×',
  div: '÷',
  approx: '≈',
  simeq: '≈',
  sim: '≈',
  pm: '±',
  le: '≤',
  leq: '≤',
  lt: '<',
  ge: '≥',
  geq: '≥',
  gt: '>',
  to: '→',
  rightarrow: '→',
  implies: '→',
  euro: '€',
  pounds: '£',
  yen: '¥',
  infty: '∞',
  left: '',
  right: '',
  displaystyle: '',
  '%': '%',
  $: '$',
  '&': '&',
  '#': '#',
  _: '_',
  '{': '',
  '}': '',
  '!': '',
  '(': '',
  ')': '',
  '[': '',
  ']': '',
  '\\': '\n',
};

const TOKEN =
  /\{,\}|\\[d-t]?frac(\d)(\d)|\\(boxed|fbox|[dt]?frac|text[a-z]{0,6}|math[a-z]{1,8}|operatorname|mbox)\s{0,3}\{|\\([A-Za-z]{1,20}|[^A-Za-z\s])|\\ |[{}]/g;
const FORMULA = /\$\$([^$]{1,400})\$\$|(?<![\\$\w])\$(?=[^\s$])([^$\n]{1,300}?)(?<=[^\s\\])\$(?![\d$])/g;
const PROSE = /[a-z]{2,}\s+[a-z]{2,}/i;
const PLAIN = /^[\s\d.,-]*$/;

export function withoutTex(mapped: MappedText): MappedText {
  return withoutCommands(withoutMathDollars(mapped));
}

/** Dollars directly around one formula delimit it; others are money. */
function withoutMathDollars(mapped: MappedText): MappedText {
  const edits: Edit[] = [];
  for (const { index, 0: whole, 1: display, 2: inline } of mapped.text.matchAll(FORMULA)) {
    const content = display ?? inline;
    if (PROSE.test(content) && !content.includes('\\')) continue;
    const width = display === undefined ? 1 : 2;
    edits.push({ start: index, end: index + width, by: '' });
    edits.push({ start: index + whole.length - width, end: index + whole.length, by: '' });
  }
  return mapped.edit(edits);
}

type Group =
  | { readonly kind: 'plain' | 'box' }
  | { readonly kind: 'numerator' | 'denominator'; readonly isPlain: boolean };

function withoutCommands(mapped: MappedText): MappedText {
  const { text } = mapped;
  const open: Group[] = [];
  const edits: Edit[] = [];
  for (const { index, 0: token, 1: above, 2: below, 3: wrapper, 4: command } of text.matchAll(TOKEN)) {
    const start = index;
    const end = index + token.length;
    const edit = (by: string) => edits.push({ start, end, by });
    if (token === '{,}') edit(',');
    else if (above !== undefined) edit(` ${above}/${below}`);
    else if (wrapper !== undefined) edit(opened(wrapper, text, end, open));
    else if (command !== undefined) edit(Object.hasOwn(SYMBOLS, command) ? SYMBOLS[command] : ' ');
    else if (token === '\\ ') edit(' ');
    else if (token === '{') edit(reopened(text, end, open, edits));
    else edit(closed(text, end, open));
  }
  return mapped.edit(edits);
}

/** Characters of a numerator or denominator that are looked at to see whether it is one plain number. */
const LOOK_AHEAD = 40;
const isPlainGroup = (text: string, from: number): boolean => {
  const end = text.slice(from, from + LOOK_AHEAD).indexOf('}');
  return end >= 0 && PLAIN.test(text.slice(from, from + end));
};

function opened(wrapper: string, text: string, end: number, open: Group[]): string {
  if (wrapper === 'boxed' || wrapper === 'fbox') {
    open.push({ kind: 'box' });
    return MARK_OPEN;
  }
  if (!wrapper.endsWith('frac')) {
    open.push({ kind: 'plain' });
    return '';
  }
  const isPlain = isPlainGroup(text, end);
  open.push({ kind: 'numerator', isPlain });
  return isPlain ? ' ' : ' (';
}

function reopened(text: string, end: number, open: Group[], edits: readonly Edit[]): string {
  const last = edits.at(-1);
  const isDenominator = last?.by.endsWith('/') && last.end === end - 1;
  if (!isDenominator) {
    open.push({ kind: 'plain' });
    return '';
  }
  const isPlain = isPlainGroup(text, end);
  open.push({ kind: 'denominator', isPlain });
  return isPlain ? '' : '(';
}

function closed(text: string, end: number, open: Group[]): string {
  const group = open.pop();
  if (group?.kind === 'box') return MARK_CLOSE;
  if (group === undefined || !('isPlain' in group)) return '';
  const bracket = group.isPlain ? '' : ')';
  return group.kind === 'numerator' && text[end] === '{' ? `${bracket}/` : bracket;
}
