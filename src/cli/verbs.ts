/** What finery can do. A new command is a new entry. */
import type { Verb, VerbGroup } from './verb.ts';

export const verbs: readonly (Verb | VerbGroup)[] = [
  {
    name: 'run',
    summary: 'Run a recipe: train, measure, report',
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'ablate',
    summary: 'What each stage of a recipe brings, by the chain without it',
    load: () => import('./commands/ablate.ts'),
  },
  {
    name: 'init',
    summary: 'Make a new model from a config.json',
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'score',
    summary: 'Log-probabilities of the tokens of texts',
    load: () => import('./commands/score.ts'),
  },
  {
    name: 'generate',
    summary: 'Continue a text, or answer a conversation',
    load: () => import('./commands/generate.ts'),
  },
  {
    name: 'chat',
    summary: 'Talk with a model',
    load: () => import('./commands/chat.ts'),
  },
  {
    name: 'embed',
    summary: 'Vectors of texts, and encoders that learn to find',
    load: () => import('./commands/embed.ts'),
    verbs: [
      {
        name: 'train',
        summary: 'An encoder learns to find documents by queries',
        load: () => import('./commands/embed/train.ts'),
      },
    ],
  },
  {
    name: 'eval',
    summary: 'Measure a model on tasks, and compare measurements',
    load: () => import('./commands/eval.ts'),
    verbs: [
      { name: 'tasks', summary: 'The tasks that come with Finery', load: () => import('./commands/eval/tasks.ts') },
      {
        name: 'validate',
        summary: 'Check a task file and show what a model would read',
        load: () => import('./commands/eval/validate.ts'),
      },
      {
        name: 'compare',
        summary: 'Whether one of two evaluated models is better',
        load: () => import('./commands/eval/compare.ts'),
      },
      {
        name: 'contamination',
        summary: 'Whether a model may have seen the items of a task',
        load: () => import('./commands/eval/contamination.ts'),
      },
    ],
  },
  {
    name: 'tokenizer',
    summary: 'Train, extend, use and look at tokenizers',
    verbs: [
      {
        name: 'train',
        summary: 'Train a byte-level BPE tokenizer on documents',
        load: () => import('./commands/tokenizer/train.ts'),
      },
      {
        name: 'extend',
        summary: 'Add tokens of a domain to a model and its tokenizer',
        load: () => import('./commands/tokenizer/extend.ts'),
      },
      {
        name: 'transplant',
        summary: 'Give a model the vocabulary of another',
        load: () => import('./commands/tokenizer/transplant.ts'),
      },
      { name: 'encode', summary: 'Token ids of a text', load: () => import('./commands/tokenizer/encode.ts') },
      { name: 'decode', summary: 'Text of token ids', load: () => import('./commands/tokenizer/decode.ts') },
      { name: 'info', summary: 'What is in a tokenizer', load: () => import('./commands/tokenizer/info.ts') },
    ],
  },
  {
    name: 'data',
    summary: 'Look at training data',
    verbs: [
      {
        name: 'inspect',
        summary: 'Count documents, measure lengths and packing, show what is learnt',
        load: () => import('./commands/data/inspect.ts'),
      },
    ],
  },
  {
    name: 'merge',
    summary: 'Merge models by a recipe',
    load: () => import('./commands/merge.ts'),
  },
  {
    name: 'diff',
    summary: 'What models changed of one base, and whether the changes add up',
    load: () => import('./commands/diff.ts'),
  },
  {
    name: 'reproduce',
    summary: 'Do the experiment of a paper again, and say what holds',
    load: () => import('./commands/reproduce.ts'),
  },
  {
    name: 'inspect',
    summary: 'What is in a checkpoint, and whether it is whole',
    load: () => import('./commands/inspect.ts'),
  },
  {
    name: 'export',
    summary: 'Write a model as a GGUF file, a Hugging Face folder or an ONNX folder',
    load: () => import('./commands/export.ts'),
  },
  {
    name: 'doctor',
    summary: 'What this machine offers, and which models fit it',
    load: () => import('./commands/doctor.ts'),
  },
];
