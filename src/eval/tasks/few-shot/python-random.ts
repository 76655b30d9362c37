/**
 * Python's `random.Random`: the generator and the way from its numbers to a sample, so that the examples drawn are those
 * that lm-evaluation-harness draws.
 *
 * Matsumoto, Nishimura: Mersenne Twister: A 623-dimensionally equidistributed uniform pseudorandom number generator, ACM
 * TOMACS 8 (1998): MT19937 with the seeding by array of 2002. Seeds and samples as CPython has them since 3.2.
 */

const N = 624;
const M = 397;

export class PythonRandom {
  readonly #state = new Uint32Array(N);
  #next = N;

  /** @param seed a non-negative safe integer, as in `Random(seed)` */
  constructor(seed: number) {
    const high = Math.floor(seed / 2 ** 32);
    this.#seedBy(high > 0 ? [seed >>> 0, high] : [seed >>> 0]);
  }

  /**
   * `random.sample(population, k)`: `k` members without repetition, in the order drawn.
   * @throws RangeError if there are not so many.
   */
  sample<T>(population: readonly T[], k: number): T[] {
    const n = population.length;
    if (k < 0 || k > n) throw new RangeError(`a sample of ${k} from ${n}`);
    // A table of 21 and more is cheaper than a set of those taken; CPython's choice between both decides what is drawn.
    const setSize = 21 + (k > 5 ? 4 ** Math.ceil(log(k * 3, 4)) : 0);
    const drawn: T[] = [];
    if (n <= setSize) {
      const pool = [...population];
      for (let i = 0; i < k; i++) {
        const at = this.below(n - i);
        drawn.push(pool[at]);
        pool[at] = pool[n - i - 1];
      }
      return drawn;
    }
    const taken = new Set<number>();
    while (drawn.length < k) {
      const at = this.below(n);
      if (taken.has(at)) continue;
      taken.add(at);
      drawn.push(population[at]);
    }
    return drawn;
  }

  /** A whole number from 0 to `n - 1`, for `n` up to 2**31: `_randbelow_with_getrandbits`. */
  below(n: number): number {
    const bits = 32 - Math.clz32(n);
    for (;;) {
      const value = this.#next32() >>> (32 - bits);
      if (value < n) return value;
    }
  }

  /** `init_by_array` of the reference implementation. */
  #seedBy(key: readonly number[]): void {
    const mt = this.#state;
    mt[0] = 19650218;
    for (let i = 1; i < N; i++) mt[i] = Math.imul(1812433253, mt[i - 1] ^ (mt[i - 1] >>> 30)) + i;
    let i = 1;
    let j = 0;
    for (let k = Math.max(N, key.length); k > 0; k--) {
      mt[i] = (mt[i] ^ Math.imul(mt[i - 1] ^ (mt[i - 1] >>> 30), 1664525)) + key[j] + j;
      if (++i >= N) {
        mt[0] = mt[N - 1];
        i = 1;
      }
      if (++j >= key.length) j = 0;
    }
    for (let k = N - 1; k > 0; k--) {
      mt[i] = (mt[i] ^ Math.imul(mt[i - 1] ^ (mt[i - 1] >>> 30), 1566083941)) - i;
      if (++i >= N) {
        mt[0] = mt[N - 1];
        i = 1;
      }
    }
    mt[0] = 0x80000000;
    this.#next = N;
  }

  #next32(): number {
    if (this.#next >= N) this.#twist();
    let y = this.#state[this.#next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #twist(): void {
    const mt = this.#state;
    for (let i = 0; i < N; i++) {
      const y = (mt[i] & 0x80000000) | (mt[(i + 1) % N] & 0x7fffffff);
      mt[i] = mt[(i + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}

/** As CPython's `math.log(x, base)`, whose rounding decides the table's size. */
function log(x: number, base: number): number {
  return Math.log(x) / Math.log(base);
}
