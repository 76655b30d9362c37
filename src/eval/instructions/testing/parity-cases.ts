/**
 * Prompts and responses of varied quality, made by a program: what every kind of instruction asks for, done, nearly done
 * and not done. Thresholds lie close to what a response has, so that a count that is off by one changes a verdict.
 */
import { createHash } from 'node:crypto';
import { type RandomStream, stream } from '../../../random/stream.ts';
import { ENGLISH, OTHER_LANGUAGES } from './texts.ts';

export interface ParityCase {
  readonly key: string;
  readonly instruction_id_list: readonly string[];
  readonly kwargs: readonly Readonly<Record<string, unknown>>[];
  readonly response: string;
  /** What a case is known by where its text is not kept. */
  readonly fingerprint: string;
}

interface Draft {
  readonly id: string;
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly response: string;
}

type Maker = (random: Dice) => Draft;

/** Short ways to draw. */
class Dice {
  readonly #stream: RandomStream;

  constructor(random: RandomStream) {
    this.#stream = random;
  }

  /** An integer from `least` to `most`. */
  number(least: number, most: number): number {
    return least + (this.#stream.uint32() % (most - least + 1));
  }

  chance(share: number): boolean {
    return this.#stream.uint32() < share * 2 ** 32;
  }

  one<Item>(items: readonly Item[]): Item {
    return items[this.number(0, items.length - 1)]!;
  }

  some<Item>(least: number, most: number, make: () => Item): Item[] {
    return Array.from({ length: this.number(least, most) }, make);
  }

  relation(): string {
    return this.one(['less than', 'at least']);
  }

  /** Close to a number, at least 1. */
  near(value: number): number {
    return Math.max(1, value + this.number(-1, 1));
  }

  prose(least = 1, most = 6): string {
    return this.some(least, most, () => this.one(ENGLISH)).join(this.one([' ', ' ', '\n', '\n\n', '  ']));
  }

  /** Text with what responses have around it, more or less. */
  dressed(text: string): string {
    const before = this.one(['', '', '', 'Sure, here it is:\n', '\n', '  ', '**']);
    const after = this.one(['', '', '', '\nLet me know.', '\n\n', ' ', '**', '\u00a0', '\x1c']);
    return before + text + after;
  }
}

const letters = (text: string): number => text.split(/\s+/).filter((word) => /\w/.test(word)).length;

const makers: readonly Maker[] = [
  (d) => ({
    id: 'punctuation:no_comma',
    kwargs: {},
    response: d.chance(0.5) ? d.prose(1, 3).replaceAll(',', '') : d.prose(),
  }),
  (d) => {
    const response = d.one([
      d.prose(),
      d.prose().toUpperCase(),
      d.prose().replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
    ]);
    const capitals = response.match(/\b[A-Z]+\b/g)?.length ?? 0;
    const kwargs = { capital_frequency: d.near(capitals), capital_relation: d.relation() };
    return { id: 'change_case:capital_word_frequency', kwargs, response };
  },
  (d) => ({
    id: 'change_case:english_capital',
    kwargs: {},
    response: d.dressed(d.chance(0.8) ? d.prose(2, 6).toUpperCase() : d.prose()),
  }),
  (d) => ({
    id: 'change_case:english_lowercase',
    kwargs: {},
    response: d.dressed(d.chance(0.8) ? d.prose(2, 6).toLowerCase() : d.prose()),
  }),
  (d) => {
    const request = `${d.one(ENGLISH)} ${d.one(ENGLISH)}`;
    const repeated = d.one([request, request.toUpperCase(), `${request}\n`, request.replace('.', ''), `"${request}"`]);
    return {
      id: 'combination:repeat_prompt',
      kwargs: { prompt_to_repeat: request },
      response: d.dressed(`${repeated}\n\n${d.prose()}`),
    };
  },
  (d) => {
    const answer = d.prose(1, 2);
    const parts = d.some(1, 3, () => (d.chance(0.3) ? answer : d.prose(1, 2)));
    const response = parts.join(d.one(['******', '\n******\n', '\n\n******\n\n', '*****', '************']));
    return {
      id: 'combination:two_responses',
      kwargs: {},
      response: d.one(['', '', '******\n']) + response + d.one(['', '', '\n******']),
    };
  },
  (d) => {
    const marks = d.some(0, 5, () =>
      d.one(['[address]', '[full name]', '[', ']', '[]', '[a\nb]', '[[date]]', '[x] [y]']),
    );
    const response = marks.map((mark) => `${d.one(ENGLISH)} ${mark}`).join(' ') || d.prose();
    return {
      id: 'detectable_content:number_placeholders',
      kwargs: { num_placeholders: d.near(marks.length) },
      response,
    };
  },
  (d) => {
    const marker = d.one(['P.S.', 'P.P.S', 'Note:']);
    const written = d.one([marker, marker.toLowerCase(), 'P. S.', 'P.P.S.', 'P. P. S', 'PS:', 'p.p.s', '']);
    return {
      id: 'detectable_content:postscript',
      kwargs: { postscript_marker: marker },
      response: `${d.prose()}\n\n${written} ${d.one(ENGLISH)}`,
    };
  },
  (d) => {
    const answer = d.one([
      'My answer is yes.',
      'My answer is no.',
      'My answer is maybe.',
      'My answer is yes',
      'my answer is no.',
      'Yes.',
    ]);
    return { id: 'detectable_format:constrained_response', kwargs: {}, response: d.dressed(answer) };
  },
  (d) => {
    const value = { port: d.one(ENGLISH), boats: d.number(0, 9), open: d.chance(0.5), list: [1, null, 'a'] };
    const json = JSON.stringify(value, null, d.one([0, 2]));
    const broken = d.one([json, json, json.slice(0, -1), `${json},`, `${json}\n${json}`, 'NaN']);
    const [before, after] = d.one([
      ['', ''],
      ['```json\n', '\n```'],
      ['```JSON\n', '\n```'],
      ['```\n', '\n```'],
      ['Here: ', ''],
      ['```json\n', ''],
      ['```json ```', '```'],
    ]) as [string, string];
    return { id: 'detectable_format:json_format', kwargs: {}, response: `${before}${broken}${after}` };
  },
  (d) => {
    const splitter = d.one(['Section', 'SECTION', 'Day']);
    const count = d.number(0, 5);
    const headings = Array.from({ length: count }, (_, n) =>
      d.one([
        `${splitter} ${n + 1}`,
        `${splitter}${n + 1}:`,
        `**${splitter} ${n + 1}**`,
        `${splitter.toLowerCase()} ${n + 1}`,
        `${splitter}  ${n + 1}`,
        `${splitter} ${'IVXLC'[n]}`,
      ]),
    );
    return {
      id: 'detectable_format:multiple_sections',
      kwargs: { section_spliter: splitter, num_sections: d.near(count) },
      response: headings.map((heading) => `${heading}\n${d.one(ENGLISH)}`).join('\n\n') || d.prose(),
    };
  },
  (d) => {
    const count = d.number(0, 6);
    const mark = d.one(['* ', '- ', '  * ', '*', '-', '** ', '\t- ', '+ ', '*\n']);
    const list = Array.from({ length: count }, () => mark + d.one(ENGLISH)).join(d.one(['\n', '\n\n', '\n \n\n']));
    return {
      id: 'detectable_format:number_bullet_lists',
      kwargs: { num_bullets: d.near(count) },
      response:
        d.one(['', 'A list:\n', '---\n', '**Bold**\n', '\n\n']) + list + d.one(['', '\n', '\n***', '\n*']) || d.prose(),
    };
  },
  (d) => {
    const parts = d.some(0, 5, () => d.one(['*one*', '**two**', '* *', '****', '***three***', '*a\nb*', '*open']));
    return {
      id: 'detectable_format:number_highlighted_sections',
      kwargs: { num_highlights: d.near(parts.length) },
      response: parts.map((part) => `${part} ${d.one(ENGLISH)}`).join(d.one([' ', '\n'])) || d.prose(),
    };
  },
  (d) => {
    const title = d.one([
      '<<The Salt Tower>>',
      '<The Salt Tower>',
      '<< >>',
      '<<>>',
      '<<The\nTower>>',
      '<<<Tower>>>',
      '<<a> >',
      'x << 2 >> y',
      '>> <<',
      '',
    ]);
    return { id: 'detectable_format:title', kwargs: {}, response: `${title}\n\n${d.prose()}` };
  },
  (d) => {
    const words = d.some(1, 3, () => d.one(['harbour', 'salt', 'plan', 'The', 'market', 'sell', 'tower', 'zebra']));
    return {
      id: 'keywords:existence',
      kwargs: { keywords: words },
      response: d.chance(0.5)
        ? `${d.prose()} ${words.map((word) => d.one([word, word.toUpperCase(), `${word}s`])).join(' ')}`
        : d.prose(),
    };
  },
  (d) => {
    const word = d.one(['salt', 'the', 'is', 'we']);
    const response = `${d.prose()} ${d.some(0, 4, () => d.one([word, word.toUpperCase(), `un${word}ed`])).join(' ')}`;
    const found = response.toLowerCase().split(word).length - 1;
    return {
      id: 'keywords:frequency',
      kwargs: { keyword: word, frequency: d.near(found), relation: d.relation() },
      response,
    };
  },
  (d) => {
    const words = d.some(1, 3, () => d.one(['salt', 'the', 'is', 'was', 'coffee', 'plan']));
    const response = d.chance(0.5)
      ? d
          .some(1, 4, () => d.one(ENGLISH.filter((text) => !words.some((word) => text.toLowerCase().includes(word)))))
          .join(' ')
      : d.prose();
    return {
      id: 'keywords:forbidden_words',
      kwargs: { forbidden_words: words },
      response: response + d.one(['', ` ${words[0]}s`, ` _${words[0]}_`, ` ${words[0]}-like`, ` é${words[0]}`]),
    };
  },
  (d) => {
    const letter = d.one(['a', 'e', 'q', 'Z', 's']);
    const response = d.prose();
    const found = response.toLowerCase().split(letter.toLowerCase()).length - 1;
    return {
      id: 'keywords:letter_frequency',
      kwargs: { letter, let_frequency: d.near(found), let_relation: d.relation() },
      response,
    };
  },
  (d) => {
    const language = d.one(Object.keys(OTHER_LANGUAGES));
    const written = d.chance(0.6) ? language : d.one(Object.keys(OTHER_LANGUAGES));
    const text = d.chance(0.1) ? d.prose(2, 6) : OTHER_LANGUAGES[written]!.join(' ');
    return { id: 'language:response_language', kwargs: { language }, response: text };
  },
  (d) => {
    const response = d.prose(2, 7);
    return {
      id: 'length_constraints:number_words',
      kwargs: { num_words: d.near(letters(response) + d.number(-2, 4)), relation: d.relation() },
      response,
    };
  },
  (d) => {
    const response = d.prose(2, 7);
    return {
      id: 'length_constraints:number_sentences',
      kwargs: { num_sentences: d.near(response.split(/[.?!](?=\s|$)/).length - 1), relation: d.relation() },
      response,
    };
  },
  (d) => {
    const parts = d.some(1, 5, () => (d.chance(0.1) ? '' : d.one(ENGLISH)));
    const response =
      d.one(['', '', '***\n']) +
      parts.join(d.one(['\n***\n', '***', '\n\n***\n\n', ' *** ', '\n****\n', '\n* * *\n'])) +
      d.one(['', '', '\n***']);
    return { id: 'length_constraints:number_paragraphs', kwargs: { num_paragraphs: d.near(parts.length) }, response };
  },
  (d) => {
    const count = d.number(1, 5);
    const nth = d.number(1, count);
    const word = d.one(['Summary', 'the', 'firms']);
    const start = d.one([
      word,
      word.toUpperCase(),
      `"${word}"`,
      `'${word},`,
      `${word}:`,
      `**${word}**`,
      `${word}'s`,
      d.one(ENGLISH),
    ]);
    const parts = Array.from({ length: count }, (_, n) =>
      n === nth - 1 ? `${start} ${d.one(ENGLISH)}` : d.one(ENGLISH),
    );
    const response =
      d.one(['', '', '\n\n', '\n']) +
      parts.join(d.one(['\n\n', '\n\n', '\n\n\n', '\n\n\n\n', '\n'])) +
      d.one(['', '\n\n']);
    return {
      id: 'length_constraints:nth_paragraph_first_word',
      kwargs: { num_paragraphs: d.chance(0.8) ? count : count + 1, nth_paragraph: nth, first_word: word },
      response,
    };
  },
  (d) => {
    const ending = d.one(['Is there anything else?', 'That is all', 'thanks.']);
    return {
      id: 'startend:end_checker',
      kwargs: { end_phrase: ending },
      response: `${d.prose()} ${d.one([ending, ending.toUpperCase(), `${ending}"`, `${ending} Bye.`, `${ending}\n`, `${ending}*`, ''])}`,
    };
  },
  (d) => {
    const [before, after] = d.one([
      ['"', '"'],
      ['"', ''],
      ['', '"'],
      ['“', '”'],
      [' "', '"\n'],
      ['"', '".'],
      ['**"', '"**'],
    ]) as [string, string];
    return { id: 'startend:quotation', kwargs: {}, response: d.chance(0.05) ? '"' : before + d.prose() + after };
  },
];

const SEED = 20_261_121;
const EACH = 24;
const MIXED = 150;

/** `EACH` cases of each kind, then cases with several instructions for the response of one of them. */
export function parityCases(): readonly ParityCase[] {
  const single = makers.flatMap((make, kind) =>
    Array.from({ length: EACH }, (_, n) => {
      const { id, kwargs, response } = make(new Dice(stream(SEED, 'single', kind, n)));
      return { key: `${id}/${n}`, instruction_id_list: [id], kwargs: [kwargs], response };
    }),
  );
  const mixed = Array.from({ length: MIXED }, (_, n) => {
    const dice = new Dice(stream(SEED, 'mixed', n));
    const drafts = dice.some(2, 3, () => dice.one(makers)(dice));
    return {
      key: `mixed/${n}`,
      instruction_id_list: drafts.map(({ id }) => id),
      kwargs: drafts.map(({ kwargs }) => kwargs),
      response: dice.one([drafts[0]!.response, drafts.map((draft) => draft.response).join('\n\n')]),
    };
  });
  return [...single, ...mixed].map((one) => ({ ...one, fingerprint: fingerprint(one) }));
}

function fingerprint({ instruction_id_list, kwargs, response }: Omit<ParityCase, 'fingerprint'>): string {
  return createHash('sha256')
    .update(JSON.stringify([instruction_id_list, kwargs, response]))
    .digest('hex')
    .slice(0, 16);
}
