import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { isLinear } from '../testing/growth.ts';
import { judgeResponse, summariseVerdicts } from './follow.ts';
import { instructionKinds, readInstructions } from './read-instructions.ts';
import { OTHER_LANGUAGES } from './testing/texts.ts';
import { countCapitalWords } from './text/count-capital-words.ts';
import { countWords } from './text/count-words.ts';
import { detectLanguage } from './text/detect-language.ts';
import { countSentences } from './text/sentences.ts';

function follows(id: string, kwargs: object, response: string): boolean {
  return judgeResponse(readInstructions([id], [kwargs], 'test'), response).strict[0]!;
}

describe('instructions', () => {
  it.each([
    ['punctuation:no_comma', {}, 'none here', 'one, here'],
    ['startend:quotation', {}, ' "all of it"\n', '"not" all of it'],
    ['startend:end_checker', { end_phrase: 'The End.' }, 'so it goes. the end."', 'the end. not'],
    ['combination:repeat_prompt', { prompt_to_repeat: 'Say it.' }, '\nsay it. It.', 'I say it.'],
    ['combination:two_responses', {}, '******\na\n******\nb', 'a******a'],
    ['combination:two_responses', {}, 'a ****** b', 'a ****** ****** b'],
    ['detectable_content:number_placeholders', { num_placeholders: 2 }, '[[a] [b]', '[a [b]'],
    ['detectable_content:postscript', { postscript_marker: 'P.P.S' }, 'x\nP. P.S all', 'x\nP.S. all'],
    ['detectable_content:postscript', { postscript_marker: 'N.B.' }, 'x n.b. y', 'x nxby'],
    ['detectable_format:constrained_response', {}, '* My answer is no.', 'My answer is: no.'],
    ['detectable_format:json_format', {}, '```json\n{"a": [1]}\n```', '```python\n{}\n```'],
    [
      'detectable_format:multiple_sections',
      { section_spliter: 'Part', num_sections: 2 },
      'Part 1\nPart2',
      'part 1\nPart 2',
    ],
    ['detectable_format:number_bullet_lists', { num_bullets: 2 }, '* a\n\n  - b', '* a\n** b'],
    ['detectable_format:number_highlighted_sections', { num_highlights: 2 }, '**a** or *b* or *c*', '*a* or * *'],
    ['detectable_format:title', {}, 'A\n<<<b>>>', '<<\n>> <<>>'],
    ['keywords:existence', { keywords: ['c++', 'Salt'] }, 'SALTY C++', 'salt c'],
    ['keywords:frequency', { keyword: 'aa', frequency: 2, relation: 'at least' }, 'aaAA', 'aaa'],
    ['keywords:forbidden_words', { forbidden_words: ['salt', 'c++'] }, 'salty c++', 'no Salt!'],
    ['keywords:letter_frequency', { letter: '#', let_frequency: 2, let_relation: 'less than' }, '#', '##'],
    ['language:response_language', { language: 'de' }, OTHER_LANGUAGES.de![1]!, OTHER_LANGUAGES.fr![1]!],
    ['length_constraints:number_words', { num_words: 3, relation: 'less than' }, 'one-two', "it's one"],
    ['length_constraints:number_sentences', { num_sentences: 2, relation: 'at least' }, 'A. The end', 'Dr. Li'],
    ['length_constraints:number_paragraphs', { num_paragraphs: 2 }, '***\na *** b', 'a\n\nb'],
    [
      'length_constraints:nth_paragraph_first_word',
      { num_paragraphs: 2, nth_paragraph: 2, first_word: 'so' },
      'a\n\n"So, b',
      'a\n\nb',
    ],
    [
      'change_case:capital_word_frequency',
      { capital_frequency: 2, capital_relation: 'at least' },
      'THE RAIN, falls',
      "'THE' rain",
    ],
    ['change_case:english_capital', {}, 'THE RAIN IS ON THE HILL', 'LA LLUVIA ESTÁ EN LOS CAMPOS'],
    ['change_case:english_lowercase', {}, 'the rain is on the hill', 'The rain is on the hill'],
  ])('%s %j is followed by %j and not by %j', (id, kwargs, good, bad) => {
    expect([follows(id, kwargs, good), follows(id, kwargs, bad)]).toEqual([true, false]);
  });

  it('are all tested above', () => {
    expect(instructionKinds.size).toBe(25);
  });

  it('are followed by no response that is empty', () => {
    const kwargs = { let_relation: 'less than', let_frequency: 9, letter: 'a' };
    for (const nothing of ['', ' \n\u2003', '\x1c']) {
      expect(follows('keywords:letter_frequency', kwargs, nothing)).toBe(false);
      expect(judgeResponse(readInstructions(['punctuation:no_comma'], [{}], 'test'), nothing).loose).toEqual([false]);
    }
  });
});

describe('loose verdicts', () => {
  const loosely = (id: string, response: string): boolean =>
    judgeResponse(readInstructions([id], [{}], 'test'), response).loose[0]!;

  it('forgive a first line, a last line and asterisks, together too', () => {
    expect(loosely('startend:quotation', 'Sure:\n"text"')).toBe(true);
    expect(loosely('startend:quotation', '"text"\nBye.')).toBe(true);
    expect(loosely('startend:quotation', 'Sure:\n**"text"**\nBye.')).toBe(true);
    expect(loosely('startend:quotation', 'Sure:\n\nwell:\n"text"')).toBe(false);
    expect(loosely('startend:quotation', 'Sure: "text"')).toBe(false);
  });

  it('need something that is left', () => {
    expect(loosely('punctuation:no_comma', 'one, line')).toBe(false);
    expect(loosely('punctuation:no_comma', '1,\n2,')).toBe(false);
  });
});

describe('accuracy', () => {
  it('counts prompts and instructions', () => {
    const verdicts = [
      { strict: [true, false], loose: [true, true] },
      { strict: [true], loose: [true] },
      { strict: [false], loose: [false] },
    ];
    expect(summariseVerdicts(verdicts)).toEqual({
      promptStrict: 1 / 3,
      promptLoose: 2 / 3,
      instructionStrict: 2 / 4,
      instructionLoose: 3 / 4,
      prompts: 3,
      instructions: 4,
    });
    expect(summariseVerdicts([]).promptStrict).toBeNaN();
  });
});

describe('reading', () => {
  it.each<[string, unknown, unknown]>([
    ['p.instruction_id_list: found "x"', 'x', []],
    ['p.kwargs: found []', ['punctuation:no_comma'], []],
    ['p.instruction_id_list.0: found "no"', ['no'], [{}]],
    ['p.instruction_id_list.0: found "constructor"', ['constructor'], [{}]],
    ['p.kwargs.0: found null', ['punctuation:no_comma'], [null]],
    ['p.kwargs.0: found {"letter":"a"}', ['punctuation:no_comma'], [{ letter: 'a' }]],
    ['p.kwargs.0.num_words: found nothing', ['length_constraints:number_words'], [{ relation: 'at least' }]],
    ['p.kwargs.0.num_words: found 0', ['length_constraints:number_words'], [{ num_words: 0, relation: 'at least' }]],
    ['p.kwargs.0.relation: found "most"', ['length_constraints:number_words'], [{ num_words: 1, relation: 'most' }]],
    ['p.kwargs.0.keywords.1: found " "', ['keywords:existence'], [{ keywords: ['a', ' '] }]],
    [
      'p.kwargs.0.letter: found "ab"',
      ['keywords:letter_frequency'],
      [{ letter: 'ab', let_frequency: 1, let_relation: 'at least' }],
    ],
    [
      'p.kwargs.0.nth_paragraph: found 3',
      ['length_constraints:nth_paragraph_first_word'],
      [{ num_paragraphs: 2, nth_paragraph: 3, first_word: 'a' }],
    ],
  ])('refuses %s', (message, ids, kwargs) => {
    expect(() => readInstructions(ids, kwargs, 'p')).toThrow(InputError);
    expect(() => readInstructions(ids, kwargs, 'p')).toThrow(message);
  });

  it('takes null for absent', () => {
    expect(readInstructions(['punctuation:no_comma'], [{ letter: null, keywords: null }], 'p')).toHaveLength(1);
  });
});

describe('counting', () => {
  it.each([
    ['Dr. Li met Mr. J. Doe at 5 p.m. on Jan. 3. They left.', 2],
    ['One... two... The third.', 2],
    ['"Is it?" he asked. (Yes!) So "it is."', 4],
    ['1. One\n2. Two\n3. Three', 4],
    ['no mark\nat all', 1],
    ['1. one, 2. two', 1],
    ['It costs 3.50 at finery.example!', 1],
    ['The U.S. army and e.g. the U.K. navy, etc. and so on', 1],
    ['What?! No!! Stop.', 3],
    ['**Bold.** Next', 2],
  ])('sentences of %j', (text, sentences) => {
    expect(countSentences(text)).toBe(sentences);
  });

  it.each([
    ["I CAN'T, he said: CANNOT", 5],
    ['NASA-JPL and R&D in the U.S.', 4],
    ['**BOLD** A1 2B 33', 3],
    ['ABC’S, IT’S', 4],
  ])('words in capitals of %j', (text, words) => {
    expect(countCapitalWords(text)).toBe(words);
  });

  it('words as the benchmark does', () => {
    expect(countWords("don't co-operate: हिन्दी 漢字 3.5 _x_")).toBe(11);
  });
});

describe('languages', () => {
  it.each(Object.entries(OTHER_LANGUAGES))('%s', (language, sentences) => {
    for (const sentence of sentences) expect(detectLanguage(sentence)).toBe(language);
    expect(detectLanguage(sentences.join(' ').toUpperCase())).toBe(language);
  });

  it('English in capitals, with names, in code', () => {
    expect(detectLanguage('THE BOAT CAME BACK')).toBe('en');
    expect(detectLanguage('Brand: Korvid, Style: V 980, Capacity: 2TB')).toBe('en');
    expect(detectLanguage('def total(items):\n    return sum(items)')).toBe('en');
  });

  it('none without letters, undetermined in other scripts', () => {
    expect(detectLanguage('1 + 1 = 2 🙂')).toBeUndefined();
    expect(detectLanguage('ᚠᚢᚦᚨᚱᚲ')).toBe('und');
    expect(detectLanguage('这座塔里有很多盐。')).toBe('zh');
  });
});

describe('hostile responses', () => {
  const all = [
    ['change_case:capital_word_frequency', { capital_frequency: 3, capital_relation: 'at least' }],
    ['change_case:english_capital', {}],
    ['change_case:english_lowercase', {}],
    ['combination:repeat_prompt', { prompt_to_repeat: 'a'.repeat(1_000) }],
    ['combination:two_responses', {}],
    ['detectable_content:number_placeholders', { num_placeholders: 3 }],
    ['detectable_content:postscript', { postscript_marker: 'P.P.S' }],
    ['detectable_format:constrained_response', {}],
    ['detectable_format:json_format', {}],
    ['detectable_format:multiple_sections', { section_spliter: 'a', num_sections: 3 }],
    ['detectable_format:number_bullet_lists', { num_bullets: 3 }],
    ['detectable_format:number_highlighted_sections', { num_highlights: 3 }],
    ['detectable_format:title', {}],
    ['keywords:existence', { keywords: ['(a+)+$', 'aaaaaaaaab'] }],
    ['keywords:forbidden_words', { forbidden_words: ['(a+)+$', 'aaaaaaaaab'] }],
    ['keywords:frequency', { keyword: 'aaaaaaaaab', frequency: 3, relation: 'at least' }],
    ['keywords:letter_frequency', { letter: 'a', let_frequency: 3, let_relation: 'at least' }],
    ['language:response_language', { language: 'en' }],
    ['length_constraints:nth_paragraph_first_word', { num_paragraphs: 2, nth_paragraph: 2, first_word: 'a' }],
    ['length_constraints:number_paragraphs', { num_paragraphs: 3 }],
    ['length_constraints:number_sentences', { num_sentences: 3, relation: 'at least' }],
    ['length_constraints:number_words', { num_words: 3, relation: 'at least' }],
    ['punctuation:no_comma', {}],
    ['startend:end_checker', { end_phrase: 'a'.repeat(1_000) }],
    ['startend:quotation', {}],
  ] as const;
  const instructions = readInstructions(
    all.map(([id]) => id),
    all.map(([, kwargs]) => kwargs),
    'test',
  );

  it.each([
    'a',
    ' ',
    '\n',
    '\t \n',
    '*',
    '* ',
    '**a',
    '[',
    '[a',
    '<',
    '<<',
    '>>',
    '"',
    "'",
    '.',
    '. ',
    '?!',
    'A.',
    'a.b.',
    '-',
    '- \n',
    '***',
    '******',
    '\n\n',
    '{',
    '[[',
    "n't",
    "a's ",
    "'s",
    'p.',
    'p. ',
    '\u0000',
    '\u202e',
    '\ud800',
    '🙂',
    'अ',
    '漢',
    '1',
    '1.',
    '"a": ',
    'a\n',
    '```',
    'I ',
    '\x1c',
    'İ',
  ])('of %j again and again are checked in linear time', (unit) => {
    const textOf = (length: number): string => `a${unit.repeat(Math.ceil(length / unit.length))}b`;
    const slow = instructions.filter(({ check }) => !isLinear(check, textOf, 2 ** 15));
    expect(slow.map(({ id }) => id)).toEqual([]);
  });
});
