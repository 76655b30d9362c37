/** The questions of one kind about one part of the documents, drawn while these are read. */
import { createHash } from 'node:crypto';
import { REPLY_FORMS, type ReplyForm } from '../eval/answers/reply-forms.ts';
import { stream } from '../random/stream.ts';
import { drawOptions, shuffled } from './draw-options.ts';
import { draftClozes } from './kinds/cloze.ts';
import { draftDefinedTerms } from './kinds/defined-term.ts';
import { draftNextSentences } from './kinds/next-sentence.ts';
import { draftTerms } from './kinds/term.ts';
import { draftTitles } from './kinds/title.ts';
import { Lowest } from './lowest.ts';
import { type DocumentQuestion, type DocumentQuestionKind, type Draft, OPTIONS } from './question.ts';
import type { Reading } from './reading.ts';
import { writePrompt } from './write-prompt.ts';

const DRAFTERS: Readonly<Record<DocumentQuestionKind, (reading: Reading) => Iterable<Draft>>> = {
  term: draftTerms,
  defined_term: draftDefinedTerms,
  cloze: draftClozes,
  next_sentence: draftNextSentences,
  title: draftTitles,
};

/** What became of what was found; the rest was not drawn. */
export interface DrawCounts {
  /** Differ from each other, as far as they were held at the same time. */
  readonly found: number;
  readonly repeated: number;
  /** Of those that were drawn, for want of wrong options. */
  readonly withoutOptions: number;
  /** Of those that were drawn, because the other part asks the same. */
  readonly inOtherPart: number;
  readonly kept: number;
}

interface Found {
  readonly draft: Draft;
  readonly document: string;
  /** Wrong options from its own document. */
  readonly wrong: readonly string[];
}

interface DrawOptions {
  readonly most: number;
  /** Replies are asked for in one of these each. */
  readonly forms?: readonly ReplyForm[];
  readonly seed: number;
}

/** Answers of other documents that may be wrong options. */
const MAX_SHARED = 2000;

export class KindDraw {
  readonly kind: DocumentQuestionKind;
  readonly #forms: readonly ReplyForm[];
  readonly #seed: number;
  readonly #drawn: Lowest<Found>;
  readonly #answers = new Lowest<string>(MAX_SHARED);
  #counts = { found: 0, repeated: 0, withoutOptions: 0, inOtherPart: 0, kept: 0 };

  constructor(kind: DocumentQuestionKind, { most, forms = [], seed }: DrawOptions) {
    this.kind = kind;
    this.#forms = forms;
    this.#seed = seed;
    this.#drawn = new Lowest(most);
  }

  collect(reading: Reading, document: string): void {
    for (const draft of DRAFTERS[this.kind](reading)) {
      const key = this.#keyOf(draft.core);
      if (this.#drawn.has(key)) {
        this.#counts.repeated++;
        continue;
      }
      this.#counts.found++;
      if (draft.others?.alsoElsewhere) this.#answers.add(this.#keyOf(draft.answer), draft.answer);
      if (!this.#drawn.wants(key)) continue;
      const wrong = drawOptions(draft, draft.others?.from ?? [], stream(this.#seed, 'options', key));
      if (wrong.length < OPTIONS - 1 && draft.others?.alsoElsewhere === false) this.#counts.withoutOptions++;
      else this.#drawn.add(key, { draft, document, wrong });
    }
  }

  /** By their keys, which are equal where two questions ask about the same; those of `except` are left out. */
  questions(except: ReadonlySet<string> = new Set()): ReadonlyMap<string, DocumentQuestion> {
    const shared = this.#answers.entries().map(([, answer]) => answer);
    const asked = new Map<string, DocumentQuestion>();
    for (const [key, found] of this.#drawn.entries()) {
      const question = except.has(key) ? undefined : this.#ask(key, found, shared);
      if (question !== undefined) asked.set(key, question);
      else if (except.has(key)) this.#counts.inOtherPart++;
      else this.#counts.withoutOptions++;
    }
    this.#counts.kept = asked.size;
    return asked;
  }

  get counts(): DrawCounts {
    return { ...this.#counts };
  }

  #ask(key: string, { draft, document, wrong }: Found, shared: readonly string[]): DocumentQuestion | undefined {
    const random = stream(this.#seed, 'question', key);
    const { kind, answer, others } = draft;
    const all = others?.alsoElsewhere ? drawOptions(draft, [shared], random, wrong) : wrong;
    if (others !== undefined && all.length < OPTIONS - 1) return undefined;
    const { options, gold } = others === undefined ? { options: [], gold: 0 } : shuffled(answer, all, random);
    const question = { id: `${kind}/${key}`, kind, document, options, gold, answer };
    const form = this.#formOf(key, answer);
    const prompt = writePrompt(draft, { options, form }, random);
    return form === undefined ? { ...question, prompt } : { ...question, prompt, form };
  }

  /**
   * From a stream of its own: with and without forms, the same is asked in the same words. Where the answer cannot be read
   * back from the form, one of the others; none where there is no other.
   */
  #formOf(key: string, answer: string): ReplyForm | undefined {
    const random = stream(this.#seed, 'form', key);
    const forms = [...this.#forms];
    while (forms.length > 0) {
      const [form] = forms.splice(random.below(forms.length), 1);
      if (REPLY_FORMS[form].read(REPLY_FORMS[form].write(answer)) !== undefined) return form;
    }
    return undefined;
  }

  #keyOf(core: string): string {
    const plain = core.toLowerCase().replace(/\s+/g, ' ');
    return createHash('sha256')
      .update(JSON.stringify([this.#seed, this.kind, plain]))
      .digest('hex')
      .slice(0, 32);
  }
}
