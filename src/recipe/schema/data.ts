/** Named data sets: documents and conversations, from files, from the synthetic world, from tasks, or from documents that are asked about. */
import { z } from 'zod';
import { documentQuestionKinds } from '../../document-questions/question.ts';
import { replyForms } from '../../eval/answers/reply-forms.ts';
import { coreKinds, questionKinds } from '../../finworld/index.ts';
import { count, identifier, path, seed, share } from './fields.ts';
import { asking, taskNames } from './questions.ts';

const finworld = z.strictObject({
  world: z.enum(['finance', 'general']).describe('The synthetic economy, or its everyday twin without finance.'),
  documents: count(10_000_000).default(4000).describe('Training documents.'),
  held_out_documents: count(1_000_000).default(400).describe('Documents about held-out companies or places.'),
  genres: z
    .array(identifier)
    .min(1)
    .optional()
    .describe('Kinds of documents, such as figures-note or cumulative-tale; all of them unless told.'),
  seed: seed.default(1).describe('Another seed is another world.'),
});

const heldOut = z.strictObject({
  share: share.default(0.05).describe('Part of the groups that is held out.'),
  group: z
    .union([
      z.enum(['document', 'file']),
      z.strictObject({ field: z.string().min(1).max(256).describe('A field of the records, such as company.') }),
    ])
    .default('document')
    .describe('What goes to one side as a whole: a document, a file, or the documents that agree in a field.'),
  seed: seed.default(0).describe('Seed of the split alone: runs with different seeds hold out the same documents.'),
});

const skipBroken = z.boolean().default(false).describe('Count records that cannot be read instead of stopping.');
const files = z.array(path).min(1).max(10_000);
const heldOutPart = heldOut.prefault({}).describe('The part that is never trained on, for evaluation.');

const fieldName = (name: string) => z.string().min(1).max(256).default(name);

const mark = z.string().min(1).max(64);
const toolMarks = z.union([
  z.literal('calculator'),
  z.strictObject({
    open: mark.describe('What a call begins with, such as "[Search(".'),
    close: mark.describe('What ends the call; the tool writes behind it.'),
    after: mark.describe('What ends the answer of the tool, on the same line.'),
  }),
]);

const conversations = z.strictObject({
  files: files.describe('Files, folders or glob patterns of records with messages, or with prompt and completion.'),
  fields: z
    .strictObject({
      messages: fieldName('messages').describe(
        'Field or column that holds the messages. One with trained: false, or weight: 0, is read and not learnt.',
      ),
      prompt: fieldName('prompt').describe('Field or column that holds the prompt, as text or messages.'),
      completion: fieldName('completion').describe('Field or column that holds the completion.'),
    })
    .prefault({})
    .describe('How the records name their parts.'),
  tool_marks: z
    .array(toolMarks)
    .max(16)
    .default([])
    .describe('Tools that are called in the answers, such as calculator: calls are learnt, what the tool says is not.'),
  held_out: heldOutPart,
  skip_broken: skipBroken,
  max_conversations: count(2 ** 31)
    .nullable()
    .default(null)
    .describe('Read so many conversations at most.'),
});

const finworldQuestions = z.strictObject({
  kinds: z
    .array(z.enum(questionKinds))
    .min(1)
    .refine((kinds) => new Set(kinds).size === kinds.length, 'each kind once')
    .default([...coreKinds])
    .describe('What is asked: terms, the tone of news, figures of a table, one step of calculation.'),
  questions: count(100_000).default(1000).describe('Questions of each kind to train on; there are fewer facts.'),
  held_out_questions: count(100_000).default(100).describe('Questions of each kind about held-out companies.'),
  seed: seed.default(1).describe('Another seed is another world.'),
});

const documentQuestions = z.strictObject({
  documents: identifier.describe('Name of the set under data whose documents are asked about; English text.'),
  kinds: z
    .array(z.enum(documentQuestionKinds))
    .min(1)
    .refine((kinds) => new Set(kinds).size === kinds.length, 'each kind once')
    .default([...documentQuestionKinds])
    .describe(
      'term: which of four terms a definition is of; defined_term: which term a passage explains; cloze: a figure, name or term of a passage; next_sentence: which of four; title: which of four headings.',
    ),
  questions: count(100_000).default(1000).describe('Questions of each kind to train on at most.'),
  held_out_questions: count(100_000)
    .default(100)
    .describe('Questions of each kind at most about the documents that the set holds out.'),
  forms: z
    .array(z.enum(replyForms))
    .refine((forms) => new Set(forms).size === forms.length, 'each form once')
    .default([])
    .describe(
      'What a prompt asks its reply to be like, one of these each: sentence (The answer is X.), quoted ("X"), json ({"answer":"X"}); none for the answer alone.',
    ),
  seed: seed.default(1).describe('Decides which questions are drawn of many, and the order of options.'),
});

const taskQuestions = z.strictObject({
  on: taskNames.min(1).describe('Names as finery eval tasks lists them, or .yaml files relative to the recipe.'),
  num_fewshot: asking.num_fewshot,
  system: asking.system,
  limit: count(10_000_000)
    .nullable()
    .default(null)
    .describe('Learn from so many questions of each task at most, drawn by the seed of held_out.'),
  held_out: z
    .strictObject({ share: heldOut.shape.share, seed: heldOut.shape.seed })
    .prefault({})
    .describe('The part of the training splits that is never trained on; questions about one page stay together.'),
});

const pairs = z.strictObject({
  files: files.describe(
    'Files, folders or glob patterns of records with query, positive and, if there are any, negatives: texts, and a list of texts.',
  ),
  held_out: z
    .strictObject({ share: heldOut.shape.share, seed: heldOut.shape.seed })
    .prefault({})
    .describe('The part that is never trained on: pairs with the same document stay together.'),
  max_pairs: count(2 ** 31)
    .nullable()
    .default(null)
    .describe('Read so many pairs at most.'),
});

export const dataSet = z
  .union([
    z.strictObject({ conversations: conversations.describe('Conversations to fine-tune on, read from files.') }),
    z.strictObject({
      finworld_questions: finworldQuestions.describe('Questions about the synthetic world, with their answers.'),
    }),
    z.strictObject({
      document_questions: documentQuestions.describe(
        'Questions that documents of another set answer, found by rules. Under its name in evaluation.tasks.on the held-out ones are asked.',
      ),
    }),
    z.strictObject({
      tasks: taskQuestions.describe(
        'Training splits of evaluation tasks: asked in chat as the tasks ask, answered as they want it, and nothing that they score.',
      ),
    }),
    z.strictObject({
      pairs: pairs.describe('Queries, each with the document that answers it, for contrastive stages.'),
    }),
    z.strictObject({ finworld: finworld.describe('Documents of the synthetic world that comes with Finery.') }),
    z.strictObject({
      files: files.describe(
        'Files, folders or glob patterns, relative to the recipe file; jsonl, json, txt, csv, tsv, parquet.',
      ),
      held_out: heldOutPart,
      skip_broken: skipBroken,
      text_field: z.string().min(1).max(256).default('text').describe('Field or column that holds the text.'),
      max_documents: count(2 ** 31)
        .nullable()
        .default(null)
        .describe('Read so many documents at most.'),
    }),
  ])
  .describe('Where the documents of a set come from.');
