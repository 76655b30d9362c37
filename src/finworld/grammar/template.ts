/**
 * Sentence templates. Their syntax is small on purpose, so that a table of templates reads like English:
 *
 *   {a|b|c}      one of the alternatives, each equally likely; they nest and may be empty
 *   <name>       a slot, filled by the caller or, failing that, by the lexicon of synonyms
 *   [a ~ b]      the two clauses in either order: "a, b" or "b a"
 *
 * Slot names are read from the literal type of a template, so a missing slot is a compile-time error.
 */
import { type LexiconKey, lexicon } from './lexicon.ts';

export type SlotValue = string | number | (() => string);

type NamesIn<T extends string> = T extends `${string}<${infer Name}>${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The slots that a caller has to fill for any of the templates T. */
export type SlotNames<T extends string> = Exclude<NamesIn<T>, LexiconKey>;

type Node =
  | string
  | { readonly kind: 'slot'; readonly name: string }
  | { readonly kind: 'choice'; readonly options: readonly Sequence[] }
  | { readonly kind: 'swap'; readonly lead: Sequence; readonly main: Sequence };

type Sequence = readonly Node[];

const special = new Set(['{', '|', '}', '<', '>', '[', '~', ']']);

/** Parses one template. A malformed template is our own mistake, hence a plain `Error`. */
function parse(template: string): Sequence {
  let at = 0;

  const fail = (what: string): never => {
    throw new Error(`template ${JSON.stringify(template)}: ${what} at character ${at}`);
  };

  const expect = (character: string) => {
    if (template[at] !== character) fail(`expected ${character}`);
    at++;
  };

  const sequence = (): Sequence => {
    const nodes: Node[] = [];
    while (at < template.length && !'|}~]'.includes(template[at])) nodes.push(node());
    return nodes;
  };

  const node = (): Node => {
    const start = at;
    switch (template[at]) {
      case '<': {
        const end = template.indexOf('>', at);
        if (end < 0) fail('unclosed slot');
        at = end + 1;
        return { kind: 'slot', name: template.slice(start + 1, end) };
      }
      case '{': {
        at++;
        const options = [sequence()];
        while (template[at] === '|') {
          at++;
          options.push(sequence());
        }
        expect('}');
        return { kind: 'choice', options };
      }
      case '[': {
        at++;
        const lead = trimmed(sequence());
        expect('~');
        const main = trimmed(sequence());
        expect(']');
        return { kind: 'swap', lead, main };
      }
      default: {
        while (at < template.length && !special.has(template[at])) at++;
        if (at === start) fail(`unexpected ${template[at]}`);
        return template.slice(start, at);
      }
    }
  };

  const nodes = sequence();
  if (at < template.length) fail(`unexpected ${template[at]}`);
  return nodes;
}

/** A swap writes its own separators, so the spaces around `~` do not belong to the clauses. */
function trimmed(nodes: Sequence): Sequence {
  return nodes
    .map((node, i) => {
      if (typeof node !== 'string') return node;
      const left = i === 0 ? node.trimStart() : node;
      return i === nodes.length - 1 ? left.trimEnd() : left;
    })
    .filter((node) => node !== '');
}

const parsed = new Map<string, Sequence>();

function parseOnce(template: string): Sequence {
  let sequence = parsed.get(template);
  if (sequence === undefined) {
    sequence = parse(template);
    parsed.set(template, sequence);
  }
  return sequence;
}

/** Writes out `template`; `draw(n)` returns an integer in [0, n). */
export function render(
  template: string,
  slots: { readonly [name: string]: SlotValue | undefined },
  draw: (n: number) => number,
): string {
  const write = (sequence: Sequence): string => {
    let text = '';
    for (const node of sequence) {
      if (typeof node === 'string') text += node;
      else if (node.kind === 'choice') text += write(node.options[draw(node.options.length)]);
      else if (node.kind === 'slot') text += fill(node.name);
      else {
        const lead = write(node.lead);
        const main = write(node.main);
        text += draw(2) === 0 ? `${lead}, ${main}` : `${main} ${lead}`;
      }
    }
    return text;
  };

  const fill = (name: string): string => {
    const value = slots[name];
    if (value !== undefined) return typeof value === 'function' ? value() : String(value);
    if (Object.hasOwn(lexicon, name)) return write(parseOnce(lexicon[name as LexiconKey]));
    throw new Error(`template ${JSON.stringify(template)}: nothing fills <${name}>`);
  };

  return write(parseOnce(template));
}
