/** What scoring may need beside answers: a sandbox for programs, which starts when the first one runs, and a judge. */
import type { LanguageModel } from '../model/language-model.ts';
import { PythonSandbox } from '../sandbox/python-sandbox.ts';

export interface ScoringOptions {
  /** Judges answers of tasks with a rubric. It is not closed here. */
  readonly judge?: LanguageModel;
  /** Ends what the judge is asked. */
  readonly signal?: AbortSignal;
}

export class ScoringResources {
  readonly judge: LanguageModel | undefined;
  readonly signal: AbortSignal | undefined;
  #python: PythonSandbox | undefined;

  constructor({ judge, signal }: ScoringOptions = {}) {
    this.judge = judge;
    this.signal = signal;
  }

  python(): PythonSandbox {
    this.#python ??= new PythonSandbox();
    return this.#python;
  }

  async close(): Promise<void> {
    await this.#python?.close();
    this.#python = undefined;
  }
}
