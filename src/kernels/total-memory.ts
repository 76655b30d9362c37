/** Memory that this process can have at the very most. */
import os from 'node:os';

/** Bytes. A container's limit counts where there is one; without one it is reported as 0 or as more than there is. */
export function totalMemory(): number {
  const total = os.totalmem();
  return Math.min(total, process.constrainedMemory() || total);
}
