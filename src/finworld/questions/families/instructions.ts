/** Requests with a form that a program can check (IFEval, arXiv:2311.07911), and replies that keep to it. */
import { sentence } from '../../grammar/polish.ts';
import type { Writer } from '../../grammar/writer.ts';
import type { Case, Family, Instruction } from '../family.ts';
import { wordAnswer } from '../question.ts';
import { worded } from '../wordings.ts';

const wordings = {
  common: ['Describe <company> for a new colleague. <form>', 'Who is <company>? <form>'],
  heldout: ['Introduce <company> to somebody who has never heard of it. <form>'],
} as const;

interface Form extends Instruction {
  /** How it is asked for. */
  readonly request: string;
  readonly topic: string;
  /** The sentences in this form. */
  readonly write: (sentences: readonly string[]) => string;
}

const joined = (sentences: readonly string[]): string => sentences.join(' ');

/** Each gives the reply another shape. */
function shapes(writer: Writer, { company }: Case): readonly Form[] {
  const ending = writer.pick(['That is all for now.', 'Welcome to the team!', 'Ask me for more.']);
  return [
    {
      ...{ id: 'detectable_format:number_bullet_lists', kwargs: { num_bullets: 3 }, topic: 'bullets' },
      request: 'Use exactly 3 bullet points that begin with an asterisk.',
      write: (sentences) =>
        sentences
          .slice(0, 3)
          .map((one) => `* ${one}`)
          .join('\n'),
    },
    {
      ...{ id: 'startend:quotation', kwargs: {}, topic: 'quotation' },
      request: 'Put the whole reply in double quotation marks.',
      write: (sentences) => `"${joined(sentences)}"`,
    },
    {
      ...{ id: 'startend:end_checker', kwargs: { end_phrase: ending }, topic: 'last words' },
      request: `End with the words: ${ending}`,
      write: (sentences) => `${joined(sentences)} ${ending}`,
    },
    {
      ...{ id: 'detectable_format:title', kwargs: {}, topic: 'title' },
      request: 'Begin with a title in double angle brackets, such as <<title>>.',
      write: (sentences) => `<<${company.shortName} in short>>\n${joined(sentences)}`,
    },
    {
      ...{ id: 'change_case:english_lowercase', kwargs: {}, topic: 'lower case' },
      request: 'Write in lower case only.',
      write: (sentences) => joined(sentences).toLowerCase(),
    },
    {
      ...{ id: 'detectable_content:postscript', kwargs: { postscript_marker: 'P.S.' }, topic: 'postscript' },
      request: 'Add a postscript that begins with P.S.',
      write: ([first, second, ...rest]) => `${joined([first, second])}\nP.S. ${joined(rest)}`,
    },
    {
      ...{ id: 'detectable_format:json_format', kwargs: {}, topic: 'JSON' },
      request: 'Reply with one JSON object and nothing else.',
      write: (sentences) => JSON.stringify({ company: company.shortName, description: joined(sentences) }),
    },
  ];
}

/** Each may be asked for beside a shape: the sentences keep to all of them anyway. */
function limits({ company }: Case): readonly Omit<Form, 'write'>[] {
  return [
    { id: 'punctuation:no_comma', kwargs: {}, request: 'Do not use any commas.', topic: 'no commas' },
    {
      ...{ id: 'length_constraints:number_words', kwargs: { num_words: 60, relation: 'less than' } },
      ...{ request: 'Use fewer than 60 words.', topic: 'words' },
    },
    {
      ...{ id: 'keywords:existence', kwargs: { keywords: [company.headquarters, company.chiefExecutive] } },
      ...{ request: `Name ${company.headquarters} and ${company.chiefExecutive}.`, topic: 'keywords' },
    },
    {
      ...{ id: 'keywords:forbidden_words', kwargs: { forbidden_words: ['great', 'leading'] } },
      ...{ request: 'Do not use the words great and leading.', topic: 'forbidden words' },
    },
  ];
}

export const instructions: Family = {
  kind: 'instructions',
  write(asked) {
    const { writer, split, company, report } = asked;
    const shape = writer.pick(shapes(writer, asked));
    // An object in JSON has commas of its own.
    const possible = limits(asked).filter(({ topic }) => topic !== 'no commas' || shape.topic !== 'JSON');
    const limit = writer.pick([undefined, ...possible]);
    const forms = limit === undefined ? [shape] : [shape, limit];
    const facts = [
      `Company: ${company.name}`,
      `Business: ${company.sector.maker}`,
      `Seat: ${company.headquarters}, founded ${company.founded}`,
      `Chief executive: ${company.chiefExecutive}`,
      `Year: ${report.year}`,
    ];
    const slots = { company: company.shortName, form: forms.map(({ request }) => request).join(' ') };
    const { text: question, wording } = worded(writer, split, wordings, slots);
    const reply = shape.write(description(asked));
    return {
      context: facts.join('\n'),
      ...{ question, reply, answer: wordAnswer(reply), topic: shape.topic, wording },
      prompt: `${facts.join('\n')}\n${question}`,
      instructions: forms.map(({ id, kwargs }) => ({ id, kwargs })),
    };
  },
};

/** Three sentences without commas. */
function description({ writer, company, report }: Case): string[] {
  return [
    writer.vary(
      `{${company.shortName} is|The company ${company.shortName} is} a ${company.sector.maker} based in ${company.headquarters}`,
    ),
    writer.vary(`It was {founded|set up} in ${company.founded}`),
    writer.vary(`In ${report.year} it {was led by|had as its chief executive} ${company.chiefExecutive}`),
  ].map((one) => sentence(one.replace(/\ba (?=[aeiou])/g, 'an ')));
}
