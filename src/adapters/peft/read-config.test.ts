import { expect, it } from 'vitest';
import { readAdapter } from './read-adapter.ts';
import { readPeftConfig } from './read-config.ts';

const golden = (name: string): string => new URL(`../../../test/golden/${name}`, import.meta.url).pathname;

it('reads what an adapter is, and says where there is none', async () => {
  expect((await readPeftConfig(golden('adapters/dora'))).settings.method).toBe('dora');
  for (const folder of [golden('encoders/bge'), golden('nowhere')]) {
    await expect(readAdapter(folder)).rejects.toThrow(/adapter_config.json: found no such file, expected an adapter/);
  }
});
