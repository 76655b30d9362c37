import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { type ChatTemplate, loadChatTemplate } from '../../tokenizer/chat/chat-template.ts';
import { loadTokenizer } from '../../tokenizer/load.ts';
import type { ExampleEncoder } from './encode-example.ts';
import { readConversations } from './read-conversations.ts';

const nano = new URL('../../../assets/nano', import.meta.url).pathname;
const user = { role: 'user', content: 'Up?' };
const good = { messages: [user, { role: 'assistant', content: 'Yes.' }] };
const bad = { messages: [user, user] };

let root: string;
let template: ChatTemplate;
let encoder: ExampleEncoder;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'finery-conversations-'));
  const tokenizer = await loadTokenizer(nano);
  template = await loadChatTemplate(nano);
  encoder = { tokenizer, template, turnEnd: tokenizer.idOf('<|im_end|>') };
});
afterAll(async () => {
  await template.close();
  rmSync(root, { recursive: true });
});

function write(name: string, records: readonly unknown[]): string {
  const lines = records.map((record) => JSON.stringify(record));
  writeFileSync(join(root, name), name.endsWith('.json') ? `[${lines.join(',\n')}]` : lines.join('\n'));
  return name;
}

const fields = { messages: 'messages', prompt: 'prompt', completion: 'completion' };
const read = (name: string, options = {}) =>
  readConversations([name], encoder, { root, fields, skipBroken: false, ...options });

describe('readConversations', () => {
  it.each(['good.jsonl', 'good.json'])(
    'names examples of %s by their id or their line, and keeps their group',
    async (name) => {
      write(name, [
        { ...good, id: 'a', firm: 'Acme' },
        { prompt: 'x', completion: 'y', firm: 3 },
      ]);
      const { examples, skipped } = await read(name, { groupField: 'firm' });
      expect(skipped).toBe(0);
      expect(examples).toMatchObject([
        { id: 'a', source: name, group: 'Acme' },
        { id: `${name}:2`, source: name, group: '3' },
      ]);
      for (const { ids, trained } of examples) {
        expect(trained.length).toBe(ids.length);
        expect(trained).toContain(1);
      }
    },
  );

  it('names file, line and field of what is wrong', async () => {
    const refused = read(write('bad.jsonl', [good, bad]));
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toMatchObject({
      problem: { field: 'bad.jsonl, line 2: messages.1', found: 'two user turns in a row' },
    });
  });

  it('counts broken records and lines, and those of a role that no template knows', async () => {
    const odd = { messages: [{ role: 'endoftext', content: 'x' }, ...good.messages] };
    write('mixed.jsonl', [bad, good, odd, good]);
    const { examples, skipped } = await read('mixed.jsonl', { skipBroken: true });
    expect(skipped).toBe(2);
    expect(examples.map(({ id }) => id)).toEqual(['mixed.jsonl:2', 'mixed.jsonl:4']);
  });

  it('finds prompt and completion under other names, and tells their errors by these', async () => {
    const named = { fields: { ...fields, prompt: 'context', completion: 'target' } };
    const { examples } = await read(write('named.jsonl', [{ context: 'x', target: 'y' }]), named);
    const plain = await read(write('plain.jsonl', [{ prompt: 'x', completion: 'y' }]));
    expect(examples[0].ids).toEqual(plain.examples[0].ids);
    await expect(read(write('empty.jsonl', [{ context: 'x', target: '' }]), named)).rejects.toMatchObject({
      problem: { field: 'empty.jsonl, line 1: target' },
    });
    await expect(read('plain.jsonl', named)).rejects.toThrow(/the fields/);
  });

  it('stops when it has enough', async () => {
    const { examples } = await read(write('long.jsonl', [good, good, bad]), { most: 2 });
    expect(examples).toHaveLength(2);
  });

  it('refuses files of which nothing can be learnt, with the first reason', async () => {
    await expect(read(write('none.jsonl', [bad, bad]), { skipBroken: true })).rejects.toMatchObject({
      problem: { field: 'none.jsonl, line 1: messages.1', found: expect.stringMatching(/none of 2 records/) },
    });
  });
});
