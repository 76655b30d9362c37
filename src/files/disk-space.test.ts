import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { explainDiskFull, requireDiskSpace } from './disk-space.ts';

describe('requireDiskSpace', () => {
  it('accepts what fits, also below folders that do not exist yet', async () => {
    await requireDiskSpace(join(tmpdir(), 'not', 'there', 'yet'), 1);
  });

  it('refuses what cannot fit, with both numbers', async () => {
    await expect(requireDiskSpace(tmpdir(), 2 ** 52)).rejects.toThrow(
      /found \d+ bytes free on its disk, expected at least 4503599627370496 bytes/,
    );
  });
});

describe('explainDiskFull', () => {
  it('translates a full disk and nothing else', () => {
    for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG']) {
      const full = Object.assign(new Error('write failed'), { code });
      expect(explainDiskFull('out', full), code).toBeInstanceOf(UsageError);
    }
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' });
    expect(explainDiskFull('out', denied)).toBe(denied);
    expect(explainDiskFull('out', 'text')).toBe('text');
  });
});
