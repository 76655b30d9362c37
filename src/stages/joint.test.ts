import { describe, expect, it } from 'vitest';
import { trainingSettings } from '../../test/support/training-settings.ts';
import type { PackedBatch } from '../data/packed-batch.ts';
import { memoryStore } from '../data/token-store.ts';
import { UsageError } from '../errors.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { type JointSettings, planJoint } from './joint.ts';

const END = 99;
const model = { tokenizer: { eosId: END, padId: 98 } as Tokenizer };

/** Ids below 50 are documents, from 50 on conversations; the first id of an example names it. */
const documents = (count: number, from: number, length: number) =>
  memoryStore(Array.from({ length: count }, (_, i) => ({ ids: new Int32Array(length).fill(from + (i % 20)) })));
const conversations = (count: number, from: number) =>
  memoryStore(
    Array.from({ length: count }, (_, i) => {
      const ids = new Int32Array(6).fill(from + (i % 20));
      return { ids, trained: Uint8Array.of(0, 0, 0, 0, 1, 1) };
    }),
  );
const sets = new Map([
  ['filings', { train: documents(40, 0, 20) }],
  ['books', { train: documents(10, 20, 7) }],
  ['chats', { train: conversations(24, 50) }],
  ['more', { train: conversations(12, 70) }],
]);

const settings = (changes: Partial<JointSettings> = {}): JointSettings => ({
  groups: [{ documents: ['filings', 'books'], conversations: ['chats'], num_train_epochs: 1 }],
  documents_per_conversation: 1,
  ...trainingSettings,
  batch: { rows: 2, length: 16, gradient_accumulation_steps: 2 },
  ...changes,
});

function plan(changes: Partial<JointSettings> = {}, seed = 1) {
  const warnings: string[] = [];
  const context = { seed, onWarning: (message: string) => warnings.push(message) };
  const { batches, schedule } = planJoint(model, sets, settings(changes), context);
  const all: PackedBatch[] = [];
  for (let batch = batches.next(); batch !== undefined; batch = batches.next()) all.push(batch);
  return { batches: all, schedule, warnings };
}

/** First id and learnt labels of every example, in the order of rows. */
function examplesOf({ ids, segments, labels, rows, length }: PackedBatch) {
  const found: { first: number; learnt: number; length: number }[] = [];
  for (let row = 0; row < rows; row++) {
    for (let at = row * length; at < (row + 1) * length; at++) {
      if (segments[at] === 0) continue;
      if (at === row * length || segments[at] !== segments[at - 1])
        found.push({ first: ids[at], learnt: 0, length: 0 });
      const example = found.at(-1)!;
      example.length++;
      if (labels[at] >= 0) example.learnt++;
    }
  }
  return found;
}
const kindOf = ({ first }: { readonly first: number }) => (first < 50 || first === END ? 'document' : 'conversation');

describe('planJoint', () => {
  it('learns as many pieces of documents as conversations, each once, and all of a document', () => {
    const { batches, schedule, warnings } = plan();
    const examples = batches.flatMap(examplesOf);
    const count = (kind: string) => examples.filter((example) => kindOf(example) === kind).length;
    expect([count('document'), count('conversation')]).toEqual([24, 24]);
    expect(warnings).toEqual([]);
    expect(schedule.steps).toBe(Math.ceil(batches.length / 2));
    for (const example of examples) {
      expect(example.learnt).toBe(kindOf(example) === 'document' ? example.length - 1 : 2);
    }
    // Documents of 20 tokens and an end are a piece of 16 and one of 5.
    expect(new Set(examples.filter((example) => kindOf(example) === 'document').map(({ length }) => length))).toEqual(
      new Set([16, 5, 8]),
    );
  });

  it('draws other pieces with another seed, and the same with the same', () => {
    const ids = (seed: number) => plan({}, seed).batches.map((batch) => batch.ids.join());
    expect(ids(1)).toEqual(ids(1));
    expect(ids(2)).not.toEqual(ids(1));
  });

  it('mixes them evenly from the beginning', () => {
    const first = plan().batches.slice(0, 8).flatMap(examplesOf).map(kindOf);
    const share = first.filter((kind) => kind === 'document').length / first.length;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.75);
  });

  it('takes what there is where there are too few documents, and says so', () => {
    const { warnings, batches } = plan({
      groups: [{ documents: ['books'], conversations: ['chats'], num_train_epochs: 1 }],
    });
    expect(warnings).toEqual(['books: all 10 pieces of documents are taken; 24 would go with the conversations']);
    expect(batches.flatMap(examplesOf).filter((example) => kindOf(example) === 'document')).toHaveLength(10);
  });

  it('follows a ratio, repeats, and runs groups one after the other', () => {
    const groups = [
      { documents: ['filings'], conversations: ['chats'], num_train_epochs: 1 },
      { documents: ['books'], conversations: ['more'], num_train_epochs: 2 },
    ];
    const { batches } = plan({ groups, documents_per_conversation: 0.5 });
    const examples = batches.flatMap(examplesOf);
    const isSecond = ({ first }: { readonly first: number }) => first >= 70 || (first >= 20 && first < 50);
    expect(examples.filter((example) => !isSecond(example))).toHaveLength(24 + 12);
    expect(examples.filter(isSecond)).toHaveLength(2 * (12 + 6));
    expect(examples.findLastIndex((example) => !isSecond(example))).toBeLessThan(examples.findIndex(isSecond));
  });

  it('takes as many steps as it is told, each group its share of them', () => {
    const groups = [
      { documents: ['filings'], conversations: ['chats'], num_train_epochs: 1 },
      { documents: ['books'], conversations: ['more'], num_train_epochs: 2 },
    ];
    const isSecond = ({ ids: [first] }: PackedBatch) => first >= 70 || (first >= 20 && first < 50);
    const natural = plan({ groups }).batches;
    const share = natural.filter(isSecond).length / natural.length;
    for (const max_steps of [3, 40]) {
      const { batches, schedule } = plan({ groups, max_steps });
      expect(schedule.steps).toBe(max_steps);
      expect(batches).toHaveLength(2 * max_steps);
      expect(Math.abs(batches.filter(isSecond).length - 2 * max_steps * share)).toBeLessThanOrEqual(1);
      expect(batches.findLastIndex((batch) => !isSecond(batch))).toBeLessThan(batches.findIndex(isSecond));
    }
  });

  it('goes on where it was, also in the second group', () => {
    const groups = [
      { documents: ['filings'], conversations: ['chats'], num_train_epochs: 1 },
      { documents: ['books'], conversations: ['more'], num_train_epochs: 2 },
    ];
    const context = { seed: 1, onWarning: () => {} };
    const open = () => planJoint(model, sets, settings({ groups, documents_per_conversation: 0.5 }), context).batches;
    for (const stop of [3, 12]) {
      const [one, other] = [open(), open()];
      for (let i = 0; i < stop; i++) one.next();
      other.restore(JSON.parse(JSON.stringify(one.state())));
      for (let batch = one.next(); batch !== undefined; batch = one.next()) {
        expect(other.next()!.ids).toEqual(batch.ids);
      }
      expect(other.next()).toBeUndefined();
    }
  });

  it('refuses groups with nothing to mix', () => {
    expect(() => plan({ documents_per_conversation: 0.01 })).toThrow(UsageError);
  });
});
