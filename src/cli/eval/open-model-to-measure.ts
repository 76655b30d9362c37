/** MODEL of `finery eval`: a folder on this machine, or a server. */
import type { LanguageModel } from '../../eval/model/language-model.ts';
import type { EvalFlags } from '../commands/eval.ts';
import type { Terminal } from '../terminal.ts';

type Flags = Pick<EvalFlags, 'precision' | 'threads' | 'context' | 'apiKey'>;

/** @throws UsageError or InputError for a checkpoint or a server that cannot be used */
export async function openModelToMeasure(name: string, flags: Flags, terminal: Terminal): Promise<LanguageModel> {
  const { signal } = terminal;
  if (name.startsWith('openai:')) {
    const { openEndpoint } = await import('../../eval/endpoint/open-endpoint.ts');
    const model = await openEndpoint(name, { apiKeyVariable: flags.apiKey, contextLength: flags.context, signal });
    if (model.scoringLimitation !== undefined) terminal.warn(model.scoringLimitation);
    return model;
  }
  const { openLocalModel } = await import('../../eval/model/local-model.ts');
  const { precision, threads, context } = flags;
  terminal.talk(`loading ${name}`);
  return openLocalModel(name, { precision, threads, context, signal, onWarning: (text) => terminal.warn(text) });
}
