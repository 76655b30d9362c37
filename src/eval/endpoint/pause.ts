import { setTimeout as delay } from 'node:timers/promises';

/** Waits; rejects with the signal's reason as soon as it is aborted. */
export async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(seconds * 1_000, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
