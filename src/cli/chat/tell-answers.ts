/** Answers on the terminal: as they come, or as one document. */
import { InterruptedError } from '../../errors.ts';
import type { Generation } from '../../generate/generation.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { GenerateFlags } from '../commands/generate.ts';
import type { Terminal } from '../terminal.ts';
import { AnswerPrinter } from './answer-printer.ts';
import { completionsDocument } from './completions-document.ts';
import { Figures } from './figures.ts';

interface Told {
  readonly prompt: readonly number[];
  readonly tokenizer: Tokenizer;
  readonly flags: GenerateFlags;
  readonly terminal: Terminal;
}

export async function tellAnswers(generation: Generation, { prompt, tokenizer, flags, terminal }: Told): Promise<void> {
  const figures = new Figures();
  const printer = new AnswerPrinter(terminal, { answers: flags.n });
  if (flags.echo && !terminal.json) await printer.begin(tokenizer.decode(prompt));
  try {
    for await (const event of generation) {
      if (event.token) figures.count();
      if (!terminal.json) await printer.add(event);
    }
    const result = await generation.result;
    if (terminal.json) {
      const document = completionsDocument(result, { tokenizer, flags, prompt });
      await terminal.write(`${JSON.stringify(document)}\n`);
    } else {
      await printer.finish();
    }
    const cut = result.completions.filter(({ finishReason }) => finishReason === 'length').length;
    terminal.talk(`${figures.format()}${cut > 0 ? '; cut off at the most tokens allowed' : ''}`);
  } catch (error) {
    if (!(terminal.signal.reason instanceof InterruptedError)) throw error;
    printer.breakOff();
    const { found } = terminal.signal.reason.problem;
    const problem = { field: 'finery generate', found: `${found} after ${figures.tokens} tokens`, expected: 'an end' };
    const fix = 'What was written stays; the same command with the same seed writes it again.';
    throw new InterruptedError({ ...problem, fix });
  }
}
