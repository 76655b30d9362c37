/** FinEntity (Tang et al., EMNLP 2023): the sentiment towards each entity of a piece of news. */
import type { Document } from '../task.ts';
import { recordsField, textField } from './records.ts';

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
