/** A set of conversations as token ids with masks: from files, or from questions of the world, of documents or of tasks. */
import { type ExampleEncoder, encodeExample } from '../data/conversations/encode-example.ts';
import type { Conversation } from '../data/conversations/example.ts';
import { type EncodedExample, readConversations } from '../data/conversations/read-conversations.ts';
import type { ToolMarks } from '../data/conversations/tool-insertions.ts';
import type { DocumentName } from '../data/token-shard.ts';
import { memoryStore } from '../data/token-store.ts';
import { InputError } from '../errors.ts';
import type { TaskGroup } from '../eval/tasks/task.ts';
import { turnEnd } from '../generate/prompt/answer-ends.ts';
import { calculatorTool } from '../generate/tools/calculator-tool.ts';
import type { ToolName } from '../generate/tools/named-tools.ts';
import { ChatTemplate } from '../tokenizer/chat/chat-template.ts';
import { sourcesOf } from '../tokenizer/chat/template-sources.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { ConversationFiles, ConversationSource, QuestionSource, TaskSource } from './conversation-source.ts';
import type { DataSet, DataSetOptions } from './data-set.ts';
import { documentQuestionConversations } from './document-question-conversations.ts';
import { questionConversations } from './question-conversations.ts';
import { groupField, type HeldOutRule, splitNames } from './split-names.ts';
import { taskConversations } from './task-conversations.ts';

/** Share of tokens that are learnt below which something is wrong with template or data more often than not. */
const LEAST_LEARNT = 0.01;

/** @throws InputError for messages where the tokenizer has no chat template, and as `readConversations` */
export async function loadConversationSet(
  name: string,
  source: ConversationSource,
  tokenizer: Tokenizer,
  options: DataSetOptions,
): Promise<DataSet> {
  if (options.asPairs) {
    const pairs = await partsOf(
      name,
      source,
      { tokenizer, template: undefined, turnEnd: undefined, asPairs: true },
      options,
    );
    // Nothing runs while such a model answers: what a tool would write is a part of what it learns.
    return assemble(name, { ...pairs, tools: [] }, { tokenizer, asPairs: true });
  }
  const templates = sourcesOf(tokenizer.files);
  const template = templates.templates.size > 0 ? new ChatTemplate(templates) : undefined;
  try {
    const encoder = { tokenizer, template, turnEnd: template && (await turnEnd(template, tokenizer)) };
    if (template && encoder.turnEnd === undefined) {
      options.onWarning?.(`${name}: the chat template ends answers with no token of its own, so they may not stop`);
    }
    const parts = await partsOf(name, source, encoder, options);
    warnOfLittleToLearn(name, parts.train, options);
    return assemble(name, parts, { tokenizer });
  } finally {
    await template?.close();
  }
}

function partsOf(
  name: string,
  source: ConversationSource,
  encoder: ExampleEncoder,
  options: DataSetOptions,
): Promise<Parts> {
  if ('conversations' in source) return readParts(source.conversations, encoder, options);
  if ('tasks' in source) return taskParts(source.tasks, encoder, options);
  if ('document_questions' in source) return documentQuestionParts(options.questions?.get(name), encoder, options);
  return askParts(source.finworld_questions, { ...encoder, toolMarks: [calculatorMarks()] }, options);
}

/** Calls of the calculator are learnt, what it answers is not. */
function calculatorMarks(): ToolMarks {
  const { trigger, frame } = calculatorTool();
  return { open: trigger.open, close: trigger.close, after: frame?.after ?? '' };
}

interface Parts {
  readonly train: readonly EncodedExample[];
  readonly heldOut: readonly EncodedExample[];
  readonly skipped: number;
  /** Tools that are called in the answers. */
  readonly tools: readonly ToolName[];
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
  return { ...splitExamples(examples, held_out), skipped, tools: tool_marks.filter((mark) => mark === 'calculator') };
}

function splitExamples(examples: readonly EncodedExample[], rule: HeldOutRule) {
  const split = splitNames(examples, rule);
  const pick = (numbers: Int32Array) => Array.from(numbers, (i) => examples[i]);
  return { train: pick(split.train), heldOut: pick(split.heldOut) };
}

async function taskParts(source: TaskSource, encoder: ExampleEncoder, options: DataSetOptions): Promise<Parts> {
  const { conversations, tools } = await taskConversations(source, options);
  const marked = { ...encoder, toolMarks: tools.includes('calculator') ? [calculatorMarks()] : [] };
  const asked = conversations.map(({ task, ...question }) => ({ ...question, source: task }));
  const examples = await encodeAll(asked, marked, { ...options, total: asked.length });
  return { ...splitExamples(examples, { ...source.held_out, group: 'document' }), skipped: 0, tools };
}

async function askParts(source: QuestionSource, encoder: ExampleEncoder, options: DataSetOptions): Promise<Parts> {
  const encodePart = (part: 'train' | 'heldOut') => {
    const total = source.kinds.length * (part === 'train' ? source.questions : source.held_out_questions);
    return encodeAll(questionConversations(source, part), encoder, { ...options, total });
  };
  return { train: await encodePart('train'), heldOut: await encodePart('heldOut'), skipped: 0, tools: ['calculator'] };
}

async function documentQuestionParts(
  questions: TaskGroup | undefined,
  encoder: ExampleEncoder,
  options: DataSetOptions,
): Promise<Parts> {
  if (questions === undefined) throw new Error('questions about documents are made before sets are read');
  const encodePart = async (part: 'train' | 'heldOut') => {
    const asked = await documentQuestionConversations(questions, part, options.signal);
    return encodeAll(asked, encoder, { ...options, total: asked.length });
  };
  return { train: await encodePart('train'), heldOut: await encodePart('heldOut'), skipped: 0, tools: [] };
}

interface NamedConversation extends DocumentName {
  readonly conversation: Conversation;
}

const PROGRESS_EXAMPLES = 200;

/** @throws InputError naming the conversation that the template refuses */
async function encodeAll(
  conversations: Iterable<NamedConversation>,
  encoder: ExampleEncoder,
  { total, signal, onProgress }: Pick<DataSetOptions, 'signal' | 'onProgress'> & { readonly total: number },
): Promise<readonly EncodedExample[]> {
  const examples: EncodedExample[] = [];
  let tokens = 0;
  for (const { conversation, ...name } of conversations) {
    try {
      const encoded = await encodeExample(conversation, encoder, signal);
      tokens += encoded.ids.length;
      examples.push({ ...name, ...encoded });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError({ ...error.problem, field: `${name.id}: ${error.problem.field}` }, { cause: error });
    }
    if (examples.length % PROGRESS_EXAMPLES === 0) onProgress?.({ step: examples.length, total, tokens });
  }
  return examples;
}

function assemble(
  name: string,
  { train, heldOut, skipped, tools }: Parts,
  { tokenizer, asPairs }: Pick<ExampleEncoder, 'tokenizer' | 'asPairs'>,
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
    heldOut: { name, answers: true, ...(asPairs && { asPairs: true as const }), tools, documents: heldOut },
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
