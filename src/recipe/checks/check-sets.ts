/** Every set that is named is there, and is of the kind that is learnt there. */
import { kindOfSource, type SourceKind } from '../../stages/data-set.ts';
import type { Finding } from '../../yaml/explain-issues.ts';
import { nearest } from '../../yaml/near-miss.ts';
import type { CheckedDocument } from '../schema/recipe.ts';

/** Sets that are named in one place. */
interface Mention {
  /** Of a list of names, of a record by name, or of one name. */
  readonly path: Finding['path'];
  /** Undefined where all that fit are meant. */
  readonly names: readonly string[] | undefined;
  readonly by?: 'name' | 'itself';
  /** What they may be. */
  readonly wanted: readonly SourceKind[];
}

export function* checkSets(recipe: CheckedDocument): Generator<Finding> {
  for (const mention of mentions(recipe)) {
    yield* unknown(recipe, mention);
    yield* otherKind(recipe, mention);
  }
}

function* mentions({ base, data, evaluation, stages }: CheckedDocument): Generator<Mention> {
  for (const [name, set] of Object.entries(data)) {
    if (!('document_questions' in set)) continue;
    const path = ['data', name, 'document_questions', 'documents'];
    yield { path, names: [set.document_questions.documents], by: 'itself', wanted: ['documents'] };
  }
  if ('init' in base && 'train' in base.init.tokenizer) {
    // A conversation has no text before a tokenizer's template renders it.
    const path = ['base', 'init', 'tokenizer', 'train', 'on'];
    yield { path, names: base.init.tokenizer.train.on, wanted: ['documents'] };
  }
  const measured = evaluation.bits_per_byte.on ?? [];
  yield { path: ['evaluation', 'bits_per_byte', 'on'], names: measured, wanted: ['documents', 'conversations'] };
  for (const [index, stage] of stages.entries()) {
    const at = ['stages', index];
    if ('cpt' in stage) {
      const { mixture } = stage.cpt;
      const names = mixture && Object.keys(mixture);
      yield { path: [...at, 'cpt', 'mixture'], names, by: 'name', wanted: ['documents'] };
    } else if ('sft' in stage) {
      const { on, replay } = stage.sft;
      yield { path: [...at, 'sft', 'on'], names: on, wanted: ['conversations'] };
      const path = [...at, 'sft', 'replay'];
      const names = Object.keys(replay);
      if (names.length > 0) yield { path, names, by: 'name', wanted: ['documents'] };
    } else if ('joint' in stage) {
      for (const [number, { documents, conversations }] of stage.joint.groups.entries()) {
        const path = [...at, 'joint', 'groups', number];
        yield { path: [...path, 'documents'], names: documents, wanted: ['documents'] };
        yield { path: [...path, 'conversations'], names: conversations, wanted: ['conversations'] };
      }
    } else if ('contrastive' in stage) {
      yield { path: [...at, 'contrastive', 'on'], names: stage.contrastive.on, wanted: ['pairs'] };
    }
  }
}

const placeOf = ({ path, by }: Mention, name: string, index: number) =>
  by === 'itself' ? path : [...path, by === 'name' ? name : index];

function* unknown({ data }: CheckedDocument, mention: Mention): Generator<Finding> {
  const sets = Object.keys(data);
  for (const [index, name] of (mention.names ?? []).entries()) {
    if (sets.includes(name)) continue;
    const meant = nearest(name, sets);
    yield {
      path: placeOf(mention, name, index),
      found: `the data set ${JSON.stringify(name)}`,
      expected: `one of ${sets.join(', ')}`,
      fix: meant === undefined ? 'Add the set under data, or name another.' : `Did you mean "${meant}"?`,
    };
  }
}

/** Documents are learnt whole, conversations where the assistant speaks, pairs as vectors: each has its place. */
function* otherKind({ data }: CheckedDocument, mention: Mention): Generator<Finding> {
  const { path, by, wanted } = mention;
  const sets = Object.keys(data);
  const fits = (name: string) => wanted.includes(kindOfSource(data[name]));
  const names = mention.names ?? sets.filter(fits);
  if (mention.names === undefined && names.length === 0) {
    const [kind] = wanted;
    yield { path, found: `no set of ${kind}`, expected: 'at least one', fix: `Add ${sourcesOf[kind]} under data.` };
  }
  for (const [index, name] of names.entries()) {
    if (!sets.includes(name) || fits(name)) continue;
    const kind = kindOfSource(data[name]);
    yield {
      path: placeOf(mention, name, index),
      found: `${JSON.stringify(name)}, a set of ${kind}`,
      expected: `sets of ${wanted.join(' or ')}`,
      fix: by === 'itself' ? 'Name a set of files or finworld.' : advice[kind],
    };
  }
}

const sourcesOf: Readonly<Record<SourceKind, string>> = {
  documents: 'files or finworld',
  conversations: 'conversations, tasks, document_questions or finworld_questions',
  pairs: 'pairs',
};

/** Where sets of a kind are learnt. */
const advice: Readonly<Record<SourceKind, string>> = {
  documents: 'Learn from documents in a cpt or a joint stage, or beside conversations as replay of an sft stage.',
  conversations: 'Learn from conversations in an sft or a joint stage.',
  pairs: 'Learn from pairs in a contrastive stage.',
};
