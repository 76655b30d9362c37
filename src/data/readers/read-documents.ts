/** Documents of data files: records whose text field is what a model will read. */

import { type DataRecord, type Document, type ReadOptions, recordId } from './document.ts';
import { describe } from './json-object.ts';
import { eachRecord, type Reading, type Reject, reading } from './read-records.ts';
import { TEXT_FIELD } from './text.ts';

export interface ReadDocumentsOptions extends ReadOptions {
  /** Field or column that holds the text. Default `text`. Plain text files have no fields and need none. */
  readonly textField?: string;
}

/**
 * Reads the documents of files, folders or glob patterns: `.jsonl`, `.json`, `.txt`, `.csv`, `.tsv` (each also with `.gz`) and
 * `.parquet`, in a fixed order and with bounded memory. A text of white space only is left out and counted in
 * `report.empty`. Errors are those of `readRecords`; a text field that is missing or not a string is one of them.
 */
export function readDocuments(
  sources: string | readonly string[],
  { textField = TEXT_FIELD, ...options }: ReadDocumentsOptions = {},
): Reading<Document> {
  return reading((report) =>
    eachRecord(sources, options, report, (record, reject) => {
      const document = documentOf(record, textField, reject);
      if (document === undefined || document.text.trim() !== '') return document;
      report.empty++;
      return undefined;
    }),
  );
}

function documentOf(record: DataRecord, textField: string, reject: Reject): Document | undefined {
  const { fields, source, line } = record;
  const field = /\.txt(\.gz)?$/i.test(source) ? TEXT_FIELD : textField;
  const { [field]: text, ...metadata } = fields;
  if (typeof text !== 'string') {
    const missing = !Object.hasOwn(fields, field);
    const names = Object.keys(fields)
      .slice(0, 20)
      .map((name) => `'${name}'`);
    reject({
      line,
      found: missing
        ? `no field '${field}' among ${names.join(', ') || 'no fields'}`
        : `${describe(text)} in '${field}'`,
      expected: `text in the field '${field}'`,
      fix: "Set textField to the field that holds the text, or set onBadLine to 'skip'.",
    });
    return undefined;
  }
  // Half of a surrogate pair has no UTF-8 form: what a tokenizer makes of it could not be turned back into this text.
  if (/\p{Surrogate}/u.test(text)) {
    reject({ line, found: `half of a surrogate pair in '${field}'`, expected: 'well-formed Unicode' });
    return undefined;
  }
  return { id: recordId(record), text, source, line, metadata };
}
