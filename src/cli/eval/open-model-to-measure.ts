/** MODEL of `finery eval`: a folder on this machine, or a server. */
import type { LanguageModel } from '../../eval/model/language-model.ts';
import type { EvalFlags } from '../commands/eval.ts';
import { adapterFolder, modelFolder } from '../model-folder.ts';
import { wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

type ServerFlags = Pick<EvalFlags, 'apiKey' | 'requestsPerMinute' | 'tokensPerMinute' | 'prices' | 'allowPlainHttp'>;
type Flags = ServerFlags & Pick<EvalFlags, 'precision' | 'adapter' | 'threads' | 'context'>;

const isServer = (name: string): boolean => name.startsWith('openai:');

/** @throws UsageError for options of servers where none of the models is at one: they would have no effect. */
export function refuseServerFlags(flags: ServerFlags, models: readonly (string | undefined)[]): void {
  if (models.some((name) => name !== undefined && isServer(name))) return;
  const { apiKey, requestsPerMinute, tokensPerMinute, prices, allowPlainHttp } = flags;
  const given = Object.entries({
    '--api-key': apiKey,
    '--requests-per-minute': requestsPerMinute,
    '--tokens-per-minute': tokensPerMinute,
    '--prices': prices,
    '--allow-plain-http': allowPlainHttp,
  }).find(([, value]) => value !== undefined);
  if (given !== undefined) throw wrongValue(given[0], 'it for a model on this machine', 'it with openai:NAME@URL');
}

/** @throws UsageError or InputError for a checkpoint or a server that cannot be used */
export async function openModelToMeasure(name: string, flags: Flags, terminal: Terminal): Promise<LanguageModel> {
  const { signal } = terminal;
  const { precision, threads, context } = flags;
  if (isServer(name)) {
    if (flags.adapter !== undefined)
      throw wrongValue('--adapter', 'it for a model at a server', 'it for one on this machine');
    const { openEndpoint } = await import('../../eval/endpoint/open-endpoint.ts');
    const { apiKey, requestsPerMinute, tokensPerMinute, prices, allowPlainHttp } = flags;
    const model = await openEndpoint(name, {
      apiKeyVariable: apiKey,
      contextLength: context,
      requestsPerMinute,
      tokensPerMinute,
      prices,
      allowPlainHttp,
      signal,
    });
    if (context !== undefined) {
      terminal.talk(`--context at a server: prompts are as long as it says, or a token for every four bytes`);
    }
    if (model.scoringLimitation !== undefined) terminal.warn(model.scoringLimitation);
    return model;
  }
  const { openLocalModel } = await import('../../eval/model/local-model.ts');
  const folder = await modelFolder(name, terminal);
  const adapter = await adapterFolder(flags.adapter, terminal);
  terminal.talk(`loading ${name}`);
  const onWarning = (text: string) => terminal.warn(text);
  return openLocalModel(folder, { precision, adapter, threads, context, signal, onWarning });
}
