import { describe, expect, it } from 'vitest';
import { REPLY_FORMS, replyForms } from './reply-forms.ts';

const answers = ['money', 'a rate of 2.5 percent', 'the "natural" rate', 'U.S.', 'back\\slash', '数字'];

describe.each(replyForms)('a reply that is %s', (name) => {
  const form = REPLY_FORMS[name];

  it('is read back as it was written', () => {
    for (const answer of answers) expect(form.read(form.write(answer))).toBe(answer);
  });

  it('is in no other form', () => {
    const others = replyForms.filter((other) => other !== name);
    for (const other of others) expect(REPLY_FORMS[other].read(form.write('money'))).toBeUndefined();
  });

  it('says where it ends, says something, and nothing else', () => {
    const written = form.write('money');
    const replies = [
      '',
      'money',
      written.slice(0, -1),
      `${written} Yes`,
      `So: ${written}`,
      form.write(' '),
      form.write('"'),
      form.write(''),
    ];
    for (const reply of replies) expect(form.read(reply)).toBeUndefined();
  });

  it('is one line', () => {
    expect(form.read(form.write('one\ntwo'))).toBeUndefined();
  });
});

it('has no end before its end', () => {
  for (const reply of ['"money""', '"money" "', '"money" or "rates'])
    expect(REPLY_FORMS.quoted.read(reply)).toBeUndefined();
});

it.each(['[1]', 'null', '7', '{"answer":7}', '{"answer":"a","why":"b"}', '{"reply":"a"}', '{}', '{"answer":"a"'])(
  'reads no answer out of %s',
  (reply) => {
    expect(REPLY_FORMS.json.read(reply)).toBeUndefined();
  },
);
