/**
 * Templates of task files, rendered for many documents at once in a worker thread with a deadline: task files are programs
 * of strangers as chat templates are, and run under the same bounds (`src/tokenizer/chat/`).
 */
import { InputError, UsageError } from '../../../errors.ts';
import { TemplateWorker, WorkerStoppedError } from '../../../tokenizer/chat/template-worker.ts';
import type { DocumentsReply, DocumentsRequest } from './render-documents.ts';

export interface NamedTemplate {
  /** The field of the task file that it comes from. */
  readonly field: string;
  readonly source: string;
}

/** Many enough that compiling and sending do not count, few enough for a deadline to mean something. */
const BATCH = 256;
const DEADLINE_MS = 20_000;

export class TemplateRenderer {
  readonly #worker: TemplateWorker<DocumentsRequest, DocumentsReply>;
  readonly #file: string;

  /** @param file the task file, for messages */
  constructor(file: string) {
    this.#file = file;
    this.#worker = new TemplateWorker(new URL('./documents-worker.js', import.meta.url), DEADLINE_MS);
  }

  /**
   * For each document a text for each template.
   * @param nameOf says which document is meant, in messages
   * @throws UsageError for a template that is wrong in itself, InputError for a document that it does not fit.
   */
  async render(
    templates: readonly NamedTemplate[],
    documents: readonly Readonly<Record<string, unknown>>[],
    nameOf: (document: number) => string,
  ): Promise<readonly (readonly string[])[]> {
    const texts: (readonly string[])[] = [];
    const sources = templates.map(({ source }) => source);
    for (let start = 0; start < documents.length; start += BATCH) {
      const reply = await this.#send({ templates: sources, documents: documents.slice(start, start + BATCH) });
      if (!reply.ok) throw this.#explain(reply, templates, (document) => nameOf(start + document));
      texts.push(...reply.texts);
    }
    return texts;
  }

  close(): Promise<void> {
    return this.#worker.close();
  }

  async #send(request: DocumentsRequest): Promise<DocumentsReply> {
    try {
      return await this.#worker.render(request);
    } catch (cause) {
      if (!(cause instanceof WorkerStoppedError)) throw cause;
      throw new UsageError(
        {
          field: this.#file,
          found: `templates that are not done in time for ${request.documents.length} documents: ${cause.message}`,
          expected: 'templates that only write text',
          fix: 'Remove loops that do not end soon.',
        },
        { cause },
      );
    }
  }

  #explain(
    { template, document, message }: DocumentsReply & { readonly ok: false },
    templates: readonly NamedTemplate[],
    nameOf: (document: number) => string,
  ): UsageError | InputError {
    const field = `${this.#file}: ${templates[template].field}`;
    if (document === undefined) {
      const fix = 'Correct the template.';
      return new UsageError({ field, found: `a template that cannot be read (${message})`, expected: 'Jinja', fix });
    }
    return new InputError({
      field,
      found: `an error for ${nameOf(document)}: ${message}`,
      expected: 'a template that fits every document',
      fix: 'Correct the template or the document; "is defined" asks whether a field is there.',
    });
  }
}
