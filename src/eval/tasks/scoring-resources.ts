/** What scoring may need beside answers: a sandbox for programs, which starts when the first one runs, and a judge. */
import type { LanguageModel } from '../model/language-model.ts';
import { PythonSandbox } from '../sandbox/python-sandbox.ts';

export interface ScoringOptions {
  /** Judges answers of tasks with a rubric. It is not closed here. */
  readonly judge?: LanguageModel;
}

export class ScoringResources {
  readonly judge: LanguageModel | undefined;
  #python: PythonSandbox | undefined;

  constructor({ judge }: ScoringOptions = {}) {
    this.judge = judge;
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
