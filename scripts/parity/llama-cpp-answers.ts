import { fileURLToPath } from 'node:url';
import { askProgram } from './ask-program.ts';
import type { Answer } from './request.ts';

export interface LogitsAnswer extends Answer {
  /** Behind each token of the text, [tokens, vocabulary]. */
  readonly logits: Float32Array;
}

/**
 * @param llama a folder in which `npm install node-llama-cpp` was run
 * @param cacheType of keys and values
 */
export function llamaCppAnswers(llama: string, path: string, cacheType: 'F16' | 'F32'): readonly LogitsAnswer[] {
  const program = fileURLToPath(new URL('../llama-cpp.mjs', import.meta.url));
  const answers = askProgram<Answer & { readonly logits: string }>(process.execPath, [program, llama, path, cacheType]);
  return answers.map((answer) => {
    const bytes = Uint8Array.from(Buffer.from(answer.logits, 'base64'));
    return { ...answer, logits: new Float32Array(bytes.buffer) };
  });
}
