/**
 * `multi_choice_regex`: the letter that answers a multiple-choice question. First the pattern; then the text of a choice,
 * wherever it stands; then a letter after a colon. The latter two give `(B)`, as upstream.
 */
import type { Filter } from './filters.ts';
import { type PythonPattern, pythonPattern } from './python-pattern.ts';
import type { Settings } from './settings.ts';

export function multipleChoicePattern(settings: Settings): Filter {
  const pattern = pythonPattern(settings.text('regex_pattern', String.raw`#### (\-?[0-9\.\,]+)`), settings.field);
  const select = settings.integer('group_select', 0);
  const fallback = settings.text('fallback', '[invalid]');
  const ignoresCase = settings.flag('ignore_case');
  const ignoresPunctuation = settings.flag('ignore_punctuation');
  const ignored = settings.texts('regexes_to_ignore').map((source) => pythonPattern(source, settings.field));

  const plain = (text: string): string => {
    let kept = ignored.reduce((rest, one) => one.remove(rest), text);
    if (ignoresCase) kept = kept.toLowerCase();
    return ignoresPunctuation ? kept.replace(/\p{P}/gu, '') : kept;
  };
  const chosen = (one: PythonPattern, text: string): string => {
    const match = one.findAll(text).at(select);
    return ((typeof match === 'string' ? match : match?.find((group) => group !== '')) ?? '').trim();
  };

  return (answers, options) => {
    const letters = options.map((_, i) => String.fromCharCode(65 + i));
    const texts = options.map((option) => plain(option.trim()));
    const afterColon = letters.length === 0 ? undefined : pythonPattern(`:[\\s]*([${letters.join('')}])`, 'options');
    const byText = (answer: string): string => {
      const place = occurrences(plain(answer), texts).at(select);
      return place === undefined ? '' : `(${letters[place]})`;
    };
    return answers.map(({ text }) => {
      const letter = afterColon === undefined ? '' : chosen(afterColon, text);
      const match = chosen(pattern, text) || byText(text) || (letter && `(${letter})`);
      return match === '' ? { text: fallback, found: false } : { text: match, found: true };
    });
  };
}

/**
 * Which choice stands at each place of the text, from left to right without overlap: at one place the longest, since one
 * may begin with another, and of choices with the same text the last, as upstream.
 */
function occurrences(text: string, choices: readonly string[]): number[] {
  const byLength = choices.map((_, place) => place).sort((a, b) => choices[b].length - choices[a].length || b - a);
  const found: number[] = [];
  for (let at = 0; at < text.length; ) {
    const choice = byLength.find((place) => choices[place] !== '' && text.startsWith(choices[place], at));
    if (choice !== undefined) found.push(choice);
    at += choice === undefined ? 1 : choices[choice].length;
  }
  return found;
}
