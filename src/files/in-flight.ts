/** Runs `work` on every item with at most `limit` at a time, starting them in order. The first failure stops new starts. */
export async function forEachInFlight<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  async function lane(): Promise<void> {
    try {
      for (let next = iterator.next(); !failed && !next.done; next = iterator.next()) await work(next.value);
    } catch (error) {
      failed = true;
      throw error;
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: limit }, lane));
  // Every lane has come to rest before the failure is passed on: nothing writes into the caller's arrays any more.
  const failure = lanes.find((lane) => lane.status === 'rejected');
  if (failure) throw failure.reason;
}
