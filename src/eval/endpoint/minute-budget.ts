/**
 * A limit per minute, of requests or tokens: within any 60 s no more than that is spent. Who comes first is served first,
 * so that a large request is not overtaken for ever by small ones.
 */
import { pause } from './pause.ts';

export interface Spending {
  /** Puts what was really spent in the place of the estimate. */
  correct(amount: number): void;
}

interface Entry {
  readonly time: number;
  amount: number;
}

const windowSeconds = 60;

export class MinuteBudget {
  readonly #perMinute: number;
  readonly #now: () => number;
  #entries: Entry[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  /** @param now milliseconds on a clock that never goes back */
  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Waits until `amount` fits. One that never fits alone waits until nothing else counts. */
  spend(amount: number, signal: AbortSignal): Promise<Spending> {
    const spending = this.#turn.then(() => this.#spendNow(amount, signal));
    this.#turn = spending.catch(() => undefined);
    return spending;
  }

  async #spendNow(amount: number, signal: AbortSignal): Promise<Spending> {
    for (;;) {
      signal.throwIfAborted();
      const wait = this.#secondsUntilFits(amount);
      if (wait <= 0) break;
      await pause(wait, signal);
    }
    const entry: Entry = { time: this.#now(), amount };
    this.#entries.push(entry);
    return {
      correct: (real) => {
        entry.amount = real;
      },
    };
  }

  #secondsUntilFits(amount: number): number {
    const now = this.#now();
    const expiry = (entry: Entry) => (entry.time - now) / 1_000 + windowSeconds;
    this.#entries = this.#entries.filter((entry) => expiry(entry) > 0);
    let spent = this.#entries.reduce((sum, entry) => sum + entry.amount, 0);
    let wait = 0;
    for (const entry of this.#entries) {
      if (spent + amount <= this.#perMinute) break;
      spent -= entry.amount;
      wait = expiry(entry);
    }
    return wait;
  }
}
