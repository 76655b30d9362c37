/** A byte-level BPE vocabulary as metadata of a GGUF file, with a pre-tokenizer that llama.cpp has under a name. */
import { canonicalPreTokenizer } from '../../../tokenizer/canonical-pre-tokenizer.ts';
import { readComponent } from '../../../tokenizer/components.ts';
import type { TokenizerDefinition } from '../../../tokenizer/definition.ts';
import type { JsonRecord } from '../../../tokenizer/json-fields.ts';
import { text } from '../form.ts';
import { preTokenizers } from './pre-tokenizers.ts';
import { otherTokens, type WrittenVocabulary } from './written-vocabulary.ts';

/** @throws UsageError for a vocabulary that llama.cpp would read differently */
export function byteLevelVocabulary(definition: TokenizerDefinition, kind: string): WrittenVocabulary {
  const { tokens, model, normalizer } = definition;
  if (model.type !== 'BPE' || model.endOfWordSuffix !== '') {
    throw otherTokens(
      'model',
      `a ${kind} tokenizer`,
      'byte-level BPE, SentencePiece BPE (byte_fallback), WordPiece or Unigram',
    );
  }
  const other = normalizer.find(({ type }) => type !== 'NFC');
  if (other) throw otherTokens('normalizer', JSON.stringify(other.type), 'none, or NFC');
  return {
    model: 'gpt2',
    tokens,
    metadata: {
      'tokenizer.ggml.pre': text(preTokenizerName(definition, model.ignoreMerges)),
      'tokenizer.ggml.merges': {
        type: 'string',
        items: model.merges.map(([left, right]) => `${tokens[left]} ${tokens[right]}`),
      },
    },
    // NFC is all that byte-level tokenizers have in practice; llama.cpp leaves it out for them too.
    notes: normalizer.length > 0 ? ['text is not brought into the form NFC: a GGUF file cannot say so'] : [],
  };
}

function preTokenizerName({ preTokenizer }: TokenizerDefinition, ignoreMerges: boolean): string {
  const wanted = signature(preTokenizer);
  const found = preTokenizers.find(
    (known) => known.ignoreMerges === ignoreMerges && known.forms.some((form) => signatureOf(form) === wanted),
  );
  if (found) return found.names[0];
  const known = preTokenizers.map(({ names: [name] }) => name).join(', ');
  const rules = ignoreMerges ? `${wanted} with ignore_merges` : wanted;
  throw otherTokens('pre_tokenizer', rules.slice(0, 300), `a rule that llama.cpp has under a name: ${known}`);
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
