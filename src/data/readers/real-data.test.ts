import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDocuments } from './read-documents.ts';
import { readRecords } from './read-records.ts';
import { expandSources } from './sources.ts';

/** Public data beside the repository, on machines that have it. */
const DATA = join(import.meta.dirname, '../../../../shared/data');

/** Files that hold one object rather than records. */
const NOT_RECORDS = new Set(['manifest.json', 'models/gpt2_tokenizer/encoder.json', 'eval/bbh_dev.json']);

describe.runIf(existsSync(DATA))('readers on real data', () => {
  it('opens every file of its formats without an error', async () => {
    const { files } = await expandSources('.', DATA);
    const records = readRecords(
      files.map(({ path }) => path).filter((path) => !NOT_RECORDS.has(path.slice(DATA.length + 1))),
      { root: DATA },
    );
    const endings = new Set<string>();
    for await (const { source } of records) endings.add(/\.[a-z]+(\.gz)?$/.exec(source)?.[0] ?? '');
    expect([...endings].sort()).toEqual(['.csv', '.csv.gz', '.json', '.jsonl', '.jsonl.gz', '.tsv', '.txt']);
    expect(records.report).toMatchObject({ files: files.length - NOT_RECORDS.size, skipped: 0 });
    expect(records.report.records).toBeGreaterThan(50_000);
  });

  it('refuses the files that are not records, by name', async () => {
    for (const name of NOT_RECORDS) {
      if (!existsSync(join(DATA, name))) continue;
      const read = async () => {
        for await (const _ of readDocuments(name, { root: DATA })) break;
      };
      await expect(read()).rejects.toThrow(name);
    }
  });

  it('reads the documents of the corpora', async () => {
    const documents = readDocuments('corpus/finance/*.jsonl.gz', { root: DATA });
    let characters = 0;
    const ids = new Set<string>();
    for await (const { text, id } of documents) {
      characters += text.length;
      ids.add(id);
    }
    expect(documents.report).toMatchObject({ files: 9, skipped: 0, empty: 0 });
    expect(ids.size).toBe(documents.report.records);
    expect(characters).toBeGreaterThan(30e6);
  });
});
