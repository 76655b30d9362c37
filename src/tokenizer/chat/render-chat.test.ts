import { Template } from '@huggingface/jinja';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenTemplates } from '../../../test/support/chat-templates.ts';
import { renderRequest } from '../../../test/support/render-request.ts';
import type { ChatMessage, JsonObject } from './messages.ts';
import { type ChatSpan, type RenderRequest, renderChat } from './render-chat.ts';

type Options = Parameters<typeof renderRequest>[2];

const templates = goldenTemplates();
const text = (spans: readonly ChatSpan[]): string => spans.map((span) => span.text).join('');

function rendered(template: string, messages: readonly ChatMessage[], options?: Options) {
  const reply = renderChat(renderRequest(template, messages, options));
  if (!reply.ok) throw new Error(`${reply.kind}: ${reply.message}`);
  return reply;
}

function failure(template: string, messages: readonly ChatMessage[] = [{ role: 'user', content: 'x' }]) {
  const reply = renderChat(renderRequest(template, messages));
  if (reply.ok) throw new Error(`rendered ${JSON.stringify(text(reply.spans))}`);
  return reply;
}

/** Each UTF-16 unit of the text as c, t (not trained on) or C, T. */
const marks = (spans: readonly ChatSpan[]): string =>
  spans
    .map(({ text, source, trained }) => {
      const mark = source === 'content' ? 'c' : 't';
      return (trained ? mark.toUpperCase() : mark).repeat(text.length);
    })
    .join('');

const word = fc.stringMatching(/^[a-z<|>\\/\n é📈]{0,12}$/u);
/** Contents as people and attackers write them. */
const content = fc.oneof(
  word,
  fc
    .array(fc.oneof(word, fc.constantFrom('<|im_end|>', '</s>', '[INST]', '<|eot_id|>', '<end_of_turn>', '{{ x }}')), {
      maxLength: 4,
    })
    .map((parts) => parts.join('')),
);
const chat = fc
  .array(content, { minLength: 1, maxLength: 6 })
  .map((contents) => contents.map((content, i): ChatMessage => ({ role: i % 2 ? 'assistant' : 'user', content })));

describe.each(['ours', 'chatml', 'llama3', 'mistral', 'gemma'])('%s', (name) => {
  const template = templates[name];

  it('has the text that the library renders without tracing', () => {
    fc.assert(
      fc.property(chat, fc.boolean(), (messages, addGenerationPrompt) => {
        const variables = {
          messages,
          tools: null,
          add_generation_prompt: addGenerationPrompt,
          bos_token: '<s>',
          eos_token: '</s>',
          date_string: '1 Jan 1970',
        };
        const options = { addGenerationPrompt, variables: { date_string: '1 Jan 1970' } };
        // In the library the loop over calls that nobody made fails; in Jinja2 there are none.
        const withCalls = messages.map((message) => ({ ...message, tool_calls: [] }));
        const plain = new Template(template).render({ ...variables, messages: withCalls });
        expect(text(rendered(template, messages, options).spans)).toBe(plain);
      }),
      { numRuns: 60 },
    );
  });

  it('trains on what comes between the prompt for an answer and the end of its turn', () => {
    fc.assert(
      fc.property(chat, (messages) => {
        const { spans, masking } = rendered(template, messages);
        const expected = Array.from({ length: text(spans).length }, () => false);
        for (const [i, { role }] of messages.entries()) {
          if (role !== 'assistant') continue;
          const prompt = text(rendered(template, messages.slice(0, i), { addGenerationPrompt: true }).spans);
          const answered = text(rendered(template, messages.slice(0, i + 1)).spans);
          expected.fill(true, prompt.length, answered.trimEnd().length);
        }
        expect(masking).toBe('turns');
        expect(spans.flatMap((span) => Array.from({ length: span.text.length }, () => span.trained))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe('where text comes from', () => {
  /** Text in characters that no template has. */
  const secret = (letters: string): string =>
    letters.replace(/[a-z]/g, (c) => String.fromCharCode(0xe000 + c.charCodeAt(0)));
  const hidden = fc.stringMatching(/^[a-z]{1,6}$/).map(secret);
  const filled = (texts: readonly string[]): ChatMessage[] => [
    { role: 'user', content: texts[0] },
    {
      role: 'assistant',
      content: texts[1],
      reasoning_content: texts[2],
      tool_calls: [{ type: 'function', function: { name: texts[3], arguments: { [texts[4]]: texts[5] } } }],
    },
    { role: 'user', content: texts[6] },
    { role: 'assistant', content: `<think>${texts[7]}</think>${texts[0]}` },
  ];
  const texts = fc.array(hidden, { minLength: 8, maxLength: 8 });
  const onlyTemplate = (spans: readonly ChatSpan[]) =>
    spans.filter(({ source }) => source === 'template').map((s) => s.text);

  it.each(Object.entries(templates))('is known in %s', (_, template) => {
    const options = { tools: [{ name: secret('tool') }], addGenerationPrompt: true };
    fc.assert(
      fc.property(texts, texts, (some, others) => {
        const { spans } = rendered(template, filled(some), options);
        for (const span of spans) if (span.source === 'template') expect(span.text).not.toMatch(/[\ue000-\uf8ff]/);
        // What the template writes around a conversation does not depend on what is said in it.
        const again = rendered(template, filled(others), options);
        const isCut = template === templates.python;
        if (!isCut) expect(onlyTemplate(again.spans)).toEqual(onlyTemplate(spans));
      }),
      { numRuns: 10 },
    );
  });

  it('is data for keys, parts of strings, and whatever the library makes of data', () => {
    const template =
      "{{ '<|a|>' }}{% for key, value in tools[0].items() %}{{ key }}{{ value | upper }}{% endfor %}" +
      "{{ messages[0].content[0] }}{{ messages[0].content | title }}{{ tools }}{{ name ~ '<|b|>' }}";
    const options = { tools: [{ '<|k|>': '<|v|>' }], variables: { name: '<|n|>' } };
    const { spans } = rendered(template, [{ role: 'user', content: '<|c|>' }], options);
    expect(onlyTemplate(spans)).toEqual(['<|a|>', '<|b|>']);
  });

  it('is the template for its own strings, roles and special tokens, however they are joined and cut', () => {
    const template =
      "{% set marks = {'user': ' <|u|> '} %}{{ marks[messages[0].role] | trim }}{{ '<|' ~ messages[0].role ~ '|>' }}" +
      "{{ bos_token }}{{ ['<|x|>', '<|y|>'] | join(' ') }}{{ ('<|p|>' ~ messages[0].content ~ '<|q|>').split('b')[1] }}";
    const { spans } = rendered(template, [{ role: 'user', content: 'abc' }]);
    expect(spans).toEqual([
      { text: '<|u|><|user|><s><|x|> <|y|>', source: 'template', trained: false },
      { text: 'c', source: 'content', trained: false },
      { text: '<|q|>', source: 'template', trained: false },
    ]);
  });
});

describe('the mask', () => {
  const ask: ChatMessage = { role: 'user', content: 'U' };

  it('covers thoughts, calls and the marks between them, not results of tools', () => {
    const messages: ChatMessage[] = [
      ask,
      {
        role: 'assistant',
        content: 'A',
        reasoning_content: 'R',
        tool_calls: [{ function: { name: 'f', arguments: { x: 1 } } }],
      },
      { role: 'tool', content: 'T' },
      { role: 'assistant', content: 'B' },
    ];
    const { spans } = rendered(templates.thinking, messages);
    expect(
      spans
        .filter((span) => span.trained)
        .map((span) => span.text)
        .join(''),
    ).toBe(
      '<think>\nR\n</think>\n\nA\n<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call><|im_end|>' +
        '<think>\n\n</think>\n\nB<|im_end|>',
    );
  });

  it('leaves out what the prompt says already, also when an answer goes on differently', () => {
    const template =
      "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '<|end|>\n' }}{% endfor %}" +
      '{% if add_generation_prompt %}<|assistant|><think>{% endif %}';
    const { spans } = rendered(template, [ask, { role: 'assistant', content: 'A' }]);
    expect(marks(spans)).toMatch(/^[tc]+CT+t$/);
    expect(spans.filter((span) => span.trained).map((span) => span.text)).toEqual(['A', '<|end|>']);
  });

  it('knows prompts that are only written after the last question', () => {
    const template =
      "{% for m in messages %}{% if m.role == 'user' %}{{ '<|user|>' + m.content }}" +
      '{% if loop.last and add_generation_prompt %}<|assistant|>{% endif %}' +
      "{% else %}{{ '<|assistant|>' + m.content + '</s>' }}{% endif %}{% endfor %}";
    const { spans } = rendered(template, [ask, { role: 'assistant', content: 'A' }]);
    expect(spans.filter((span) => span.trained).map((span) => span.text)).toEqual(['A', '</s>']);
  });

  it('begins with the content where a template refuses to be asked for a prompt', () => {
    const template =
      "{% if add_generation_prompt or messages | length < 2 %}{{ raise_exception('no') }}{% endif %}" +
      "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}";
    const { spans } = rendered(template, [ask, { role: 'assistant', content: 'A' }]);
    expect(spans.filter((span) => span.trained)).toEqual([{ text: 'A', source: 'content', trained: true }]);
  });

  it('is found for text that is gathered first and printed after the loop', () => {
    const template =
      "{% set ns = namespace(out='') %}{% for m in messages %}{% set ns.out = ns.out ~ '<|' ~ m.role ~ '|>' ~ m.content ~ '</s>' %}" +
      '{% endfor %}{{ ns.out }}{% if add_generation_prompt %}<|assistant|>{% endif %}';
    const { spans } = rendered(template, [ask, { role: 'assistant', content: 'A' }, ask]);
    expect(spans.filter((span) => span.trained).map((span) => span.text)).toEqual(['A', '</s>']);
  });

  it('leaves out other text inside a turn', () => {
    const template =
      '{% for m in messages %}<{{ m.role }}>{{ documents[0].text }}{{ messages[0].content }}{{ m.content }}{% endfor %}';
    const options = { documents: [{ text: 'D' }] };
    const { spans } = rendered(template, [ask, { role: 'assistant', content: 'A' }], options);
    expect(spans.map(({ text, trained }) => [text, trained])).toEqual([
      ['<user>', false],
      ['DUU', false],
      ['<assistant>', true],
      ['DU', false],
      ['A', true],
    ]);
  });

  it('is not found where an answer is written outside its turn', () => {
    const reply = rendered('{{ messages[0].content }}|{{ messages[1].content }}', [
      ask,
      { role: 'assistant', content: 'A' },
    ]);
    expect(reply.masking).toBe('none');
    expect(reply.spans.some((span) => span.trained)).toBe(false);
    expect(text(reply.spans)).toBe('U|A');
  });

  it('follows generation blocks where there are some', () => {
    const template =
      '{% for m in messages %}{% if m.role == "assistant" %}{% generation %}{{ m.content }}{% endgeneration %}!' +
      '{% else %}{{ m.content }}{% endif %}{% endfor %}';
    const reply = rendered(template, [ask, { role: 'assistant', content: 'A' }]);
    expect(reply.masking).toBe('generation');
    expect(marks(reply.spans)).toBe('cCt');
  });
});

describe('text as Python writes it', () => {
  const printed = (template: string, variables: JsonObject = {}): string =>
    text(rendered(template, [{ role: 'user', content: 'x' }], { variables }).spans);

  it.each([
    ["{{ 1 == 1.0 }} {{ true == 1 }} {{ '1' == 1 }} {{ '' == 0 }}", 'True True False False'],
    ['{{ missing == none }} {{ missing != none }} {{ none == none }} {{ missing == absent }}', 'False True True True'],
    ["{{ [] == [] }} {{ [1, 'a'] == [1.0, 'a'] }} {{ [1, 2] == (1, 2) }} {{ [1] != [1, 2] }}", 'True True False True'],
    ["{{ {'a': [1]} == {'a': [1]} }} {{ {'a': 1} == {'b': 1} }} {{ data == {'k': 'v'} }}", 'True False True'],
    ["{% macro m() %}[{{ caller() | upper }}]{% endmacro %}{% call m() %}a{{ 'b' }}{% endcall %}", '[AB]'],
    ["{% for i in missing %}x{% else %}none{% endfor %}{% for c in 'é📈' %}{{ c }},{% endfor %}", 'noneé,📈,'],
    ['{{ 0.1 + 0.2 }} {{ -0.0 }} {{ 10 / 2 }} {{ [none, missing] }}', '0.30000000000000004 -0.0 5.0 [None, Undefined]'],
  ])('%s', (template, expected) => expect(printed(template, { data: { k: 'v' } })).toBe(expected));
});

describe('continueFinalMessage', () => {
  const chat = (content: ChatMessage['content']): ChatMessage[] => [
    { role: 'user', content: 'same' },
    { role: 'assistant', content },
  ];
  const continued = (template: string, content: ChatMessage['content']): string =>
    text(rendered(template, chat(content), { continueFinalMessage: true }).spans);

  it('ends with the content, without the spaces that the template cuts', () => {
    expect(continued(templates.ours, 'same ')).toMatch(/assistant\nsame $/);
    expect(continued(templates.mistral, 'same ')).toMatch(/\[\/INST\] same$/);
    expect(
      continued(templates.gemma, [
        { type: 'text', text: 'one' },
        { type: 'text', text: 'two ' },
      ]),
    ).toMatch(/onetwo$/);
  });

  it('refuses a content that the template leaves out', () => {
    const request = renderRequest('{{ messages[0].content }}', chat('gone'), { continueFinalMessage: true });
    expect(renderChat(request)).toMatchObject({ ok: false, kind: 'dropped' });
  });
});

const namespaceLoop = (start: string, step: string, after = ''): string =>
  `{% set ns = namespace(x=${start}) %}{% for i in range(60) %}{% set ns.x = ${step} %}{% endfor %}${after}`;

const deepList = (use: string): string =>
  `{% set ns = namespace(x=[]) %}{% for i in range(100) %}{% set ns.x = [ns.x] %}{% endfor %}${use}`;

describe('hostile templates', () => {
  it.each([
    ['loops', '{% for a in range(60000) %}{% for b in range(60000) %}{% endfor %}{% endfor %}'],
    ['ranges', '{{ range(10 ** 9) | length }}'],
    ['texts that double', namespaceLoop("'ab'", 'ns.x ~ ns.x')],
    ['lists that double', namespaceLoop('[1]', 'ns.x + ns.x')],
    ['lists of themselves as JSON', namespaceLoop('[1]', '[ns.x, ns.x]', '{{ ns.x | tojson }}')],
    ['lists of themselves as text', namespaceLoop('[1]', '[ns.x, ns.x]', '{{ ns.x }}')],
    ['deep lists as JSON', deepList('{{ ns.x | tojson }}')],
    ['deep lists as text', deepList('{{ ns.x }}')],
    ['deep lists compared', deepList('{{ ns.x == ns.x }}{{ [ns.x] == ns.x }}')],
    ['replacements', "{% set x = range(60000) | join('aaaaaa') %}{{ x | replace('a', x) }}"],
    ['joins', "{% set x = range(60000) | join('aaaaaa') %}{{ range(60000) | join(x) }}"],
    [
      'splits',
      "{% set x = range(60000) | join('aa') %}{% for i in range(60000) %}{% set y = x.split('a') %}{% endfor %}",
    ],
    ['joined characters', "{% set x = range(60000) | join('aaaaaa') %}{{ x | join(x) }}"],
    ['characters', "{% set x = range(60000) | join('aaaaaa') %}{% for c in x %}{% endfor %}"],
    [
      'splits by name',
      "{% set x = range(60000) | join('aaaaaa') %}{% for i in range(9) %}{% set y = x['split']('a') %}{% endfor %}",
    ],
    ['indented lines', "{% set x = range(60000) | join('\n') %}{{ x | indent(64) | indent(64) | indent(64) }}"],
    ['macros that call themselves', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}'],
    ['depth', `${'{% if 1 %}'.repeat(500)}${'{% endif %}'.repeat(500)}`],
  ])('are stopped: %s', (_, template) => {
    expect(failure(template)).toMatchObject({ kind: 'limit' });
  });

  it.each([
    ['{{ [1] | tojson(indent=100000000) }}', /at most 64/],
    ["{{ [1, 2] | tojson(separators=('x' * 3, ':')) }}", /Unknown operator/],
    ["{{ 'a\nb' | indent(width=100000000) }}", /at most 64/],
    ['{{ messages.constructor("return process")() }}', /not a function/],
    ['{{ "".constructor.constructor("return process")() }}', /not a function/],
    ['{{ range.constructor("return process")() }}', /not a function/],
    ['{{ messages[0].__proto__.x.y() }}', /not a function/],
    ["{% set f = 'aaa'.split %}{{ f('a') }}", /not called/],
    ['{% set f = messages[0].items %}{{ f() }}', /not called/],
  ])('fail: %s', (template, message) => {
    expect(failure(template)).toMatchObject({ kind: 'failed', message: expect.stringMatching(message) });
  });

  it.each(['{% if %}', '{{ 1', '{% include "/etc/passwd" %}', `{{ ${'('.repeat(50_000)} }}`, '{% endfor %}'])(
    'are no templates: %.40s',
    (template) => expect(failure(template)).toMatchObject({ kind: 'syntax' }),
  );

  it('see nothing of JavaScript', () => {
    const names = 'process require globalThis global module exports import console Function Object this window'.split(
      ' ',
    );
    const members = [
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'valueOf',
      'hasOwnProperty',
      '__defineGetter__',
    ];
    const template =
      names.map((name) => `{{ ${name} }}`).join('') +
      members
        .flatMap((name) => [`{{ messages.${name} }}{{ messages[0]['${name}'] }}{{ range.${name} }}{{ ''.${name} }}`])
        .join('');
    expect(rendered(template, [{ role: 'user', content: 'x' }]).spans).toEqual([]);
  });

  it('get fields called __proto__ as data', () => {
    const message = JSON.parse('{"role": "user", "content": "x", "__proto__": {"polluted": "yes"}}');
    const { spans } = rendered("{{ messages[0]['__proto__'].polluted }}{{ messages[0].polluted }}", [message]);
    expect(spans).toEqual([{ text: 'yes', source: 'content', trained: false }]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('say in their own words why they refuse a conversation', () => {
    expect(failure("{{ raise_exception('Only ' ~ messages[0].role) }}")).toEqual({
      ok: false,
      kind: 'raised',
      message: 'Only user',
    });
  });
});

describe('the same request', () => {
  it('gives the same reply, down to where it is stopped', () => {
    const request: RenderRequest = renderRequest(templates.llama3, [{ role: 'user', content: 'x' }], {
      now: 86_400_000,
    });
    expect(renderChat(request)).toEqual(renderChat(request));
    expect(JSON.stringify(renderChat(request))).toContain('02 Jan 1970');
    const costly = namespaceLoop("'ab'", 'ns.x ~ ns.x');
    expect(failure(costly)).toEqual(failure(costly));
  });
});
