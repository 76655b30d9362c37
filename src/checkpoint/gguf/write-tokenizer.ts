/** A tokenizer as the metadata of a GGUF file: byte-level BPE with a pre-tokenizer that llama.cpp has under a name. */
import { UsageError } from '../../errors.ts';
import { canonicalPreTokenizer } from '../../tokenizer/canonical-pre-tokenizer.ts';
import { sourcesOf } from '../../tokenizer/chat/template-sources.ts';
import { readComponent } from '../../tokenizer/components.ts';
import { readDefinition, type TokenizerDefinition } from '../../tokenizer/definition.ts';
import type { JsonRecord } from '../../tokenizer/json-fields.ts';
import { readSequenceFrame } from '../../tokenizer/sequence-frame.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { preTokenizers } from './pre-tokenizers.ts';
import { tokenTypes } from './read-tokenizer.ts';
import type { TypedValue } from './write.ts';

export interface WrittenTokenizer {
  readonly metadata: Readonly<Record<string, TypedValue>>;
  /** What a GGUF file cannot say. */
  readonly notes: readonly string[];
}

/**
 * @param rows of the embedding table, which may be more than there are tokens
 * @param ends `eos_token_id` of the configuration
 * @throws UsageError for a tokenizer that llama.cpp would read differently
 */
export function tokenizerMetadata(tokenizer: Tokenizer, rows: number, ends: unknown): WrittenTokenizer {
  const main = tokenizer.files.find(({ name }) => name === 'tokenizer.json');
  if (!main) throw refuse('model', 'no tokenizer.json', 'byte-level BPE');
  const definition = readDefinition(main.bytes, main.name);
  const { tokens, model, added } = definition;
  if (model.type !== 'BPE' || model.byteFallback || model.endOfWordSuffix !== '') {
    throw refuse('model', `a ${tokenizer.kind} tokenizer`, 'byte-level BPE');
  }
  const notes: string[] = [];
  requirePlainNormalizer(definition, notes);
  const types = tokens.map(() => tokenTypes.normal as number);
  for (const { id } of added) types[id] = tokenTypes.userDefined;
  for (const id of tokenizer.specialIds) types[id] = tokenTypes.control;
  const padding = Array.from({ length: rows - tokens.length }, (_, i) => `[PAD${tokens.length + i}]`);
  const { templates } = sourcesOf(tokenizer.files);
  const template = templates.get('default');
  if (templates.size > (template === undefined ? 0 : 1)) notes.push('only the default chat template is kept');
  if (added.some(({ lstrip, rstrip, singleWord }) => lstrip || rstrip || singleWord)) {
    notes.push('that added tokens take in spaces, or stand alone, is not kept');
  }
  const text = (value: string): TypedValue => ({ type: 'string', value });
  return {
    notes,
    metadata: {
      'tokenizer.ggml.model': text('gpt2'),
      'tokenizer.ggml.pre': text(preTokenizerName(definition, model.ignoreMerges)),
      'tokenizer.ggml.tokens': { type: 'string', items: [...tokens, ...padding] },
      'tokenizer.ggml.token_type': { type: 'i32', items: [...types, ...padding.map(() => tokenTypes.unused)] },
      'tokenizer.ggml.merges': {
        type: 'string',
        items: model.merges.map(([left, right]) => `${tokens[left]} ${tokens[right]}`),
      },
      ...specialIds(tokenizer, ends),
      ...frame(definition, tokenizer),
      ...(template !== undefined && { 'tokenizer.chat_template': text(template) }),
    },
  };
}

/** NFC is all that byte-level tokenizers have in practice; llama.cpp leaves it out for them too. */
function requirePlainNormalizer({ normalizer }: TokenizerDefinition, notes: string[]): void {
  const other = normalizer.find(({ type }) => type !== 'NFC');
  if (other) throw refuse('normalizer', JSON.stringify(other.type), 'none, or NFC');
  if (normalizer.length > 0) notes.push('text is not brought into the form NFC: a GGUF file cannot say so');
}

function preTokenizerName({ preTokenizer }: TokenizerDefinition, ignoreMerges: boolean): string {
  const wanted = signature(preTokenizer);
  const found = preTokenizers.find(
    (known) => known.ignoreMerges === ignoreMerges && known.forms.some((form) => signatureOf(form) === wanted),
  );
  if (found) return found.names[0];
  const known = preTokenizers.map(({ names: [name] }) => name).join(', ');
  const rules = ignoreMerges ? `${wanted} with ignore_merges` : wanted;
  throw refuse('pre_tokenizer', rules.slice(0, 300), `a rule that llama.cpp has under a name: ${known}`);
}

const signatureOf = (form: JsonRecord): string =>
  signature(canonicalPreTokenizer(readComponent(form, 'pre_tokenizer', 'pre-tokenizers')));

/** What of a pre-tokenizer decides about its splits; offsets do not. */
const signature = (parts: readonly JsonRecord[]): string =>
  JSON.stringify(
    parts.map(({ type, pattern, behavior, invert, add_prefix_space, use_regex }) =>
      type === 'ByteLevel'
        ? [type, add_prefix_space !== false, use_regex !== false]
        : [type, pattern, behavior, invert === true],
    ),
  );

function specialIds({ bosId, eosId, padId }: Tokenizer, ends: unknown): Readonly<Record<string, TypedValue>> {
  const named: readonly unknown[] = Array.isArray(ends) ? ends : [ends];
  const eot = named.find((id): id is number => typeof id === 'number' && id !== eosId);
  const ids = {
    // Where nothing is said, llama.cpp takes token 11 for both; text of GPT-2's kind begins with the token that ends it.
    bos: bosId ?? eosId,
    eos: eosId ?? bosId,
    eot: eosId === undefined ? undefined : eot,
    padding: padId,
  };
  return Object.fromEntries(
    Object.entries(ids).flatMap(([role, value]) =>
      value === undefined ? [] : [[`tokenizer.ggml.${role}_token_id`, { type: 'u32', value } as const]],
    ),
  );
}

function frame(definition: TokenizerDefinition, { bosId, eosId }: Tokenizer): Readonly<Record<string, TypedValue>> {
  const { before, after } = readSequenceFrame(definition, 'tokenizer.json');
  const is = (ids: readonly number[], id: number | undefined): boolean => ids.length === 1 && ids[0] === id;
  if ((before.length > 0 && !is(before, bosId)) || (after.length > 0 && !is(after, eosId))) {
    throw refuse(
      'post_processor',
      'other tokens around a text',
      'the beginning token before it, the end token after it',
    );
  }
  return {
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: before.length > 0 },
    'tokenizer.ggml.add_eos_token': { type: 'bool', value: after.length > 0 },
  };
}

function refuse(part: string, found: string, expected: string): UsageError {
  const fix = 'llama.cpp would make other tokens of a text. Export the model as a Hugging Face folder.';
  return new UsageError({ field: `tokenizer.json:${part}`, found, expected, fix });
}
