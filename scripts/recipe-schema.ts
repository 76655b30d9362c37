/** Writes `recipes/schema.json`, which editors check recipes against: `npx tsx scripts/recipe-schema.ts`. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { publishedSchema } from '../src/recipe/json-schema.ts';

const path = fileURLToPath(new URL('../recipes/schema.json', import.meta.url));
writeFileSync(path, JSON.stringify(publishedSchema()));
execFileSync('npx', ['biome', 'format', '--write', path], { stdio: 'inherit' });
