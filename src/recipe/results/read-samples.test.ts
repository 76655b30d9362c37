import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { logSamples } from '../../stages/samples/sample-log.ts';
import { sample } from '../report/testing/synthetic-run.ts';
import { readSamples } from './read-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'finery-samples-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('reads the first and the last samples of a stage as they were written', async () => {
  const path = join(folder, 'samples.jsonl');
  const said = (step: number, text: string) => ({ ...sample(step, [text], [0.5]), weights_of_step: step });
  for (const step of [0, 5, 9]) await logSamples(path, [said(step, `at ${step}`), said(step, 'again')], { step });
  const texts = (await readSamples(path)).map(({ step, text }) => [step, text]);
  expect(texts).toEqual([
    [0, 'at 0'],
    [0, 'again'],
    [9, 'at 9'],
    [9, 'again'],
  ]);
});

it('leaves out what is no sample, and goes without a file', async () => {
  const path = join(folder, 'broken.jsonl');
  const good = JSON.stringify(sample(0, ['a'], [0.5]));
  writeFileSync(path, `${good}\n{"step":-1}\nnull\n{"torn":`);
  expect(await readSamples(path)).toHaveLength(1);
  expect(await readSamples(join(folder, 'nothing'))).toEqual([]);
});
