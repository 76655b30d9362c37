/**
 * SentencePiece BPE (Llama 2, Mistral 7B, Mixtral, Phi-3, Gemma) as metadata of a GGUF file. `tokenizer.json` joins the pair
 * of tokens whose merge comes first; llama.cpp, like SentencePiece, the pair whose union has the highest score. Merges that
 * were made from scores say the same as these scores; others are compared on what the vocabulary itself spells.
 */
import { AddedTokenMatcher } from '../../../tokenizer/added-token-matcher.ts';
import { BytePairEncoder } from '../../../tokenizer/byte-pair-encoder.ts';
import type { TokenizerDefinition } from '../../../tokenizer/definition.ts';
import type { JsonRecord } from '../../../tokenizer/json-fields.ts';
import { flag } from '../form.ts';
import { isByteToken, missingByte } from './byte-tokens.ts';
import { tokenTypes } from './listed-tokens.ts';
import { type Merge, mergesOfScores } from './merges-of-scores.ts';
import { otherTokens, type WrittenVocabulary } from './written-vocabulary.ts';

/** Of tokens that no merge makes and that are found in the text before: what llama.cpp's converter writes. */
const scoreOfAdded = -1000;

/** Samples are as long as two usual tokens. */
const MAX_SAMPLE = 64;

/** @param control tokens that no text becomes @throws UsageError for a vocabulary that llama.cpp would read differently */
export function sentencePieceVocabulary(
  definition: TokenizerDefinition,
  control: ReadonlySet<number>,
): WrittenVocabulary {
  const { json, model, tokens, ids, added } = definition;
  if (model.type !== 'BPE') throw new Error('A vocabulary of merges is expected.');
  if (model.ignoreMerges) throw otherTokens('model.ignore_merges', 'true', 'false');
  const missing = missingByte((token) => ids.has(token));
  if (missing !== undefined) throw otherTokens('model.vocab', `no ${missing}`, 'a token for each byte');
  const { addsSpace, notes } = readSpaces(definition);
  // Those that hold a mark are found before the text has marks, so that merges make them of spaces.
  const made = new Set(model.merges.map(([, , merged]) => merged));
  const isMade = (id: number): boolean => tokens[id].includes('▁') && made.has(id) && !control.has(id);
  const apart = new Set([...control, ...added.filter(({ id }) => !isMade(id)).map(({ id }) => id)]);
  const types = tokens.map((token, id) => {
    if (apart.has(id)) return tokenTypes.userDefined;
    return isByteToken(token) ? tokenTypes.byte : tokenTypes.normal;
  });
  const scores = scoresOf(tokens, model.merges, apart);
  return {
    model: 'llama',
    tokens,
    types,
    scores,
    unknownId: ids.get(String(json.model.unk_token)),
    metadata: { 'tokenizer.ggml.add_space_prefix': flag(addsSpace) },
    notes: [
      ...notes,
      ...differences(definition, model.merges, { scores, types, control }),
      ...(addsSpace && added.some(({ normalized, special }) => normalized && !special)
        ? ['text behind an added token begins with a mark, as behind special ones']
        : []),
      ...(added.some(({ id }) => isMade(id)) ? ['several ▁ that a text holds itself may become other tokens'] : []),
    ],
  };
}

/** Minus the place of the first merge that makes a token; what no merge makes comes after, as single characters do. */
function scoresOf(tokens: readonly string[], merges: readonly Merge[], apart: ReadonlySet<number>): readonly number[] {
  const places = new Map<number, number>();
  for (const [, , merged] of merges) if (!places.has(merged)) places.set(merged, places.size);
  let next = places.size;
  return tokens.map((_, id) => {
    const place = places.get(id);
    if (place !== undefined) return -place;
    return apart.has(id) ? scoreOfAdded : -next++;
  });
}

interface Written {
  readonly scores: readonly number[];
  readonly types: readonly number[];
  readonly control: ReadonlySet<number>;
}

/**
 * What scores cannot say of merges.
 *
 * @throws UsageError where a token, or two that follow each other in the vocabulary, become other tokens by their scores
 */
function differences(
  { tokens, ids, added }: TokenizerDefinition,
  merges: readonly Merge[],
  { scores, types, control }: Written,
): readonly string[] {
  const isNormal = (id: number): boolean => types[id] === tokenTypes.normal;
  // llama.cpp joins characters to any token, control tokens among them.
  const byScores = mergesOfScores({ tokens, scores, isJoined: () => true }, 'tokenizer.json:model.vocab');
  // Symbols are ids already; the last stands for characters that are no token.
  const byteIds = Int32Array.from({ length: tokens.length + 1 }, (_, id) => id);
  const [ours, theirs] = [merges, byScores].map((one) => new BytePairEncoder({ byteIds, merges: one }));
  const spell = (encoder: BytePairEncoder, symbols: readonly number[]): string => {
    const word = Int32Array.from(symbols);
    const length = encoder.encode(word, word.length);
    return word.subarray(0, length).join(' ');
  };
  // Text never holds those that are found before it is joined.
  const found = added.filter(({ id }) => types[id] === tokenTypes.userDefined && !control.has(id));
  const matcher = new AddedTokenMatcher(found);
  const isText = (sample: string): boolean => {
    let whole = true;
    matcher.split(
      sample,
      () => {},
      () => {
        whole = false;
      },
    );
    return whole;
  };
  for (const [id, token] of tokens.entries()) {
    for (const sample of isNormal(id) ? [token, token + (tokens[id + 1] ?? '')] : [token]) {
      if (sample.length > MAX_SAMPLE || !isText(sample)) continue;
      const symbols = Array.from(sample, (character) => ids.get(character) ?? tokens.length);
      const [wanted, given] = [spell(ours, symbols), spell(theirs, symbols)];
      if (wanted === given) continue;
      const text = JSON.stringify(sample);
      throw otherTokens('model.merges', `merges by which ${text} is ${wanted}`, `merges like scores: ${given}`);
    }
  }
  const known = new Set(merges.map(([left, right]) => `${left} ${right}`));
  const more = byScores.filter(
    ([left, right, merged]) => isNormal(merged) && isNormal(left) && isNormal(right) && !known.has(`${left} ${right}`),
  ).length;
  const scattered = scatteredTokens(tokens, merges);
  return [
    ...(more > 0 ? [`rare texts may become other tokens: llama.cpp joins ${more} pairs that no merge joins`] : []),
    ...(scattered > 0
      ? [`rare texts may become other tokens: merges of ${scattered} tokens have those of others between them`]
      : []),
  ];
}

/**
 * Tokens whose merges do not follow one another, so that no score of the token says which merge comes first. Rows of one
 * character are left out: whatever the order, they grow from their left end.
 */
function scatteredTokens(tokens: readonly string[], merges: readonly Merge[]): number {
  const seen = new Set<number>();
  const scattered = new Set<number>();
  let last = -1;
  for (const [, , merged] of merges) {
    if (merged !== last && seen.has(merged) && new Set(tokens[merged]).size > 1) scattered.add(merged);
    seen.add(merged);
    last = merged;
  }
  return scattered.size;
}

/** Whether a text begins with a mark. Spaces become marks, and nothing else is changed or cut. */
function readSpaces({ normalizer, preTokenizer, tokens }: TokenizerDefinition) {
  const marks = normalizer.at(-1);
  const [first, ...others] = normalizer.slice(0, -1);
  if (marks !== undefined) {
    const prepends = first?.type === 'Prepend' && first.prepend === '▁';
    if (!replacesSpaces(marks) || others.length > 0 || (first && !prepends)) {
      const types = normalizer.map(({ type }) => type).join(', ');
      throw otherTokens('normalizer', types, 'spaces that become ▁, with or without one before the text');
    }
    // No space is left for a rule that cuts at spaces.
    if (!preTokenizer.every(cutsAtSpaces)) throw otherPreTokenizer(preTokenizer, 'none');
    return { addsSpace: prepends, notes: [] };
  }
  const [metaspace, ...more] = preTokenizer;
  const isMetaspace = metaspace?.type === 'Metaspace' && (metaspace.replacement ?? '▁') === '▁';
  // Words are cut before each mark, which no token crosses unless it holds one inside.
  const isCut = isMetaspace && metaspace.split !== false && tokens.some((token) => token.lastIndexOf('▁') > 0);
  if (!isMetaspace || more.length > 0 || isCut) throw otherPreTokenizer(preTokenizer, 'Metaspace that does not split');
  const scheme = metaspace.prepend_scheme ?? (metaspace.add_prefix_space === false ? 'never' : 'always');
  return {
    addsSpace: scheme !== 'never',
    notes: [
      ...(scheme === 'never' ? [] : ['a text that begins with a space gets a mark before it too']),
      ...(scheme === 'first' ? ['text behind an added token begins with a mark'] : []),
    ],
  };
}

const replacesSpaces = ({ type, pattern, content }: JsonRecord): boolean =>
  type === 'Replace' && content === '▁' && (pattern as JsonRecord).String === ' ';

const cutsAtSpaces = ({ type, pattern, invert }: JsonRecord): boolean =>
  type === 'Split' && invert !== true && (pattern as JsonRecord).String === ' ';

function otherPreTokenizer(parts: readonly JsonRecord[], expected: string) {
  return otherTokens('pre_tokenizer', parts.map(({ type }) => type).join(', ') || 'none', expected);
}
