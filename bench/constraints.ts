/**
 * What a constraint costs per token, over vocabularies as large as those in use: made of random words, of words in other
 * scripts, and of the pieces of JSON and the halves of characters that real ones have; or a tokenizer of yours. A text is
 * followed token by token. Milliseconds, where not said otherwise, as one JSON object on stdout.
 *
 *   node --import tsx bench/constraints.ts [--sizes 49152,151643,250000] [--tokenizer FOLDER]
 */
import { parseArgs } from 'node:util';
import { jsonConstraint, jsonSchemaConstraint } from '../src/generate/constraints/json-constraint.ts';
import { regexConstraint } from '../src/generate/constraints/regex-constraint.ts';
import type { CompiledConstraint } from '../src/generate/constraints/token-constraint.ts';
import { tokenTrie } from '../src/generate/constraints/token-trie.ts';
import { stream } from '../src/random/stream.ts';
import { loadTokenizer } from '../src/tokenizer/load.ts';
import type { Tokenizer } from '../src/tokenizer/tokenizer.ts';
import { syntheticTokenizer } from './synthetic-tokenizer.ts';

const REPORT = {
  type: 'object',
  properties: {
    company: { type: 'string', maxLength: 200 },
    sector: { enum: ['banks', 'energy', 'software', 'retail'] },
    published: { type: 'string', format: 'date' },
    revenue: { type: 'number', minimum: 0 },
    employees: { type: 'integer', minimum: 1, maximum: 5_000_000 },
    risks: { type: 'array', items: { type: 'string' }, maxItems: 8 },
    parent: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
  },
  required: ['company', 'sector', 'revenue'],
};
const PARENT = {
  company: 'Holding “Nordlicht” 株式会社',
  sector: 'energy',
  published: '2024-02-29',
  revenue: 81234.5,
  employees: 4120,
  risks: ['a change of rates of interest', 'the price of copper\nand of gas'],
  parent: null,
};
const TEXT = JSON.stringify({ ...PARENT, company: 'Nordlicht Energie', parent: PARENT });

const cases: Readonly<Record<string, (tokenizer: Tokenizer) => { compiled: CompiledConstraint; text: string }>> = {
  'a report of a schema': (tokenizer) => ({ compiled: jsonSchemaConstraint(REPORT, tokenizer), text: TEXT }),
  'any JSON': (tokenizer) => ({ compiled: jsonConstraint(tokenizer), text: TEXT }),
  'prose of at most 2,000 characters': (tokenizer) => ({
    compiled: regexConstraint('[^{}]{1,2000}', tokenizer),
    text: 'Margins rose as the price of copper fell; the outlook is unchanged. '.repeat(10),
  }),
  'an address': (tokenizer) => ({
    compiled: regexConstraint('[a-z0-9._]+@([a-z0-9-]+\\.)+(com|org|net)', tokenizer),
    text: 'investor.relations@ir.nordlicht-energie.com',
  }),
};

/** Random words of letters that are as frequent as in English, pieces of JSON, and characters of two and three bytes. */
function randomTokens(size: number): Buffer[] {
  const random = stream(1, 'vocabulary', size);
  const pick = <T>(items: ArrayLike<T>): T => items[random.below(items.length)];
  const [onsets, vowels] = [['', 'b', 'c', 'd', 'f', 'l', 'm', 'n', 'p', 'r', 's', 't', 'st', 'pr', 'th'], 'aaeeeiiou'];
  const tokens = new Set<string>(Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)));
  for (const piece of ['{"', '":', '":"', '","', '", "', '"}', '},', '":[', '"]', '\\n', '\\"', 'true', 'null'])
    tokens.add(piece);
  const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
  while (tokens.size < size) {
    const kind = random.below(10);
    let word = '';
    if (kind === 0) {
      const [from, letters] = pick([
        [0x430, 32],
        [0x4e00, 3_000],
        [0xac00, 2_000],
      ]);
      for (let length = 1 + random.below(4); length > 0; length--)
        word += utf8(String.fromCodePoint(from + random.below(letters)));
      // Some end in the middle of a character.
      if (random.below(8) === 0) word = word.slice(0, -1);
    } else if (kind === 1) {
      word = pick([' ', '  ', '.', ', ', '(', '\n']) + String(random.below(1_000));
    } else {
      for (let syllables = 1 + random.below(4); syllables > 0; syllables--)
        word += pick(onsets) + pick(vowels) + pick(onsets);
      if (random.below(5) === 0) word = word[0].toUpperCase() + word.slice(1);
      if (random.below(2) === 0) word = ` ${word}`;
    }
    tokens.add(word);
  }
  return Array.from(tokens, (token) => Buffer.from(token, 'latin1'));
}

/** The ids of a text, always the longest token that fits. */
function longestTokens(tokenizer: Tokenizer, text: string): number[] {
  const { ids, maxDepth } = tokenTrie(tokenizer);
  const idOf = new Map(Array.from(ids, (id) => [Buffer.from(tokenizer.tokenBytes(id)).toString('latin1'), id]));
  const bytes = Buffer.from(text).toString('latin1');
  const taken: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    let length = Math.min(maxDepth, bytes.length - at);
    while (!idOf.has(bytes.slice(at, at + length))) length--;
    taken.push(idOf.get(bytes.slice(at, at + length))!);
    at += length;
  }
  return taken;
}

const timed = <T>(work: () => T): [result: T, milliseconds: number] => {
  const started = performance.now();
  return [work(), performance.now() - started];
};
const round = (value: number): number => Number(value.toPrecision(3));
const quantile = (times: readonly number[], share: number): number =>
  round(times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(share * times.length))]);

function measure(tokenizer: Tokenizer) {
  const [trie, trieTime] = timed(() => tokenTrie(tokenizer));
  const report: Record<string, unknown> = { tokens: trie.ids.length, nodes: trie.byte.length, tree: round(trieTime) };
  for (const [name, make] of Object.entries(cases)) {
    const [{ compiled, text }, compile] = timed(() => make(tokenizer));
    const ids = longestTokens(tokenizer, text);
    const [fresh, cached, advance]: number[][] = [[], [], []];
    const constraint = compiled.start();
    const seen = new Set<Uint32Array>();
    for (const id of ids) {
      const [mask, first] = timed(() => constraint.mask());
      if (!seen.has(mask)) fresh.push(first);
      seen.add(mask);
      cached.push(timed(() => constraint.mask())[1]);
      advance.push(timed(() => constraint.advance(id))[1]);
    }
    if (!constraint.canEnd) throw new Error(`the text of ${name} is not accepted`);
    report[name] = {
      compile: round(compile),
      tokens: ids.length,
      newMasks: fresh.length,
      newMask: { median: quantile(fresh, 0.5), p95: quantile(fresh, 0.95), worst: quantile(fresh, 1) },
      cachedMaskMicroseconds: { median: quantile(cached, 0.5) * 1e3, p95: quantile(cached, 0.95) * 1e3 },
      advanceMicroseconds: { median: quantile(advance, 0.5) * 1e3 },
    };
  }
  return report;
}

const { values } = parseArgs({
  options: { sizes: { type: 'string', default: '49152,151643,250000' }, tokenizer: { type: 'string' } },
});
const report: Record<string, unknown> = {};
for (const size of values.sizes.split(',').map(Number)) report[size] = measure(syntheticTokenizer(randomTokens(size)));
if (values.tokenizer !== undefined) report[values.tokenizer] = measure(await loadTokenizer(values.tokenizer));
console.log(JSON.stringify(report, null, 2));
