/** Token sequences in the order in which those that begin alike are neighbours. */

/** As `Array.sort` takes it. */
export function compareTokens(a: readonly number[], b: readonly number[]): number {
  const shared = sharedBeginning(a, b);
  if (shared === a.length || shared === b.length) return a.length - b.length;
  return a[shared] - b[shared];
}

/** How many tokens both begin with. */
export function sharedBeginning(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
