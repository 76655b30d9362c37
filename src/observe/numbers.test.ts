import { expect, it } from 'vitest';
import { formatAmount, formatBytes, formatPlural, formatShare } from './numbers.ts';

it.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1024, '1.00 KiB'],
  [10_239, '10.0 KiB'],
  [1_048_575, '1.00 MiB'],
  [24 * 2 ** 30, '24.0 GiB'],
  [2 ** 60, '1048576 TiB'],
])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

it.each([
  [999, '999'],
  [1000, '1k'],
  [6_040_000, '6.04M'],
  [134_515_008, '135M'],
  [1_235_814_400, '1.24B'],
])('%d are %s', (value, text) => expect(formatAmount(value)).toBe(text));

it('counts one and many', () => {
  expect(formatPlural(1, 'batch', 'batches')).toBe('1 batch');
  expect(formatPlural(1200, 'batch', 'batches')).toBe('1,200 batches');
  expect(formatPlural(0, 'file')).toBe('0 files');
});

it('gives shares in percent', () => expect(formatShare(0.98765)).toBe('98.8%'));
