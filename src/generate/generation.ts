/** A request under way, as its caller sees it: pieces as they come, and the whole in the end. */
import type { GenerationEvent, GenerationResult } from './request.ts';

export class Generation implements AsyncIterable<GenerationEvent> {
  /** Rejects with the signal's reason if the request is cancelled. */
  readonly result: Promise<GenerationResult>;
  readonly #cancel: () => void;
  readonly #events: GenerationEvent[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #error: unknown;
  #resolve!: (result: GenerationResult) => void;
  #reject!: (error: unknown) => void;

  /** @param cancel tells the generator that nobody wants the rest */
  constructor(cancel: () => void) {
    this.#cancel = cancel;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever only reads the pieces gets the error there.
    this.result.catch(() => {});
  }

  /** @internal */
  emit(event: GenerationEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  /** @internal */
  finish(result: GenerationResult): void {
    this.#ended = true;
    this.#resolve(result);
    this.#wake?.();
  }

  /** @internal */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#reject(error);
    this.#wake?.();
  }

  /** Cancels the request. */
  cancel(): void {
    this.#cancel();
  }

  /** To be read once. Leaving the loop early cancels the request. */
  async *[Symbol.asyncIterator](): AsyncGenerator<GenerationEvent> {
    try {
      for (;;) {
        while (this.#events.length > 0) yield this.#events.shift()!;
        if (this.#error !== undefined) throw this.#error;
        if (this.#ended) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      if (!this.#ended) this.#cancel();
    }
  }
}
