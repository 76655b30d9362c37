/** The metadata in front of a model card, in the hub's fields: https://huggingface.co/docs/hub/model-cards */
import { looksLikeHubId, parseHubId } from '../../checkpoint/hub/hub-id.ts';
import { visible } from '../../report/visible.ts';
import { isContrastiveStage, setsOf } from '../stage.ts';
import type { RunSummary, TaskFigure } from '../summary.ts';

/** What is not known is left out, but for the licence: the hub has a word for one that is not known. */
export function cardMetadata(summary: RunSummary): object {
  const { recipe, base, measurements } = summary;
  const { license = 'unknown', licenseName, datasets = [] } = base.card ?? {};
  const last = measurements.at(-1);
  const languages = languagesOf(summary);
  return {
    license,
    ...(licenseName !== undefined && { license_name: licenseName }),
    ...baseModelOf(summary),
    ...(languages.length > 0 && { language: languages }),
    ...(makesVectors(summary)
      ? { library_name: 'sentence-transformers', pipeline_tag: 'sentence-similarity' }
      : { library_name: 'transformers', pipeline_tag: textTask(summary) }),
    tags: ['finery', 'finance', ...(usesInvented(summary) ? ['finworld', 'synthetic'] : [])],
    ...(datasets.length > 0 && { datasets }),
    'model-index': [
      {
        name: recipe.name,
        results: [
          ...(last?.tasks ?? []).flatMap((figure) =>
            taskResult(figure, makesVectors(summary) ? 'sentence-similarity' : textTask(summary)),
          ),
          ...(last?.sets ?? []).map(({ name, value }) => ({
            task: { type: textTask(summary) },
            dataset: { name: visible(name), type: visible(name) },
            metrics: [{ type: 'bits_per_byte', name: 'Bits per byte', value: rounded(value) }],
          })),
        ],
      },
    ],
  };
}

/** Whether the last model of a run is one of vectors. */
export function makesVectors({ recipe, measurements }: RunSummary): boolean {
  const last = recipe.stages.find(({ name }) => name === measurements.at(-1)?.at);
  return last !== undefined && isContrastiveStage(last);
}

/** What the hub calls a model that writes text. */
const textTask = ({ base }: RunSummary): string => (base.isTextToText ? 'text2text-generation' : 'text-generation');

function taskResult({ task, metric, value }: TaskFigure, type: string): object[] {
  if (value === null) return [];
  return [
    {
      task: { type },
      dataset: { name: visible(task), type: visible(task) },
      metrics: [{ type: visible(metric), name: visible(metric), value: rounded(value) }],
    },
  ];
}

/** What the last model came from; of a merge all that it was made of. Folders have no name that the hub could link to. */
function baseModelOf({ base, measurements, merges }: RunSummary): object {
  const merge = merges.find(({ name }) => name === measurements.at(-1)?.at);
  const names = [base.description, ...(merge?.models ?? [])].map(hubNameOf).filter((name) => name !== undefined);
  const relation = { base_model_relation: merge === undefined ? 'finetune' : 'merge' };
  if (names.length === 0) return merge === undefined ? {} : relation;
  return { base_model: merge === undefined ? names[0] : [...new Set(names)], ...relation };
}

/** `owner/name`; undefined for a folder, which the hub could not link to. */
function hubNameOf(description: string): string | undefined {
  if (!looksLikeHubId(description)) return undefined;
  try {
    return parseHubId(description).name;
  } catch {
    return undefined;
  }
}

type DataSource = RunSummary['recipe']['data'][string];

/** Those that the base tells of, and those of invented text. */
function languagesOf({ base, recipe }: RunSummary): string[] {
  const invented = learntSources(recipe).flatMap((source) => {
    if ('finworld' in source) return ['en'];
    return 'finworld_questions' in source ? source.finworld_questions.kinds.map(languageOfKind) : [];
  });
  return [...new Set([...(base.card?.languages ?? []), ...invented])];
}

const languageOfKind = (kind: string): string => /_(zh|ja)$/.exec(kind)?.[1] ?? 'en';

const usesInvented = ({ recipe }: RunSummary): boolean =>
  learntSources(recipe).some((source) => 'finworld' in source || 'finworld_questions' in source);

function learntSources({ stages, data }: RunSummary['recipe']): DataSource[] {
  return [...new Set(stages.flatMap(setsOf))].filter((name) => Object.hasOwn(data, name)).map((name) => data[name]);
}

const rounded = (value: number): number => Number(value.toFixed(4));
