/** Counts what was sent and received, and what it cost. */
import type { Usage } from '../model/language-model.ts';

/** US dollars per million tokens. */
export interface Prices {
  readonly prompt: number;
  readonly answer: number;
}

export interface TokenCounts {
  readonly promptTokens: number;
  readonly answerTokens: number;
}

export class UsageMeter {
  readonly #prices: Prices | undefined;
  #requests = 0;
  #cached = 0;
  #promptTokens = 0;
  #answerTokens = 0;

  constructor(prices: Prices | undefined) {
    this.#prices = prices;
  }

  /** A request went out; attempts count, since servers count them. */
  sent(): void {
    this.#requests++;
  }

  answeredFromCache(): void {
    this.#cached++;
  }

  received({ promptTokens, answerTokens }: TokenCounts): void {
    this.#promptTokens += promptTokens;
    this.#answerTokens += answerTokens;
  }

  usage(): Usage {
    const [promptTokens, answerTokens] = [this.#promptTokens, this.#answerTokens];
    const cost = this.#prices && (promptTokens * this.#prices.prompt + answerTokens * this.#prices.answer) / 1e6;
    return {
      requests: this.#requests,
      cached: this.#cached,
      promptTokens,
      answerTokens,
      ...(cost !== undefined && { cost }),
    };
  }
}
