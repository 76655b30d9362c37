import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { SamplePrompt } from '../../stages/samples/sample-prompts.ts';
import { sample } from '../report/testing/synthetic-run.ts';
import { hashOfPrompt, keepSamples, readKeptSamples } from './kept-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'finery-samples-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('reads what was kept, leaves out what is no sample, and goes without a file', async () => {
  expect((await readKeptSamples(folder)).size).toBe(0);
  const samples = new Map(['a', 'b'].map((asked) => [asked, sample([asked, ' word'], [0.5, 0.25])]));
  await keepSamples(folder, samples);
  appendFileSync(join(folder, 'samples.jsonl'), '{"asked":"c"}\nnull\n{"torn":');
  expect(await readKeptSamples(folder)).toEqual(samples);
});

it('knows a prompt by all that its answer depends on, and by nothing else', () => {
  const prompt: SamplePrompt = {
    source: 'chats',
    text: 'Why?',
    ids: [1, 2],
    expected: null,
    maxTokens: 8,
    endIds: [0],
    tools: [],
  };
  const same = { ...prompt, source: 'others', text: 'Why ?', expected: 'So.', ids: Int32Array.of(1, 2) };
  expect(hashOfPrompt(same)).toBe(hashOfPrompt(prompt));
  const others: SamplePrompt[] = [
    { ...prompt, ids: [1, 3] },
    { ...prompt, maxTokens: 9 },
    { ...prompt, endIds: [] },
    { ...prompt, tools: ['calculator'] },
  ];
  expect(new Set([prompt, ...others].map(hashOfPrompt)).size).toBe(5);
});
