import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { coreKinds } from '../finworld/index.ts';
import { loadTokenizer } from '../tokenizer/load.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { type DataSource, loadDataSet } from './data-set.ts';

const nano = new URL('../../assets/nano', import.meta.url).pathname;
const heldOut = { share: 0.3, group: 'document', seed: 0 } as const;
const fields = { messages: 'messages', prompt: 'prompt', completion: 'completion' };
const filesOf = (files: string, changes = {}): DataSource => {
  return {
    conversations: {
      files: [files],
      fields,
      tool_marks: [],
      skip_broken: false,
      held_out: heldOut,
      max_conversations: null,
      ...changes,
    },
  };
};
const chat = (question: string, answer: string) => {
  return {
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ],
  };
};

let root: string;
let tokenizer: Tokenizer;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'finery-set-'));
  tokenizer = await loadTokenizer(nano);
});
afterAll(() => rmSync(root, { recursive: true }));

async function load(source: DataSource, folder = root) {
  const warnings: string[] = [];
  const set = await loadDataSet('chats', source, tokenizer, {
    root: folder,
    cacheDir: join(root, 'cache'),
    onWarning: (message) => warnings.push(message),
  });
  if (!('answers' in set.heldOut)) throw new Error('conversations were read as documents');
  return { ...set, heldOut: set.heldOut, warnings };
}

const write = (name: string, records: readonly object[]) =>
  writeFileSync(join(root, name), records.map((record) => JSON.stringify(record)).join('\n'));

describe('a set of conversations', () => {
  it('asks questions of every kind, held-out ones about other companies', async () => {
    const { train, heldOut, statistics, warnings } = await load({
      finworld_questions: { kinds: coreKinds, questions: 20, held_out_questions: 5, seed: 1 },
    });
    expect(warnings).toEqual([]);
    expect(heldOut.tools).toEqual(['calculator']);
    expect(statistics).toMatchObject({ documents: 80, heldOutDocuments: 20, skipped: 0 });
    expect(heldOut.documents.map(({ source }) => source)).toEqual(coreKinds.flatMap((kind) => Array(5).fill(kind)));
    const end = tokenizer.idOf('<|im_end|>');
    const texts = (ids: ArrayLike<number>) => tokenizer.decode(ids);
    const asked = Array.from({ length: 80 }, (_, i) => texts(train.ids(i)));
    expect(new Set(asked).size).toBe(80);
    for (const { ids, trained } of heldOut.documents) {
      expect(asked).not.toContain(texts(ids));
      const learnt = ids.filter((_, i) => trained[i] === 1);
      expect(learnt.at(-1)).toBe(end);
      // Of a call of the calculator all but what the calculator says; of a figure its row, too.
      expect(texts(learnt)).toMatch(/^(?:.* (?:\||first,) .*\n)*(?:\[Calculator\(.*\)->\n)?[^\n]{2,60}<\|im_end\|>$/);
    }
  });

  it('splits files by hash: more records never bring a held-out one into training', async () => {
    const records = Array.from({ length: 60 }, (_, i) => ({ id: `r${i}`, ...chat(`Question ${i}?`, `Answer ${i}.`) }));
    write('some.jsonl', records.slice(0, 40));
    const some = await load(filesOf('some.jsonl'));
    expect(some.statistics.heldOutDocuments).toBeGreaterThan(4);
    expect(some.statistics.heldOutDocuments + some.statistics.documents).toBe(40);
    write('some.jsonl', records);
    const more = new Set((await load(filesOf('some.jsonl'))).heldOut.documents.map(({ id }) => id));
    for (const { id } of some.heldOut.documents) expect(more).toContain(id);
  });

  it('learns calls of a tool and not what it says, where its marks are told', async () => {
    write('tools.jsonl', [chat('12% of 1,500?', '[Calculator(12% * 1,500)->180]\n180'), chat('Who?', 'ask{me}yes;')]);
    const learnt = async (tool_marks: readonly unknown[]) => {
      const { train, heldOut } = await load(filesOf('tools.jsonl', { tool_marks }));
      expect(heldOut.tools).toEqual(tool_marks.filter((mark) => mark === 'calculator'));
      const trained = Array.from({ length: train.documents }, (_, i) => ({
        ids: train.ids(i),
        trained: train.trained!(i)!,
      }));
      const texts = [...trained, ...heldOut.documents].map(({ ids, trained }) =>
        tokenizer.decode(ids.filter((_, i) => trained[i] === 1)),
      );
      return texts.sort();
    };
    expect(await learnt(['calculator', { open: 'ask{', close: '}', after: ';' }])).toEqual([
      '[Calculator(12% * 1,500)->\n180<|im_end|>',
      'ask{me}<|im_end|>',
    ]);
    expect(await learnt([])).toEqual(['[Calculator(12% * 1,500)->180]\n180<|im_end|>', 'ask{me}yes;<|im_end|>']);
  });

  it('names set, file, line and field of a broken record', async () => {
    write('bad.jsonl', [chat('a', 'b'), chat('c', ' ')]);
    const refused = load(filesOf('bad.jsonl'));
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toMatchObject({
      problem: { field: 'data.chats: bad.jsonl, line 2: messages.1.content' },
    });
  });

  it('warns where hardly anything is learnt', async () => {
    write(
      'long.jsonl',
      Array.from({ length: 9 }, (_, i) => chat(`${i} ${'and so on '.repeat(400)}`, 'y')),
    );
    expect((await load(filesOf('long.jsonl'))).warnings).toEqual([
      expect.stringMatching(/^chats: only \d+ of \d+ tokens/),
    ]);
  });
});

const real = new URL('../../../shared/data/sft/general', import.meta.url).pathname;
describe.runIf(existsSync(real))('public prompts and completions', () => {
  it('are read whole, each with its end', async () => {
    const source = filesOf('t0_tasks_train.jsonl', { max_conversations: 300 });
    const { train, statistics } = await load(source, real);
    expect(statistics.documents + statistics.heldOutDocuments).toBe(300);
    for (let i = 0; i < train.documents; i++) expect(train.ids(i).at(-1)).toBe(tokenizer.eosId);
  });
});
