/** Every set that is named is there, and is of the kind that is learnt there. */
import { isConversationSource } from '../../stages/conversation-source.ts';
import type { Finding } from '../../yaml/explain-issues.ts';
import { nearest } from '../../yaml/near-miss.ts';
import type { CheckedDocument } from '../schema/recipe.ts';

type Wanted = 'documents' | 'conversations';

/** Sets that are named in one place. */
interface Mention {
  /** Of a list of names, of a record by name, or of one name. */
  readonly path: Finding['path'];
  /** Undefined where all that fit are meant. */
  readonly names: readonly string[] | undefined;
  readonly by?: 'name' | 'itself';
  /** What they must be; undefined for both. */
  readonly wanted?: Wanted;
}

export function* checkSets(recipe: CheckedDocument): Generator<Finding> {
  for (const mention of mentions(recipe)) {
    yield* unknown(recipe, mention);
    if (mention.wanted !== undefined) yield* otherKind(recipe, mention, mention.wanted);
  }
}

function* mentions({ base, data, evaluation, stages }: CheckedDocument): Generator<Mention> {
  for (const [name, set] of Object.entries(data)) {
    if (!('document_questions' in set)) continue;
    const path = ['data', name, 'document_questions', 'documents'];
    yield { path, names: [set.document_questions.documents], by: 'itself', wanted: 'documents' };
  }
  if ('init' in base && 'train' in base.init.tokenizer) {
    // A conversation has no text before a tokenizer's template renders it.
    const path = ['base', 'init', 'tokenizer', 'train', 'on'];
    yield { path, names: base.init.tokenizer.train.on, wanted: 'documents' };
  }
  yield { path: ['evaluation', 'bits_per_byte', 'on'], names: evaluation.bits_per_byte.on ?? [] };
  for (const [index, stage] of stages.entries()) {
    const at = ['stages', index];
    if ('cpt' in stage) {
      const { mixture } = stage.cpt;
      const names = mixture && Object.keys(mixture);
      yield { path: [...at, 'cpt', 'mixture'], names, by: 'name', wanted: 'documents' };
    } else if ('sft' in stage) {
      const { on, replay } = stage.sft;
      yield { path: [...at, 'sft', 'on'], names: on, wanted: 'conversations' };
      const path = [...at, 'sft', 'replay'];
      if (Object.keys(replay).length > 0) yield { path, names: Object.keys(replay), by: 'name', wanted: 'documents' };
    } else if ('joint' in stage) {
      for (const [number, { documents, conversations }] of stage.joint.groups.entries()) {
        const path = [...at, 'joint', 'groups', number];
        yield { path: [...path, 'documents'], names: documents, wanted: 'documents' };
        yield { path: [...path, 'conversations'], names: conversations, wanted: 'conversations' };
      }
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

/** Documents are learnt whole, conversations where the assistant speaks: each has its place. */
function* otherKind({ data }: CheckedDocument, mention: Mention, wanted: Wanted): Generator<Finding> {
  const sets = Object.keys(data);
  const fits = (name: string) => isConversationSource(data[name]) === (wanted === 'conversations');
  const names = mention.names ?? sets.filter(fits);
  if (mention.names === undefined && names.length === 0) {
    const kinds =
      wanted === 'conversations'
        ? 'conversations, tasks, document_questions or finworld_questions'
        : 'files or finworld';
    yield {
      path: mention.path,
      found: `no set of ${wanted}`,
      expected: 'at least one',
      fix: `Add ${kinds} under data.`,
    };
  }
  for (const [index, name] of names.entries()) {
    if (!sets.includes(name) || fits(name)) continue;
    yield {
      path: placeOf(mention, name, index),
      found: `${JSON.stringify(name)}, a set of ${wanted === 'conversations' ? 'documents' : 'conversations'}`,
      expected: `sets of ${wanted}`,
      fix: mention.by === 'itself' ? 'Name a set of files or finworld.' : advice[wanted],
    };
  }
}

const advice = {
  documents: 'Learn from conversations in an sft or a joint stage.',
  conversations: 'Learn from documents in a cpt or a joint stage, or beside conversations as replay of an sft stage.',
} as const;
