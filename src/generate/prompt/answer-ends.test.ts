import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadChatTemplate } from '../../tokenizer/chat/chat-template.ts';
import { loadTokenizer } from '../../tokenizer/load.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { configuredEnds, turnEnd } from './answer-ends.ts';

let folder: string;
let tokenizer: Tokenizer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'finery-ends-'));
  tokenizer = await loadTokenizer(fileURLToPath(new URL('../../../assets/nano', import.meta.url)));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('configuredEnds', () => {
  it('takes what generation_config.json names, else config.json, and the end token of the tokenizer', async () => {
    const end = tokenizer.eosId!;
    expect(await configuredEnds(folder, {}, tokenizer)).toEqual([end]);
    expect(await configuredEnds(folder, { eos_token_id: 7 }, tokenizer)).toEqual([7, end]);
    writeFileSync(join(folder, 'generation_config.json'), '{"eos_token_id":[9,3]}');
    expect(await configuredEnds(folder, { eos_token_id: 7 }, tokenizer)).toEqual([9, 3, end]);
  });

  it.each(['-1', '4096', '1.5', '"</s>"', '[3,null]'])('refuses the id %s', async (id) => {
    writeFileSync(join(folder, 'generation_config.json'), `{"eos_token_id":${id}}`);
    await expect(configuredEnds(folder, {}, tokenizer)).rejects.toThrow(/eos_token_id: found .* from 0 to 4095/);
  });
});

describe('turnEnd', () => {
  const ofTemplate = async (chat_template: string) => {
    const bytes = Buffer.from(JSON.stringify({ chat_template, eos_token: '<|endoftext|>' }));
    const template = await loadChatTemplate([{ name: 'tokenizer_config.json', bytes }]);
    try {
      return await turnEnd(template, tokenizer);
    } finally {
      await template.close();
    }
  };
  const loop = (after: string) => `{% for m in messages %}{{ m.role + ': ' + m.content + ${after} }}{% endfor %}`;

  it.each([
    [loop(`'<|im_end|>\\n'`), '<|im_end|>'],
    [loop(`' ' + eos_token`), '<|endoftext|>'],
    [loop(`'\\n'`), undefined],
    [`{{ raise_exception('no') }}`, undefined],
    [`<|im_end|>`, undefined],
  ])('of %j is %s', async (source, expected) => {
    expect(await ofTemplate(source)).toBe(expected && tokenizer.idOf(expected));
  });
});
