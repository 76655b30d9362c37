/**
 * Whether an answer declines: says that it will not or cannot answer, or that what it was given does not tell. In
 * English, Chinese and Japanese, and with care: what declines and then answers all the same has answered, and what
 * declines in words not known here is not counted.
 */
import { announced, announcementPattern, bare } from '../passages.ts';
import { visibleText } from '../visible-text.ts';
import { DECLINING, DECLINING_WORDS, REFERRAL, SUPPOSED, TAKEN_BACK, TURN } from './wording.ts';

/** UTF-16 units that are read at either end of an answer: answers decline at once, or in the end. */
const REACH = 600;
const SENTENCE_END = /(?<=[.!?](?=\s|$)|[。！？!?\n])/u;
/** What others say: the words of a company are none of the model's. */
const QUOTED = /"[^"\n]{1,300}"|“[^”\n]{1,300}”|「[^」\n]{1,300}」|『[^』\n]{1,300}』/gu;

const ANNOUNCEMENT = announcementPattern({
  west: ['answer', 'result', 'conclusion'],
  east: ['答案', '答え', '回答', '結論', '结论'],
});

/** An answer of nothing, or of nothing but thoughts, declines nothing. */
export function declines(answer: string): boolean {
  const visible = visibleText(answer, { mode: 'lenient' });
  if (!visible.ok) return false;
  const text = visible.text.trim();
  const { start, end } = bare(text, { start: 0, end: text.length });
  if (end - start <= REACH && DECLINING_WORDS.test(text.slice(start, end))) return true;
  const head = text.slice(0, REACH);
  const tail = text.slice(Math.max(REACH, text.length - REACH));
  if (isAnswered(head) || isAnswered(tail)) return false;
  const ending = sentencesOf(tail === '' ? head : tail);
  return isDeclined(sentencesOf(head)) || isDeclining(ending.at(-1) ?? '');
}

/** Whether an answer is announced that does not itself decline. */
function isAnswered(text: string): boolean {
  return announced(text, ANNOUNCEMENT).some(({ start, end }) => {
    const said = bare(text, { start, end });
    const words = text.slice(said.start, said.end);
    return words !== '' && !DECLINING_WORDS.test(words) && !DECLINING.test(words) && !/^not\b/i.test(words);
  });
}

/** Whether the first sentences decline, and those after them take nothing back. */
function isDeclined(sentences: readonly string[]): boolean {
  const at = sentences.slice(0, 3).findIndex(isDeclining);
  if (at < 0) return false;
  return sentences.slice(at + 1).every((sentence) => {
    const turn = TURN.exec(sentence.slice(0, 24));
    return turn === null || isDeclining(sentence) || REFERRAL.test(sentence);
  });
}

/** Of a sentence that turns, the part behind the turn counts. */
function isDeclining(sentence: string): boolean {
  const clauses = sentence.split(new RegExp(TURN, 'giu'));
  const last = clauses.at(-1) ?? '';
  const match = DECLINING.exec(last);
  if (match === null) return false;
  const before = last.slice(0, match.index);
  return !SUPPOSED.test(before) && !TAKEN_BACK.test(last.slice(match.index + match[0].length));
}

function sentencesOf(text: string): readonly string[] {
  return text
    .replace(QUOTED, ' ')
    .split(SENTENCE_END)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}
