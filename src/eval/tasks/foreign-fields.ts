/** Fields of lm-evaluation-harness that mean nothing here: refused with the reason, or accepted with a warning, never silent. */
import { UsageError } from '../../errors.ts';

interface Refused {
  readonly reason: string;
  readonly fix: string;
}

const REFUSED: Readonly<Record<string, Refused>> = {
  custom_dataset: { reason: 'code that makes documents', fix: 'Write the documents to a file and name it.' },
  use_prompt: { reason: 'a prompt of another package', fix: 'Write it out in doc_to_text and doc_to_target.' },
  doc_to_image: { reason: 'pictures', fix: 'Choose a task in text.' },
  doc_to_audio: { reason: 'sound', fix: 'Choose a task in text.' },
  task_list: { reason: 'several tasks in one file', fix: 'Write a file for each task, and a group.' },
  'dataset_kwargs.data_dir': { reason: 'a folder of files', fix: 'Name the files of each split in data_files.' },
  'generation_kwargs.top_k': { reason: 'sampling among the k likeliest tokens', fix: 'Use top_p or temperature.' },
  'generation_kwargs.num_beams': { reason: 'beam search', fix: 'Remove it: answers are decoded or sampled once.' },
  'generation_kwargs.max_new_tokens': { reason: 'another name of the limit', fix: 'Write max_gen_toks.' },
  'generation_kwargs.max_length': { reason: 'a limit that counts the prompt', fix: 'Write max_gen_toks.' },
};

const IGNORED: Readonly<Record<string, string>> = {
  'dataset_kwargs.trust_remote_code': 'no code of a data set is ever run',
  'dataset_kwargs.streaming': 'files are always read from the beginning to the end of a split',
};

/**
 * The document without the fields that are only warned about.
 * @param place names a path as messages should
 * @throws UsageError for a field that cannot be honoured.
 */
export function withoutForeignFields(
  document: Readonly<Record<string, unknown>>,
  place: (path: readonly string[]) => string,
): { readonly document: Readonly<Record<string, unknown>>; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const visit = (value: Readonly<Record<string, unknown>>, above: readonly string[]): Record<string, unknown> => {
    const kept: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(value)) {
      const path = [...above, key];
      const name = path.join('.');
      if (Object.hasOwn(REFUSED, name)) {
        const { reason, fix } = REFUSED[name];
        throw new UsageError({
          field: place(path),
          found: `a field of lm-evaluation-harness (${reason})`,
          expected: 'a task without it',
          fix,
        });
      }
      if (Object.hasOwn(IGNORED, name)) warnings.push(`${place(path)} has no effect: ${IGNORED[name]}.`);
      else kept[key] = above.length === 0 && isObject(inner) ? visit(inner, path) : inner;
    }
    return kept;
  };
  return { document: visit(document, []), warnings };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
