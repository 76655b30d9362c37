/**
 * Whether work is linear in the size of what it is given: for tests that refuse quadratic readers of hostile text. What is
 * compared is processor time at two sizes, so that neither a slow machine nor one that is busy elsewhere can fail a test.
 */

/** The larger text has so many times the characters of the smaller one; quadratic work takes 64 times as long. */
const GROWTH = 8;
/** Linear work takes `GROWTH` times as long; caches, collections of garbage and the compiler make it more. */
const TOLERANCE = 3;
/** Seconds that are never told from noise. */
const NOISE = 0.25;
/** What is linear is so in one of them. */
const ATTEMPTS = 3;

/**
 * @param textOf makes a text of about so many UTF-16 units
 * @param length that of the smaller text
 * @param secondsOf what reading a text costs; default processor time
 */
export function isLinear(
  read: (text: string) => void,
  textOf: (length: number) => string,
  length: number,
  secondsOf = processorSeconds,
): boolean {
  const [small, large] = [textOf(length), textOf(GROWTH * length)];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const allowed = TOLERANCE * GROWTH * secondsOf(read, small) + NOISE;
    if (secondsOf(read, large) <= allowed) return true;
  }
  return false;
}

function processorSeconds(read: (text: string) => void, text: string): number {
  const before = process.cpuUsage();
  read(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
