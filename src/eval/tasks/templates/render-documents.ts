/** Renders templates for documents, inside the worker: everything here is a pure function of the request. */
import { type CompiledTemplate, compileTemplate } from '../../../tokenizer/chat/compile-template.ts';
import { Environment, type Node } from '../../../tokenizer/chat/jinja-library.ts';
import { Limits, MAX_TEMPLATE_LENGTH } from '../../../tokenizer/chat/limits.ts';
import { range } from '../../../tokenizer/chat/python-range.ts';
import { plain } from '../../../tokenizer/chat/traced-text.ts';
import { namesIn } from './child-nodes.ts';
import { mayBeUndefined, StrictInterpreter } from './strict-interpreter.ts';

export interface DocumentsRequest {
  readonly templates: readonly string[];
  /** JSON. */
  readonly documents: readonly Readonly<Record<string, unknown>>[];
}

export type DocumentsReply =
  /** For each document a text for each template. */
  | { readonly ok: true; readonly texts: readonly (readonly string[])[] }
  /** `document` undefined: the template itself is wrong. */
  | { readonly ok: false; readonly template: number; readonly document: number | undefined; readonly message: string };

interface Prepared {
  readonly template: CompiledTemplate;
  readonly tolerated: ReadonlySet<Node>;
  readonly names: ReadonlySet<string>;
}

/** Unlike those of chats, templates of documents keep the lines of their statements. */
const SPACE = { lstrip_blocks: false, trim_blocks: false };
const CONSTANTS = { true: true, false: false, none: null, True: true, False: false, None: null };

export function renderDocuments({ templates, documents }: DocumentsRequest): DocumentsReply {
  const prepared: Prepared[] = [];
  for (const [i, source] of templates.entries()) {
    try {
      prepared.push(prepare(source));
    } catch (error) {
      return { ok: false, template: i, document: undefined, message: messageOf(error) };
    }
  }
  const texts: string[][] = [];
  for (const [at, document] of documents.entries()) {
    const row: string[] = [];
    for (const [i, template] of prepared.entries()) {
      try {
        row.push(render(template, document));
      } catch (error) {
        return { ok: false, template: i, document: at, message: messageOf(error) };
      }
    }
    texts.push(row);
  }
  return { ok: true, texts };
}

function prepare(source: string): Prepared {
  if (source.length > MAX_TEMPLATE_LENGTH) throw new Error(`is over ${MAX_TEMPLATE_LENGTH} characters`);
  // The library takes one newline from the end, which upstream keeps.
  const template = compileTemplate(source.endsWith('\n') ? `${source}\n` : source, SPACE);
  return { template, tolerated: mayBeUndefined(template.program), names: namesIn(template.program) };
}

function render({ template, tolerated, names }: Prepared, document: Readonly<Record<string, unknown>>): string {
  const globals = new Environment();
  const values: Readonly<Record<string, unknown>> = { range, ...document, ...CONSTANTS };
  // Only what the template names: documents may be long and are rendered many times.
  for (const name of names) {
    if (Object.hasOwn(values, name)) globals.setVariable(name, new Environment().set('value', values[name]));
  }
  return plain(new StrictInterpreter(template, tolerated, globals, new Limits()).render());
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
