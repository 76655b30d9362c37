/** FinEntity (Tang et al., EMNLP 2023): the sentiment towards each entity of a piece of news. */
import { countMentions, type MentionEntity } from '../../metrics/entity-f1.ts';
import type { Document } from '../task.ts';
import { recordsField, textField } from './records.ts';
import type { Results } from './results.ts';

export function entities(news: readonly Document[]): readonly Document[] {
  return news.flatMap((piece, i) =>
    recordsField(piece, 'annotations').map((annotation) => ({
      id: `${i}/${textField(annotation, 'start')}`,
      news: String(i),
      content: textField(piece, 'content').trim(),
      entity: textField(annotation, 'value'),
      label: textField(annotation, 'label').toLowerCase(),
    })),
  );
}

/** Each piece of news once, with all its entities, each once. */
export function newsPieces(news: readonly Document[]): readonly Document[] {
  return news.map((piece, i) => {
    const named = recordsField(piece, 'annotations').map((annotation) => ({
      entity: textField(annotation, 'value'),
      label: textField(annotation, 'label').toLowerCase(),
    }));
    const once = new Map(named.map((entity) => [JSON.stringify(entity), entity]));
    return { id: String(i), content: textField(piece, 'content').trim(), entities: [...once.values()] };
  });
}

/** Precision, recall and F1 of the entities with their sentiments, over all news together; of several answers the first. */
export function foundEntities(document: Document, [answer = '']: readonly string[]): Results {
  const right = recordsField(document, 'entities').map(
    (entity): MentionEntity => ({ type: textField(entity, 'label'), text: textField(entity, 'entity') }),
  );
  const { gold, predicted, found } = countMentions(right, listedEntities(answer));
  return {
    entity_f1: { sum: 2 * found, weight: gold + predicted },
    entity_precision: { sum: found, weight: predicted },
    entity_recall: { sum: found, weight: gold },
  };
}

/** Whether a line of the answer names an entity with a sentiment. */
export const listsEntities = (answer: string): boolean => listedEntities(answer).length > 0;

const SENTIMENTS: ReadonlySet<string> = new Set(['negative', 'neutral', 'positive']);
/** Of a line; names are shorter, and more lines list nothing. */
const LONGEST = 400;
const MOST_LINES = 200;

/** Lines such as `- Acme Corp: positive`; others list nothing. */
function listedEntities(answer: string): readonly MentionEntity[] {
  const lines = answer.slice(0, LONGEST * MOST_LINES).split('\n', MOST_LINES);
  return lines.flatMap((line): MentionEntity[] => {
    const colon = line.lastIndexOf(':');
    if (colon < 0 || line.length > LONGEST) return [];
    const type = line
      .slice(colon + 1)
      .replace(/[^a-z]/gi, '')
      .toLowerCase();
    const text = line
      .slice(0, colon)
      .replace(/^\s*(?:[-*\u2022]|\d{1,3}[.)])?\s*/, '')
      .replaceAll('**', '')
      .trim();
    return SENTIMENTS.has(type) && text !== '' ? [{ type, text }] : [];
  });
}
