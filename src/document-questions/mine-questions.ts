/** A bounded draw of the questions that documents answer, with one document in memory at a time. See `question.ts`. */

import type { ReplyForm } from '../eval/answers/reply-forms.ts';
import { detectLanguage } from '../eval/instructions/text/detect-language.ts';
import { type DrawCounts, KindDraw } from './kind-draw.ts';
import type { DocumentQuestion, DocumentQuestionKind } from './question.ts';
import { read } from './reading.ts';
import { piecesOf } from './text/pieces.ts';

export interface SourceDocument {
  readonly id: string;
  readonly text: string;
  /** Questions about it are measured, and never learnt. */
  readonly isHeldOut: boolean;
}

export interface MiningOptions {
  readonly kinds: readonly DocumentQuestionKind[];
  /** Of each kind at most. */
  readonly questions: number;
  readonly heldOutQuestions: number;
  /** Each question asks for a reply in one of these; without any, the answer alone is the reply. */
  readonly forms?: readonly ReplyForm[];
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onDocument?: (documents: number) => void;
}

export interface MinedQuestions {
  /** By kind, in the order of the kinds asked for. */
  readonly train: readonly DocumentQuestion[];
  readonly heldOut: readonly DocumentQuestion[];
  readonly documents: number;
  /** Documents that are not in English, of which nothing is asked: the rules are those of English. */
  readonly notEnglish: number;
  readonly counts: readonly KindCounts[];
}

interface KindCounts {
  readonly kind: DocumentQuestionKind;
  readonly train: DrawCounts;
  readonly heldOut: DrawCounts;
}

/** What is held out is drawn first: a training question about the same, in another document, is left out. */
export async function mineQuestions(
  documents: AsyncIterable<SourceDocument> | Iterable<SourceDocument>,
  { kinds, questions, heldOutQuestions, forms, seed, signal, onDocument }: MiningOptions,
): Promise<MinedQuestions> {
  const draws = kinds.map((kind) => ({
    kind,
    train: new KindDraw(kind, { most: questions, forms, seed }),
    heldOut: new KindDraw(kind, { most: heldOutQuestions, forms, seed }),
  }));
  let [seen, notEnglish] = [0, 0];
  for await (const { id, text, isHeldOut } of documents) {
    signal?.throwIfAborted();
    seen++;
    onDocument?.(seen);
    if (detectLanguage(text) !== 'en') {
      notEnglish++;
      continue;
    }
    for (const piece of piecesOf(text)) {
      const reading = read(piece);
      for (const draw of draws) (isHeldOut ? draw.heldOut : draw.train).collect(reading, id);
    }
  }
  const asked = draws.map((draw) => {
    const heldOut = draw.heldOut.questions();
    return { heldOut, train: draw.train.questions(new Set(heldOut.keys())) };
  });
  return {
    train: asked.flatMap(({ train }) => [...train.values()]),
    heldOut: asked.flatMap(({ heldOut }) => [...heldOut.values()]),
    documents: seen,
    notEnglish,
    counts: draws.map(({ kind, train, heldOut }) => ({ kind, train: train.counts, heldOut: heldOut.counts })),
  };
}
