import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { goldenTemplates } from '../../../test/support/chat-templates.ts';
import { InputError, UsageError } from '../../errors.ts';
import { loadTokenizer } from '../load.ts';
import type { TokenizerFile } from '../tokenizer.ts';
import { type ChatTemplate, loadChatTemplate, type RenderOptions } from './chat-template.ts';
import { encodeSpans } from './encode-spans.ts';
import type { ChatMessage } from './messages.ts';

const ask: ChatMessage[] = [{ role: 'user', content: 'x' }];
const file = (name: string, value: unknown): TokenizerFile => ({
  name,
  bytes: new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)),
});
const config = (chat_template: unknown, rest: object = {}): TokenizerFile =>
  file('tokenizer_config.json', { chat_template, ...rest });

const opened: ChatTemplate[] = [];
async function load(files: readonly TokenizerFile[], deadline?: number): Promise<ChatTemplate> {
  const template = await loadChatTemplate(files, { deadline });
  opened.push(template);
  return template;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((template) => template.close()));
});

async function text(template: ChatTemplate, messages: unknown = ask, options?: RenderOptions): Promise<string> {
  const { spans } = await template.render(messages as ChatMessage[], options);
  return spans.map((span) => span.text).join('');
}

describe('loading', () => {
  const folders: string[] = [];
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

  async function folderOf(files: readonly TokenizerFile[]): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'finery-chat-'));
    folders.push(folder);
    await mkdir(join(folder, 'additional_chat_templates'));
    for (const { name, bytes } of files) await writeFile(join(folder, name), bytes);
    return folder;
  }

  it('finds templates wherever checkpoints keep them, newer places first', async () => {
    const places = [
      config('config', { bos_token: '<s>' }),
      file('chat_template.json', { chat_template: 'json' }),
      file('chat_template.jinja', 'jinja'),
    ];
    for (const [count, expected] of [
      [1, 'config'],
      [2, 'json'],
      [3, 'jinja'],
    ] as const) {
      const files = places.slice(0, count);
      expect(await text(await load(files))).toBe(expected);
      const template = await loadChatTemplate(await folderOf(files));
      opened.push(template);
      expect(await text(template)).toBe(expected);
    }
  });

  it('knows named templates and picks the one for tools', async () => {
    const named = ['default', 'tool_use', 'rag'].map((name) => ({ name, template: `${name} {{ bos_token }}` }));
    const files = [
      config(named, { bos_token: { content: '<s>' } }),
      file('additional_chat_templates/rag.jinja', 'new'),
    ];
    const folder = await folderOf(files);
    for (const template of [await load(files), await loadChatTemplate(folder)]) {
      opened.push(template);
      expect(template.names).toEqual(['default', 'tool_use', 'rag']);
      expect(await text(template)).toBe('default <s>');
      expect(await text(template, ask, { tools: [{}] })).toBe('tool_use <s>');
      expect(await text(template, ask, { tools: [{}], template: 'rag' })).toBe('new');
      await expect(text(template, ask, { template: 'other' })).rejects.toThrow(UsageError);
    }
  });

  it('reads the base that comes with Finery', async () => {
    const folder = fileURLToPath(new URL('../../../assets/nano', import.meta.url));
    const template = await loadChatTemplate(folder);
    opened.push(template);
    const tokenizer = await loadTokenizer(folder);
    const { spans } = await template.render([...ask, { role: 'assistant', content: '<|im_end|>' }]);
    const { ids, trained } = encodeSpans(tokenizer, spans);
    expect(tokenizer.decode(ids)).toBe('<|im_start|>user\nx<|im_end|>\n<|im_start|>assistant\n<|im_end|><|im_end|>\n');
    const end = tokenizer.idOf('<|im_end|>');
    expect([...ids].filter((id, i) => id === end && trained[i] === 1)).toHaveLength(1);
    expect([...ids].filter((id) => id === end)).toHaveLength(2);
  });

  it.each([
    [[]],
    [[config(null)]],
    [[config(1)]],
    [[config([{ name: 'default' }])]],
    [[config('x'.repeat((1 << 18) + 1))]],
    [[config('x', { bos_token: 7 })]],
    [[{ name: 'chat_template.jinja', bytes: new Uint8Array([0xff, 0xfe]) }]],
    [[file('tokenizer_config.json', 'no JSON')]],
  ])('refuses files without a readable template, case %#', async (files) => {
    await expect(loadChatTemplate(files)).rejects.toThrow(InputError);
    await expect(loadChatTemplate(await folderOf(files))).rejects.toThrow(InputError);
  });
});

describe('rendering', () => {
  const { ours } = goldenTemplates();

  it('hands over tools, documents, variables and the date', async () => {
    const template = await load([
      config("{{ tools[0].name }}{{ documents[0].title }}{{ depth }}{{ strftime_now('%d %B %Y %H:%M') }}{{ unknown }}"),
    ]);
    const options = {
      tools: [{ name: 'T' }],
      documents: [{ title: 'D' }],
      variables: { depth: 3 },
      now: new Date('2024-02-29T23:59:00Z'),
    };
    expect(await text(template, ask, options)).toBe('TD329 February 2024 23:59');
  });

  it('joins text parts for templates that expect text', async () => {
    const parts = [{ role: 'user', content: ['a', 'b'].map((text) => ({ type: 'text', text })) }];
    expect(await text(await load([config('{{ messages[0].content }}')]), parts)).toBe('a\nb');
    const looped = '{% for part in messages[0].content %}[{{ part.text }}]{% endfor %}';
    expect(await text(await load([config(looped)]), parts)).toBe('[a][b]');
  });

  it('gives thoughts the names that templates know', async () => {
    const template = await load([config('{{ messages[0].reasoning_content }}{{ messages[0].thinking }}')]);
    for (const name of ['reasoning', 'thinking', 'reasoning_content']) {
      expect(await text(template, [{ role: 'assistant', [name]: 'R' }])).toBe('RR');
    }
  });

  it('takes null for no calls', async () => {
    const messages = [{ role: 'assistant', content: 'A', tool_calls: null }];
    expect(await text(await load([config(ours)]), messages)).toBe('<|im_start|>assistant\nA<|im_end|>\n');
  });

  it('answers requests in order', async () => {
    const template = await load([config(ours)]);
    const questions = Array.from({ length: 20 }, (_, i) => `question ${i}`);
    const texts = await Promise.all(questions.map((content) => text(template, [{ role: 'user', content }])));
    expect(texts).toEqual(questions.map((content) => `<|im_start|>user\n${content}<|im_end|>\n`));
  });

  it('refuses to train on nothing', async () => {
    const answer = [...ask, { role: 'assistant', content: 'y' }];
    const forTraining = { forTraining: true };
    await expect(text(await load([config(ours)]), ask, forTraining)).rejects.toThrow(/nothing that an assistant says/);
    expect(await text(await load([config(ours)]), answer, forTraining)).toContain('y');
    const unmaskable = await load([config('{{ messages[1].content }}')]);
    await expect(text(unmaskable, answer, forTraining)).rejects.toThrow(/outside its turns/);
    expect(await text(unmaskable, answer)).toBe('y');
  });

  it('tells what a template says about a conversation, without control characters', async () => {
    const refusing = await load([config("{{ raise_exception('not \\x1b[31m so') }}")]);
    const error = await text(refusing).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toMatch(/refuses: not {1,2}\[31m so/);
  });

  it.each([
    ['no list', {}],
    ['nothing', []],
    ['no message', ['x']],
    ['no role', [{ content: 'x' }]],
    ['a role that could build a control token', [{ role: 'endoftext', content: 'x' }]],
    ['content that is no text', [{ role: 'user', content: 7 }]],
    ['an image', [{ role: 'user', content: [{ type: 'image', text: 'x' }] }]],
    ['a function', [{ role: 'user', content: 'x', extra: () => 1 }]],
    ['a date', [{ role: 'user', content: 'x', extra: new Date(0) }]],
    ['not a number', [{ role: 'user', content: 'x', extra: Number.NaN }]],
    ['calls that are no list', [{ role: 'assistant', tool_calls: {} }]],
    ['calls that are no objects', [{ role: 'assistant', tool_calls: ['x'] }]],
    ['thoughts that are no text', [{ role: 'assistant', reasoning: [1] }]],
    ['too many messages', Array.from({ length: 8_193 }, () => ask[0])],
    ['too much text', [{ role: 'user', content: 'x'.repeat((1 << 22) + 1) }]],
    ['deep data', [{ role: 'user', content: 'x', extra: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) }]],
  ])('refuses messages with %s', async (_, messages) => {
    await expect(text(await load([config('never')]), messages)).rejects.toThrow(InputError);
  });

  it('refuses cyclic data', async () => {
    const cyclic: Record<string, unknown> = { role: 'user', content: 'x' };
    cyclic.self = cyclic;
    await expect(text(await load([config('never')]), [cyclic])).rejects.toThrow(/nested deeper/);
  });

  it.each([
    [{ addGenerationPrompt: true, continueFinalMessage: true }],
    [{ variables: { messages: [] } }],
    [{ variables: { raise_exception: 1 } }],
    [{ variables: { eos_token: '<|im_end|>' } }],
    [{ variables: { 'no name': 1 } }],
  ])('refuses the options %j', async (options) => {
    await expect(text(await load([config('never')]), ask, options)).rejects.toThrow(UsageError);
  });

  it('takes further roles by name', async () => {
    const template = await load([config('{{ messages[0].role }}')]);
    expect(await text(template, [{ role: 'critic' }], { extraRoles: ['critic'] })).toBe('critic');
  });
});

describe('the worker', () => {
  // White space that the library's own pattern retries from every place: seconds that no bound of ours counts.
  const endless = `{{ 1 }}${' '.repeat(250_000)}`;
  const named = (template: string): TokenizerFile =>
    config([
      { name: 'default', template: 'fine' },
      { name: 'hostile', template },
    ]);

  it('is stopped at the deadline, and the next rendering works', async () => {
    const template = await load([named(endless)], 0.3);
    const started = performance.now();
    const slow = text(template, ask, { template: 'hostile' });
    const next = text(template);
    await expect(slow).rejects.toThrow(/takes longer than 0.3 s/);
    await expect(slow).rejects.toThrow(InputError);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(await next).toBe('fine');
  });

  it.each([
    [
      'a text of gigabytes',
      "{% set ns = namespace(x='ab') %}{% for i in range(40) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
    ],
    ['endless recursion', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}'],
    ['deep nesting', `{{ ${'['.repeat(60_000)} }}`],
    [
      'much memory',
      "{% set ns = namespace(l=[]) %}{% for i in range(60000) %}{% for j in range(60000) %}{% set ns.l = [ns.l, namespace(a=i ~ 'x')] %}{% endfor %}{% endfor %}",
    ],
  ])('outlives %s', async (_, hostile) => {
    const template = await load([named(hostile)], 20);
    await expect(text(template, ask, { template: 'hostile' })).rejects.toThrow(InputError);
    expect(await text(template)).toBe('fine');
  });

  it('can be closed, also while it renders, and starts again', async () => {
    const template = await load([named(endless)], 20);
    await template.close();
    expect(await text(template)).toBe('fine');
    const slow = text(template, ask, { template: 'hostile' });
    setTimeout(() => template.close(), 50);
    await expect(slow).rejects.toThrow(/closed/);
    expect(await text(template)).toBe('fine');
  });

  it('is stopped by a signal, while it renders and before, and the next rendering works', async () => {
    const template = await load([named(endless)], 20);
    await text(template);
    const started = performance.now();
    const reason = new Error('enough');
    const controllers = [new AbortController(), new AbortController()];
    const [slow, waiting] = controllers.map(({ signal }) => text(template, ask, { template: 'hostile', signal }));
    const next = text(template);
    controllers[1].abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(text(template, ask, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    setTimeout(() => controllers[0].abort(reason), 50);
    await expect(slow).rejects.toBe(reason);
    expect(await next).toBe('fine');
    // A signal that comes too late changes nothing.
    const late = new AbortController();
    const rendered = await text(template, ask, { signal: late.signal });
    late.abort(reason);
    expect([rendered, await text(template)]).toEqual(['fine', 'fine']);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('is stopped by a signal while its thread starts', async () => {
    const template = await load([named(endless)], 20);
    const reason = new Error('enough');
    const controller = new AbortController();
    const slow = text(template, ask, { template: 'hostile', signal: controller.signal });
    const next = text(template);
    setTimeout(() => controller.abort(reason), 1);
    await expect(slow).rejects.toBe(reason);
    const started = performance.now();
    expect(await next).toBe('fine');
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
