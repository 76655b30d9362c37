import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readBaseCard } from './base-card.ts';

const folder = mkdtempSync(join(tmpdir(), 'finery-card-'));
afterAll(() => rmSync(folder, { recursive: true }));

const nothing = { languages: [], datasets: [] };

it.each([
  ['---\nlicense: mit\nlanguage: en\n---\n# A model', { ...nothing, license: 'mit', languages: ['en'] }],
  [
    '---\r\nlicense: other\r\nlicense_name: own\r\nlanguage: [en, zh]\r\ndatasets:\r\n- a/b\r\n---\r\n',
    { license: 'other', licenseName: 'own', languages: ['en', 'zh'], datasets: ['a/b'] },
  ],
  ['# No metadata\n---\n', nothing],
  ['---\nlicense: [a, b]\nlanguage: {en: 1}\ndatasets: ["<script>", 7, a/c]\n---\n', { ...nothing, datasets: ['a/c'] }],
  ['---\n{ not yaml\n---\n', nothing],
  ['---\na: &a x\nlanguage: *a\n---\n', nothing],
  ['---\njust a sentence\n---\n', nothing],
])('reads what a card tells and forgives the rest: %j', async (text, card) => {
  writeFileSync(join(folder, 'README.md'), text);
  expect(await readBaseCard(folder)).toEqual(card);
});

it('goes without a card', async () => {
  mkdirSync(join(folder, 'empty', 'README.md'), { recursive: true });
  expect(await readBaseCard(join(folder, 'empty'))).toEqual(nothing);
  expect(await readBaseCard(join(folder, 'not there'))).toEqual(nothing);
});
