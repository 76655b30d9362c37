/** How fast an answer came. */
import { formatPlural } from '../../observe/numbers.ts';

export class Figures {
  readonly #start: number;
  readonly #now: () => number;
  #first: number | undefined;
  #last = 0;
  #tokens = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#start = now();
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** A token has come. */
  count(): void {
    this.#last = this.#now();
    this.#first ??= this.#last;
    this.#tokens++;
  }

  /** `24 tokens, 93.1 tokens/s, first after 50 ms`; the speed is that of the tokens after the first. */
  format(): string {
    if (this.#first === undefined) return formatPlural(0, 'token');
    const parts = [formatPlural(this.#tokens, 'token')];
    const seconds = (this.#last - this.#first) / 1000;
    if (seconds > 0) parts.push(`${((this.#tokens - 1) / seconds).toFixed(1)} tokens/s`);
    parts.push(`first after ${formatMilliseconds(this.#first - this.#start)}`);
    return parts.join(', ');
  }
}

const formatMilliseconds = (ms: number): string => (ms < 999.5 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`);
