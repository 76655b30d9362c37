/** Whether the arrays of a model's parameters find room: told before they are filled, which would end the process in the middle. */
import { UsageError } from '../errors.ts';
import { formatBytes } from '../observe/numbers.ts';

/**
 * @param field names the model in the error
 * @param bytes that its arrays take
 * @param available bytes of memory that are free
 * @throws UsageError with both numbers
 */
export function requireWeightMemory(field: string, bytes: number, available = process.availableMemory()): void {
  if (bytes <= available) return;
  throw new UsageError({
    field,
    found: `weights of ${formatBytes(bytes)}`,
    expected: `at most the ${formatBytes(available)} that are free`,
    fix: 'Use a smaller model or a machine with more memory.',
  });
}
