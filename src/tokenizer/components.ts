/**
 * Checks of the parts of `tokenizer.json` that transform text: normalizer, pre-tokenizer, post-processor, decoder.
 * Types and values are limited to those whose work and output are bounded, before any engine sees them.
 */

import { assertBoundedPattern } from './bounded-pattern.ts';
import {
  asArray,
  asFlag,
  asInteger,
  asOneOf,
  asRecord,
  asText,
  describe,
  type JsonRecord,
  refuse,
} from './json-fields.ts';

const MAX_DEPTH = 8;
const MAX_PARTS = 64;
/** Text that a rule inserts for each match or character: this also bounds how much text can grow. */
const MAX_INSERTED = 64;
const MAX_PATTERN = 8_192;

type Check = (part: JsonRecord, field: string) => void;

const anything: Check = () => {};

const hasPattern: Check = (part, field) => {
  const pattern = asRecord(part.pattern, `${field}.pattern`);
  if (pattern.Regex !== undefined) {
    assertBoundedPattern(asText(pattern.Regex, `${field}.pattern.Regex`, MAX_PATTERN), `${field}.pattern.Regex`);
  } else if (asText(pattern.String, `${field}.pattern.String`, MAX_PATTERN) === '') {
    refuse(`${field}.pattern.String`, 'an empty string', 'at least one character');
  }
};

const replaces: Check = (part, field) => {
  hasPattern(part, field);
  asText(part.content ?? '', `${field}.content`, MAX_INSERTED);
};

const NORMALIZERS: Readonly<Record<string, Check>> = {
  NFC: anything,
  NFD: anything,
  NFKC: anything,
  NFKD: anything,
  Lowercase: anything,
  StripAccents: anything,
  Strip: anything,
  BertNormalizer: anything,
  Precompiled: anything,
  Prepend: (part, field) => void asText(part.prepend, `${field}.prepend`, MAX_INSERTED),
  Replace: replaces,
};

const PRE_TOKENIZERS: Readonly<Record<string, Check>> = {
  BertPreTokenizer: anything,
  Whitespace: anything,
  WhitespaceSplit: anything,
  Punctuation: (part, field) => {
    asOneOf(part.behavior ?? 'Isolated', `${field}.behavior`, ['Isolated', 'Contiguous']);
  },
  Metaspace: (part, field) => {
    asText(part.replacement ?? '▁', `${field}.replacement`, MAX_INSERTED);
    asText(part.str_rep ?? '', `${field}.str_rep`, MAX_INSERTED);
  },
  ByteLevel: (part, field) => {
    asFlag(part.add_prefix_space, `${field}.add_prefix_space`, true);
    asFlag(part.use_regex, `${field}.use_regex`, true);
  },
  Digits: (part, field) => void asFlag(part.individual_digits, `${field}.individual_digits`, false),
  FixedLength: (part, field) => void asInteger(part.length, `${field}.length`, 1, 1 << 20),
  Replace: replaces,
  Split: (part, field) => {
    hasPattern(part, field);
    asFlag(part.invert, `${field}.invert`, false);
    // The engine treats every behaviour but Removed as Isolated, which would give other ids in silence.
    const isText = asRecord(part.pattern, `${field}.pattern`).Regex === undefined;
    asOneOf(part.behavior, `${field}.behavior`, ['Isolated', 'Removed', ...(isText ? ['MergedWithPrevious'] : [])]);
  },
};

const templateItems: Check = (part, field) => {
  for (const [i, item] of asArray(part.single, `${field}.single`, MAX_PARTS).entries()) {
    const piece = asRecord(item, `${field}.single.${i}`);
    const named = piece.SpecialToken ?? piece.Sequence;
    asText(asRecord(named, `${field}.single.${i}`).id, `${field}.single.${i}.id`, MAX_PATTERN);
  }
};

const framed: Check = (part, field) => {
  for (const name of ['cls', 'sep']) {
    const pair = asArray(part[name], `${field}.${name}`, 2);
    asText(pair[0], `${field}.${name}.0`, MAX_PATTERN);
    asInteger(pair[1], `${field}.${name}.1`, 0, 2 ** 31 - 1);
  }
};

const POST_PROCESSORS: Readonly<Record<string, Check>> = {
  ByteLevel: anything,
  TemplateProcessing: templateItems,
  BertProcessing: framed,
  RobertaProcessing: framed,
};

const DECODERS: Readonly<Record<string, Check>> = {
  ByteLevel: anything,
  ByteFallback: anything,
  Fuse: anything,
  WordPiece: (part, field) => void asText(part.prefix ?? '', `${field}.prefix`, MAX_INSERTED),
  Metaspace: (part, field) => void asText(part.replacement ?? '▁', `${field}.replacement`, MAX_INSERTED),
  BPEDecoder: (part, field) => void asText(part.suffix ?? '', `${field}.suffix`, MAX_INSERTED),
  CTC: (part, field) => {
    asText(part.pad_token ?? '', `${field}.pad_token`, MAX_PATTERN);
    asText(part.word_delimiter_token ?? '', `${field}.word_delimiter_token`, MAX_PATTERN);
  },
  Replace: replaces,
  Strip: (part, field) => {
    asText(part.content, `${field}.content`, MAX_INSERTED);
    asInteger(part.start ?? 0, `${field}.start`, 0, MAX_PATTERN);
    asInteger(part.stop ?? 0, `${field}.stop`, 0, MAX_PATTERN);
  },
};

/** The key under which a Sequence of each kind keeps its parts. */
const KINDS = {
  normalizer: { checks: NORMALIZERS, parts: 'normalizers' },
  pre_tokenizer: { checks: PRE_TOKENIZERS, parts: 'pretokenizers' },
  post_processor: { checks: POST_PROCESSORS, parts: 'processors' },
  decoder: { checks: DECODERS, parts: 'decoders' },
} as const;

export type ComponentKind = keyof typeof KINDS;

/**
 * The parts of one component in the order they are applied, Sequences flattened; empty when there is none.
 * Throws an `InputError` that names the part.
 */
export function readComponent(value: unknown, kind: ComponentKind, file: string): readonly JsonRecord[] {
  const parts: JsonRecord[] = [];
  collect(value, kind, `${file}:${kind}`, 0, parts);
  if (parts.length > MAX_PARTS) refuse(`${file}:${kind}`, `${parts.length} parts`, `at most ${MAX_PARTS}`);
  return parts;
}

function collect(value: unknown, kind: ComponentKind, field: string, depth: number, parts: JsonRecord[]): void {
  if (value === null || value === undefined) return;
  if (depth > MAX_DEPTH) refuse(field, 'a deeply nested Sequence', `at most ${MAX_DEPTH} levels`);
  const part = asRecord(value, field);
  const { checks, parts: key } = KINDS[kind];
  if (part.type === 'Sequence') {
    for (const [i, inner] of asArray(part[key], `${field}.${key}`, MAX_PARTS).entries()) {
      collect(inner, kind, `${field}.${key}.${i}`, depth + 1, parts);
    }
    return;
  }
  const type = typeof part.type === 'string' && Object.hasOwn(checks, part.type) ? part.type : undefined;
  if (type === undefined) refuse(`${field}.type`, describe(part.type), `Sequence, ${Object.keys(checks).join(', ')}`);
  checks[type](part, field);
  parts.push(part);
}
