import { afterAll, describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../../errors.ts';
import { TemplateRenderer } from './template-renderer.ts';

const renderer = new TemplateRenderer('task.yaml');
afterAll(() => renderer.close());

const field = (source: string) => ({ field: 'doc_to_text', source });
const render = (source: string, documents: readonly Readonly<Record<string, unknown>>[]) =>
  renderer.render([field(source)], documents, (i) => `document ${i}`);

// What Jinja2 gives is in ../upstream.test.ts.
describe('TemplateRenderer', () => {
  it('renders several templates for more documents than go at once, in order', async () => {
    const documents = Array.from({ length: 600 }, (_, i) => ({ i }));
    const templates = [field('{{ i }}'), field('{{ i * 2 }}\n')];
    const texts = await renderer.render(templates, documents, String);
    expect(texts).toEqual(documents.map(({ i }) => [`${i}`, `${2 * i}\n`]));
  });

  it('names the field and the document, of whichever batch', async () => {
    const documents = Array.from({ length: 300 }, (_, i) => (i === 290 ? {} : { a: 1 }));
    const error: unknown = await render('{{ a }}', documents).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).problem).toMatchObject({
      field: 'task.yaml: doc_to_text',
      found: "an error for document 290: 'a' is undefined",
    });
    await expect(render('{{ a', [{ a: 1 }])).rejects.toThrow(UsageError);
  });

  it.each([
    ['{{ a.constructor }}', { a: {} }],
    ["{{ a['__proto__'] }}", { a: {} }],
    ['{{ constructor }}', {}],
    ['{{ a.b.c }}', { a: { b: null } }],
    ['{{ raise_exception("x") }}', {}],
    ['{% for i in range(70000) %}{% endfor %}', {}],
    ['{{ "x" * 100000000 }}', {}],
    ['{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', {}],
  ])('stops %s', async (source, document) => {
    await expect(render(source, [document])).rejects.toThrow(InputError);
  });

  it('sees a document whose names are those of the language', async () => {
    const document = { range: 'r', namespace: 'n', true: 'no', loop: 'l', __proto__x: 'p' };
    expect(await render('{{ range }} {{ namespace }} {{ true }} {{ loop }} {{ __proto__x }}', [document])).toEqual([
      ['r n True l p'],
    ]);
  });
});
