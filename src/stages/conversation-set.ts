/** A set of conversations as token ids with masks: from files, or from the questions of the synthetic world. */
import { type ExampleEncoder, encodeExample } from '../data/conversations/encode-example.ts';
import { type EncodedExample, readConversations } from '../data/conversations/read-conversations.ts';
import type { ToolMarks } from '../data/conversations/tool-insertions.ts';
import { memoryStore } from '../data/token-store.ts';
import { turnEnd } from '../generate/prompt/answer-ends.ts';
import { calculatorTool } from '../generate/tools/calculator-tool.ts';
import type { ToolName } from '../generate/tools/named-tools.ts';
import { ChatTemplate } from '../tokenizer/chat/chat-template.ts';
import { sourcesOf } from '../tokenizer/chat/template-sources.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { ConversationFiles, ConversationSource, QuestionSource } from './conversation-source.ts';
import type { DataSet, DataSetOptions } from './data-set.ts';
import { questionConversations } from './question-conversations.ts';
import { groupField, splitNames } from './split-names.ts';

/** Share of tokens that are learnt below which something is wrong with template or data more often than not. */
const LEAST_LEARNT = 0.01;

/** @throws InputError for messages where the tokenizer has no chat template, and as `readConversations` */
export async function loadConversationSet(
  name: string,
  source: ConversationSource,
  tokenizer: Tokenizer,
  options: DataSetOptions,
): Promise<DataSet> {
  const templates = sourcesOf(tokenizer.files);
  const template = templates.templates.size > 0 ? new ChatTemplate(templates) : undefined;
  try {
    const encoder = { tokenizer, template, turnEnd: template && (await turnEnd(template, tokenizer)) };
    if (template && encoder.turnEnd === undefined) {
      options.onWarning?.(`${name}: the chat template ends answers with no token of its own, so they may not stop`);
    }
    const parts =
      'conversations' in source
        ? await readParts(source.conversations, encoder, options)
        : await askParts(source.finworld_questions, { ...encoder, toolMarks: [calculatorMarks()] }, options);
    warnOfLittleToLearn(name, parts.train, options);
    return assemble(name, { ...parts, tools: callsCalculator(source) ? ['calculator'] : [] }, tokenizer);
  } finally {
    await template?.close();
  }
}

const callsCalculator = (source: ConversationSource): boolean =>
  'finworld_questions' in source || source.conversations.tool_marks.includes('calculator');

/** Calls of the calculator are learnt, what it answers is not. */
function calculatorMarks(): ToolMarks {
  const { trigger, frame } = calculatorTool();
  return { open: trigger.open, close: trigger.close, after: frame?.after ?? '' };
}

interface Parts {
  readonly train: readonly EncodedExample[];
  readonly heldOut: readonly EncodedExample[];
  readonly skipped: number;
}

async function readParts(
  { files, fields, tool_marks, skip_broken, held_out, max_conversations }: ConversationFiles,
  encoder: ExampleEncoder,
  { root, signal, onProgress }: DataSetOptions,
): Promise<Parts> {
  const toolMarks = tool_marks.map((mark) => (mark === 'calculator' ? calculatorMarks() : mark));
  const { examples, skipped } = await readConversations(
    files,
    { ...encoder, toolMarks },
    {
      root,
      fields,
      signal,
      skipBroken: skip_broken,
      groupField: groupField(held_out),
      most: max_conversations ?? undefined,
      onProgress: (step, tokens) => onProgress?.({ step, total: max_conversations ?? step, tokens }),
    },
  );
  const split = splitNames(examples, held_out);
  const pick = (numbers: Int32Array) => Array.from(numbers, (i) => examples[i]);
  return { train: pick(split.train), heldOut: pick(split.heldOut), skipped };
}

async function askParts(
  source: QuestionSource,
  encoder: ExampleEncoder,
  { signal, onProgress }: DataSetOptions,
): Promise<Parts> {
  const encodePart = async (part: 'train' | 'heldOut') => {
    const examples: EncodedExample[] = [];
    let tokens = 0;
    const total = source.kinds.length * (part === 'train' ? source.questions : source.held_out_questions);
    for (const { id, kind, conversation } of questionConversations(source, part)) {
      const encoded = await encodeExample(conversation, encoder, signal);
      tokens += encoded.ids.length;
      if (examples.push({ id, source: kind, ...encoded }) % 200 === 0) {
        onProgress?.({ step: examples.length, total, tokens });
      }
    }
    return examples;
  };
  return { train: await encodePart('train'), heldOut: await encodePart('heldOut'), skipped: 0 };
}

function assemble(
  name: string,
  { train, heldOut, skipped, tools }: Parts & { readonly tools: readonly ToolName[] },
  tokenizer: Tokenizer,
): DataSet {
  let tokens = 0;
  let bytes = 0;
  for (const { ids } of train) {
    tokens += ids.length;
    for (const id of ids) bytes += tokenizer.tokenBytes(id).length;
  }
  return {
    name,
    train: memoryStore(train),
    heldOut: { name, answers: true, tools, documents: heldOut },
    statistics: { documents: train.length, tokens, bytes, heldOutDocuments: heldOut.length, skipped },
  };
}

function warnOfLittleToLearn(name: string, examples: readonly EncodedExample[], { onWarning }: DataSetOptions): void {
  let learnt = 0;
  let all = 0;
  for (const { trained } of examples) {
    all += trained.length;
    for (const mark of trained) learnt += mark;
  }
  if (learnt >= LEAST_LEARNT * all) return;
  onWarning?.(`${name}: only ${learnt} of ${all} tokens are learnt; look at the chat template and the answers`);
}
