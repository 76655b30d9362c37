/**
 * How many requests are under way at once. Additive increase, multiplicative decrease (Chiu and Jain 1989), as TCP does:
 * a round of successes allows one more, a sign of overload halves what is allowed. Requests that were under way together
 * see the same overload, so those that began before the last decrease cause no further one.
 */
export interface Slot {
  /** Called once: how the request went. `neither` for failures that say nothing about load. */
  release(result: 'success' | 'overload' | 'neither'): void;
}

interface Waiter {
  start(slot: Slot): void;
}

export class AdaptiveLimit {
  readonly #maximum: number;
  readonly #waiting = new Set<Waiter>();
  #limit: number;
  #active = 0;
  #decreases = 0;

  constructor(maximum: number, initial = Math.min(4, maximum)) {
    this.#maximum = maximum;
    this.#limit = initial;
  }

  /** Requests that may be under way now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** In the order of asking. Rejects with the signal's reason once it is aborted. */
  async acquire(signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        start: (slot) => {
          signal.removeEventListener('abort', abort);
          resolve(slot);
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(waiter);
      this.#startWaiting();
    });
  }

  #startWaiting(): void {
    for (const waiter of this.#waiting) {
      if (this.#active >= this.limit) return;
      this.#waiting.delete(waiter);
      this.#active++;
      waiter.start(this.#slot());
    }
  }

  #slot(): Slot {
    const decreasesBefore = this.#decreases;
    return {
      release: (result) => {
        this.#active--;
        if (result === 'success') this.#limit = Math.min(this.#maximum, this.#limit + 1 / this.#limit);
        if (result === 'overload' && decreasesBefore === this.#decreases) {
          this.#decreases++;
          this.#limit = Math.max(1, this.#limit / 2);
        }
        this.#startWaiting();
      },
    };
  }
}
