import { expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { BatchChain } from './batch-chain.ts';
import { BatchStream } from './stream.ts';
import { memoryStore } from './token-store.ts';

/** One document of four tokens a batch; the sources of the first and the last stream have the same name. */
const groups = [
  ['a', [1, 2, 3]],
  ['b', [4, 5]],
  ['a', [6]],
] as const;
const open = (): BatchChain =>
  new BatchChain(
    groups.map(([name, firstIds]) => {
      const store = memoryStore(firstIds.map((id) => ({ ids: Int32Array.of(id, 0, 0, 0) })));
      return new BatchStream([{ name, store, maxEpochs: 1 }], { rows: 1, length: 4, seed: 1 });
    }),
  );

function rest(chain: BatchChain): readonly number[] {
  const firstIds: number[] = [];
  for (let batch = chain.next(); batch !== undefined; batch = chain.next()) firstIds.push(batch.ids[0]);
  return firstIds;
}

it('gives one stream after the other, and adds up what each source gave', () => {
  const chain = open();
  const all = rest(chain);
  expect(groups.map(([, { length }], i) => all.slice([0, 3, 5][i], [0, 3, 5][i] + length).sort())).toEqual(
    groups.map(([, firstIds]) => firstIds),
  );
  expect(chain.progress()).toEqual([
    { name: 'a', tokens: 16 },
    { name: 'b', tokens: 8 },
  ]);
});

it('goes on where its state was taken, within a stream and at its end', () => {
  const all = rest(open());
  for (let taken = 0; taken <= all.length; taken++) {
    const first = open();
    for (let i = 0; i < taken; i++) first.next();
    const second = open();
    second.restore(JSON.parse(JSON.stringify(first.state())));
    expect(rest(second)).toEqual(all.slice(taken));
  }
});

it('gives as many batches of a stream as it may, also after going on in the middle', () => {
  const streams = () =>
    ['a', 'b'].map((name, i) => {
      const store = memoryStore([{ ids: Int32Array.of(i + 1, 0, 0, 0) }]);
      return new BatchStream([{ name, store }], { rows: 1, length: 4, seed: 1 });
    });
  const limits = [3, 2];
  const first = new BatchChain(streams(), { limits });
  first.next();
  const second = new BatchChain(streams(), { limits });
  second.restore(JSON.parse(JSON.stringify(first.state())));
  expect(rest(second)).toEqual([1, 1, 2, 2]);
});

it('refuses the state of other streams', () => {
  const { at, streams } = open().state();
  for (const state of [undefined, {}, { at, streams: streams.slice(1) }, { at: 4, streams }, { at: -1, streams }]) {
    expect(() => open().restore(state)).toThrow(InputError);
  }
});
