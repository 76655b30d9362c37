import { fileURLToPath } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import { openModel } from './open-model.ts';

const nano = fileURLToPath(new URL('../../assets/nano', import.meta.url));

afterEach(() => vi.restoreAllMocks());

it('refuses weights that do not fit into memory, before they are read and before they are frozen', async () => {
  const available = vi.spyOn(process, 'availableMemory').mockReturnValue(1e6);
  await expect(openModel(nano, { precision: 'f32' })).rejects.toThrow(
    /nano: found weights of .* MiB, expected at most/,
  );
  available.mockReturnValueOnce(1e9);
  await expect(openModel(nano, { precision: 'int8' })).rejects.toThrow(/nano frozen in int8: found weights of .* MiB/);
});
