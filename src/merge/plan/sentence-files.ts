/** How the result of a merge makes vectors: as the model that leads it says, where that is a folder of sentence-transformers. */
import { readSentenceModules, sentenceModuleFiles } from '../../embed/sentence-modules.ts';
import type { Companion } from './merge-plan.ts';
import type { OpenedSource } from './tensor-sources.ts';

interface SentenceFiles {
  readonly companions: ReadonlyMap<string, Companion>;
  readonly warnings: readonly string[];
}

/** @throws as `readSentenceModules`: what a merge cannot carry on is not dropped in silence */
export async function sentenceFiles(lead: OpenedSource, sources: readonly OpenedSource[]): Promise<SentenceFiles> {
  const own = await readSentenceModules(lead.opened.folder);
  const warnings: string[] = [];
  for (const { model, opened } of sources) {
    const other = opened === lead.opened ? own : await readSentenceModules(opened.folder);
    const [found, expected] = [other, own].map((modules) => modules?.pooling ?? 'nothing');
    if (found === expected) continue;
    warnings.push(
      `${model.text} says ${found} about pooling, ${lead.model.text} says ${expected}: the result makes vectors as ${lead.model.text}.`,
    );
  }
  if (own === undefined) return { companions: new Map(), warnings };
  const files = sentenceModuleFiles(own, Number(lead.opened.config.hidden_size));
  return { companions: new Map(Object.entries(files).map(([name, content]) => [name, { content }])), warnings };
}
