/** What must agree between parts of a recipe that are each correct by themselves. */
import { isConversationSource } from '../stages/conversation-source.ts';
import type { Finding } from '../yaml/explain-issues.ts';
import { nearest } from '../yaml/near-miss.ts';
import type { CheckedDocument } from './schema/recipe.ts';

interface Context {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string; params: { finding: Finding } }): void;
}

/** A refinement: reports every contradiction of a recipe. */
export function crossChecks(recipe: CheckedDocument, context: Context): void {
  for (const finding of findings(recipe)) {
    const { path, found, expected } = finding;
    context.addIssue({ code: 'custom', path, message: `found ${found}, expected ${expected}`, params: { finding } });
  }
}

function* findings(recipe: CheckedDocument): Generator<Finding> {
  yield* unknownSets(recipe);
  yield* vocabulary(recipe);
  yield* tokenizerTexts(recipe);
  for (const [index, stage] of recipe.stages.entries()) {
    const kind = 'sft' in stage ? 'sft' : 'cpt';
    const at = ['stages', index, kind];
    const settings = 'sft' in stage ? stage.sft : stage.cpt;
    yield* positions(recipe, [...at, 'batch', 'length'], settings.batch.length);
    yield* schedule(settings, at);
    if ('sft' in stage) {
      yield* kindOfSets(recipe, stage.sft.on, [...at, 'on'], 'conversations');
      continue;
    }
    yield* length(stage.cpt, at);
    yield* weights(stage.cpt.mixture, [...at, 'mixture']);
    yield* kindOfSets(recipe, stage.cpt.mixture && Object.keys(stage.cpt.mixture), [...at, 'mixture'], 'documents');
  }
  yield* positions(recipe, ['evaluation', 'bits_per_byte', 'length'], recipe.evaluation.bits_per_byte.length);
}

type Stage = CheckedDocument['stages'][number];
type Cpt = Extract<Stage, { cpt: unknown }>['cpt'];
type Sft = Extract<Stage, { sft: unknown }>['sft'];

function* length({ batch, tokens }: Cpt, at: Finding['path']): Generator<Finding> {
  const { rows, length, gradient_accumulation_steps: passes } = batch;
  const tokensPerStep = rows * length * passes;
  if (tokens >= tokensPerStep) return;
  yield {
    path: [...at, 'tokens'],
    found: String(tokens),
    expected: `at least one step: ${rows} rows x ${length} tokens x ${passes} = ${tokensPerStep}`,
    fix: 'Train longer or make the batch smaller.',
  };
}

/** Documents are learnt whole, conversations where the assistant speaks: a stage is for the one or the other. */
function* kindOfSets(
  { data }: CheckedDocument,
  named: readonly string[] | undefined,
  path: Finding['path'],
  wanted: 'conversations' | 'documents',
): Generator<Finding> {
  const fits = (name: string) => isConversationSource(data[name]) === (wanted === 'conversations');
  const names = named ?? Object.keys(data).filter(fits);
  if (names.length === 0) {
    const fix =
      wanted === 'conversations'
        ? 'Add conversations or finworld_questions under data.'
        : 'Add files or finworld under data.';
    yield { path, found: `no set of ${wanted}`, expected: 'at least one', fix };
  }
  for (const [index, name] of names.entries()) {
    if (data[name] === undefined || fits(name)) continue;
    yield {
      path: [...path, path.at(-1) === 'mixture' ? name : index],
      found: `${JSON.stringify(name)}, a set of ${wanted === 'conversations' ? 'documents' : 'conversations'}`,
      expected: `sets of ${wanted}`,
      fix: `Use the set in ${wanted === 'conversations' ? 'a cpt' : 'an sft'} stage.`,
    };
  }
}

function* unknownSets({ base, data, evaluation, stages }: CheckedDocument): Generator<Finding> {
  const sets = Object.keys(data);
  const named: (Pick<Finding, 'path'> & { name: string })[] = [];
  const list = (names: readonly string[], path: Finding['path']) =>
    names.forEach((name, index) => {
      named.push({ name, path: [...path, index] });
    });
  if ('init' in base && 'train' in base.init.tokenizer)
    list(base.init.tokenizer.train.on, ['base', 'init', 'tokenizer', 'train', 'on']);
  list(evaluation.bits_per_byte.on ?? [], ['evaluation', 'bits_per_byte', 'on']);
  stages.forEach((stage, index) => {
    if ('sft' in stage) list(stage.sft.on ?? [], ['stages', index, 'sft', 'on']);
    else {
      for (const name of Object.keys(stage.cpt.mixture ?? {}))
        named.push({ name, path: ['stages', index, 'cpt', 'mixture', name] });
    }
  });
  for (const { name, path } of named) {
    if (sets.includes(name)) continue;
    const meant = nearest(name, sets);
    yield {
      path,
      found: `the data set ${JSON.stringify(name)}`,
      expected: `one of ${sets.join(', ')}`,
      fix: meant === undefined ? 'Add the set under data, or name another.' : `Did you mean "${meant}"?`,
    };
  }
}

function* vocabulary({ base }: CheckedDocument): Generator<Finding> {
  if (!('init' in base) || !('train' in base.init.tokenizer)) return;
  const { vocab_size: size } = base.init.config;
  const { vocab_size: trained } = base.init.tokenizer.train;
  if (typeof size !== 'number' || size >= trained) return;
  yield {
    path: ['base', 'init', 'config', 'vocab_size'],
    found: String(size),
    expected: `at least the ${trained} tokens of the tokenizer`,
    fix: 'Use the same vocab_size in both places.',
  };
}

/** A conversation has no text before a tokenizer's template renders it. */
function* tokenizerTexts(recipe: CheckedDocument): Generator<Finding> {
  const { base } = recipe;
  if (!('init' in base) || !('train' in base.init.tokenizer)) return;
  yield* kindOfSets(recipe, base.init.tokenizer.train.on, ['base', 'init', 'tokenizer', 'train', 'on'], 'documents');
}

/** A model that is made here says how far it can count; a checkpoint is asked when it is opened. */
function* positions({ base }: CheckedDocument, path: Finding['path'], length: number): Generator<Finding> {
  const limit = 'init' in base ? base.init.config.max_position_embeddings : undefined;
  if (typeof limit !== 'number' || length <= limit) return;
  yield {
    path,
    found: String(length),
    expected: `at most max_position_embeddings of the model, ${limit}`,
    fix: 'Shorten the sequences, or raise max_position_embeddings.',
  };
}

function* schedule(settings: Cpt | Sft, at: Finding['path']): Generator<Finding> {
  const { lr_scheduler_type: type, warmup_ratio: warmup, decay_ratio: decay } = settings;
  if (type !== 'warmup_stable_decay' || warmup + decay <= 1) return;
  yield {
    path: [...at, 'decay_ratio'],
    found: String(decay),
    expected: `at most ${Number((1 - warmup).toPrecision(6))}, what warmup_ratio leaves`,
    fix: 'Shorten the warm-up or the decay.',
  };
}

/** The finer rules of mixtures are those of `Mixture`, which the stage makes from it before it begins. */
function* weights(mixture: Cpt['mixture'], path: Finding['path']): Generator<Finding> {
  if (mixture === undefined) return;
  const constants = Object.values(mixture).map((weight) => (typeof weight === 'number' ? weight : 1));
  if (constants.some((weight) => weight > 0)) return;
  yield {
    path,
    found: constants.length === 0 ? 'no sets' : 'only weights of 0',
    expected: 'at least one set with a weight above 0',
    fix: 'Give a set weight, or leave mixture out to weigh all sets the same.',
  };
}
