/** Where a text gives its answer: behind what announces it, in a conclusion, in its last assertion. */

import type { Span } from '../reading.ts';

const NOUNS =
  '(?:final |correct |right |numerical |numeric )?(?:answers?|solution|output)|final (?:value|figure|number|amount)|(?:final |net )?results?|correct(?= ?[:=])|Antwort|Ergebnis|Lösung|Endergebnis|Réponse|Reponse|Résultat|Resultat|Respuesta|Resultado|Solución|Resposta|Risposta|Risultato|Antwoord|Resultaat|Wynik|Odpowiedź|Ответ|Результат';
const TIES =
  '["\'`]{0,2}(?:[ ]?\\([^()\\n]{0,80}\\))?(?:,[^,.\\n]{0,30},)?(?:[ ](?:for|to|of|in|from|für|de|à)[ ][^.:=\\n]{0,60}?)?' +
  '(?:[ ](?:is|was|would be|will be|should be|must be|equals|comes to|ist|lautet|beträgt|est|es|é|è)(?!\\p{L})[ ]?:?|[ ]?(?:[-=]>|→|[:=](?![=>]))|[ ][-–—](?=[ ])|[ ]?[-–—][ ]|[ \\t]*\\n|[ ]?\\|[^\\d\\n]{0,40}\\n[ |:-]{3,80}\\n|(?=[ ][-(]?[$€£]?[-(]?\\d))';
const EAST_ASIAN =
  '(?:最终|正确|最終)?(?:答案|答え|回答|解答|结果|結果|정답|답변)[」』"]?(?:应该|应)?(?:[:=]|是|为|為|は|が|은|는)[:]?|(?<![\\p{L}])(?:答|답)[ ]?[:=]';
const ANNOUNCEMENT = new RegExp(`(?<![\\p{L}\\d])(?:${NOUNS})${TIES}|${EAST_ASIAN}`, 'giu');
const HEDGE =
  /(?:(?<!\p{L})(?:if|whether|unless|suppose|assume|assuming|before|check|verify|what|that))[^.\n]{0,20}$/iu;
/** What says something about the answer, but does not give it. */
const ABOUT =
  /^[\s"']*(?:correct|right|wrong|helpful|incorrect|reasonable|consistent|based|positive|plausible|close|clear|as follows|shown|below)(?!\p{L})/iu;

export const refusesBefore = (text: string, { start, end }: Span, at: number): boolean =>
  isRefusal(text, { start, end: Math.min(end, at) });

const MAX_SLOT = 2_000;
const MAX_GAP = 200;

export interface Slot extends Span {
  /** Where the announcement begins: its words can hold the scale. */
  readonly label: number;
}

/** What follows each announcement of an answer, to the end of its sentence or of the next line with text. */
export function slots(text: string, all: readonly Span[]): Slot[] {
  const found: Slot[] = [];
  let index = 0;
  for (const match of text.matchAll(ANNOUNCEMENT)) {
    const from = match.index + match[0].length;
    if (HEDGE.test(text.slice(Math.max(0, match.index - 40), match.index))) continue;
    const gap = /^[\s|*"'`:]*/.exec(text.slice(from, from + MAX_GAP))?.[0].length ?? 0;
    const start = from + gap;
    while (index < all.length && all[index].end <= start) index++;
    const sentence = all[index];
    if (sentence === undefined || start >= text.length) {
      found.push({ label: match.index, start: text.length, end: text.length });
      continue;
    }
    const slot = {
      label: match.index,
      start: Math.max(start, sentence.start),
      end: Math.min(sentence.end, start + MAX_SLOT),
    };
    if (!ABOUT.test(text.slice(slot.start, slot.start + 40)) && !isQuestion(text, slot)) found.push(slot);
  }
  return found;
}

const isQuestion = (text: string, { end }: Span): boolean =>
  /[?？]["')\]]{0,2}$/.test(text.slice(Math.max(0, end - 3), end));

const CONCLUSION =
  /(?:^|(?<=[\s,;:—–(*]))(?:therefore|thus|hence|in conclusion|altogether|overall total|in total|so(?=[\s,])(?! far| that| called)|soit|donc|daher|folglich|somit|por lo tanto|por tanto|quindi|pertanto|portanto|dus)(?!\p{L})|^[\s*#]{0,6}(?:the )?(?:grand |sub)?(?:total|average)(?= ?[:=]| (?:is|was|of|comes)(?!\p{L})|[^.\n:=]{0,40}[:=])|因此|所以|したがって|従って|よって|故に|综上|总之|綜上|따라서/giu;
const TABLE_RESULT =
  /^[ ]{0,4}\|[ *]{0,4}(?:(?:grand )?total|results?|answer|合计|合計|总计)[^|\d\n]{0,40}\|([^\n]+)/gimu;

/** Sentences that conclude, from the word that says so on; rows of tables that are named total or result. */
export function conclusions(
  text: string,
  all: readonly Span[],
  hasNumber: (span: Span) => boolean,
): (Span & { readonly sentence: Span })[] {
  const found: (Span & { readonly sentence: Span })[] = [];
  for (const sentence of all) {
    if (isQuestion(text, sentence) || ASIDE.test(text.slice(sentence.start, sentence.start + 60))) continue;
    const last = Array.from(text.slice(sentence.start, sentence.end).matchAll(CONCLUSION)).at(-1);
    if (last === undefined) continue;
    const behind = { start: sentence.start + last.index + last[0].length, end: sentence.end };
    const span = hasNumber(behind) ? behind : { start: sentence.start, end: sentence.end };
    found.push({ ...span, sentence });
  }
  for (const { index, 0: row, 1: cells } of text.matchAll(TABLE_RESULT)) {
    const end = index + row.length;
    found.push({ start: end - cells.length, end, sentence: { start: index, end } });
  }
  return found.sort((a, b) => a.start - b.start);
}

/** Commands, offers, explanations and comparisons assert no answer. */
const ASIDE =
  /^[\s"'(*[-]{0,6}(?:please|let me know|feel free|would you|do you|note(?: that|:)|notes:|disclaimer|caveat|this (?:is not|is 2\^|means|compares|implies|suggests|indicates|assumes|represents|corresponds|reflects|is (?:higher|lower|above|below|up|down|more|less))|that means|which means|it means|i hope|hope this|if you|for (?:reference|comparison|context|example|instance)|by comparison|in comparison|confidence|refer|remember|keep in mind|sources?:|ignore|give|award|assign|grade|score this|explanation|\[\d)/i;
const UNREAL =
  /(?<!\p{L})(?:would have (?:been|given)|(?:rise|fall|change|increase|decrease) (?:in|of) [^.]{0,40} would|could be as)(?!\p{L})/iu;

export const isAside = (text: string, sentence: Span): boolean => {
  const own = text.slice(sentence.start, Math.min(sentence.end, sentence.start + MAX_SLOT));
  return isQuestion(text, sentence) || ASIDE.test(own) || UNREAL.test(own);
};

const REFUSAL =
  /(?:cannot|can['’]t|can not|could not|couldn['’]t|not possible to|impossible to|unable to|not able to)(?: be)? (?:\p{L}+ )?(?:determin|calculat|comput|answer|deriv|establish|find|provide|say|tell|be sure|infer|verif|know|estimat)|not (?:disclosed|available|provided|reported|given|stated|determinable|specified|applicable|mentioned|included)|insufficient|(?:not|n['’]t) (?:have )?(?:enough|sufficient)|(?<!\p{L})(?:unknown|undetermined|undisclosed|n\/a)(?!\p{L})|no (?:information|data|figure|answer)(?!\p{L})|does(?: not|n['’]t) (?:disclose|provide|state|say|contain|give|report)|don['’]t know|do not know|无法|無法|不能确定|未披露|不明|わかりません|分かりません|できません|nicht (?:angegeben|bestimm|bekannt|ermitteln)|ne peut pas|no se puede/iu;
export const isRefusal = (text: string, { start, end }: Span): boolean =>
  REFUSAL.test(text.slice(start, Math.min(end, start + MAX_SLOT)));

const RETRACTION =
  /(?:^|[.!?;,\n—–(-][ ]{0,2}|[。，；])(?:no[,.]? wait|wait|hold on|actually|correction|corrected|sorry|apologies|scratch that|my mistake|oops|i made (?:a|an) (?:\p{L}+ )?(?:mistake|error)|i mean[t]?|i misread|no(?=,| -| –| —)|更正|订正|訂正|不对|抱歉|いや|すみません|失礼|Korrektur|pardon)(?!\p{L})[\s,:.!—–-]{0,4}/giu;

/** Where the text behind the last retraction begins, with a number behind it. */
export function retraction(text: string, hasNumber: (span: Span) => boolean): number | undefined {
  const ends = Array.from(text.matchAll(RETRACTION), ({ index, 0: found }) => index + found.length);
  return ends.findLast((start) => hasNumber({ start, end: text.length }));
}

const CUT =
  /(?:[+*/×÷=(≈^]|(?<=\s)[-–]|[$€£¥]|(?<=\p{L}),|(?<!\p{L})(?:is|was|are|were|the|a|an|of|to|and|or|by|with|for|from|than|that|minus|plus|equals|approximately|about|at|in|be|which|so|then|will|ist|der|die|das|und|est|de|le|la|es|el)|[为は])[ \t]*\n*$/iu;
/** Whether the text ends in the middle of a sentence or an equation. */
export const isCut = (text: string): boolean => CUT.test(text.slice(-40).trimEnd());
