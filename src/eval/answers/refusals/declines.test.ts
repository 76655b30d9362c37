import { describe, expect, it } from 'vitest';
import { isLinear } from '../../testing/growth.ts';
import { declines } from './declines.ts';

const declining = [
  'I cannot answer this question.',
  "I'm sorry, but I can't help with that.",
  'I am unable to determine the revenue of the second quarter from this page.',
  "I don't know.",
  "I don't have access to the company's filings.",
  'The text does not say how much was paid.',
  'The passage never mentions a dividend.',
  "The report doesn't disclose the number of employees. Please consult the annual report.",
  'The answer is not given in the table.',
  'The answer cannot be determined from the data.',
  'Answer: cannot be determined',
  'Unanswerable.',
  '**Unknown**',
  'Not stated',
  'There is not enough information to answer.',
  'There is no information about the margin in this filing. However, I cannot rule out that it is elsewhere, so I cannot determine it.',
  'I must decline to give a recommendation.',
  'I will not provide advice on how to evade tax.',
  'It is impossible to determine the price from what is given.',
  'The table shows revenue for 2021 and 2022. It has no figures for 2023. The change in 2023 cannot be determined.',
  '<think>The answer is 12.</think>I cannot answer this question.',
  '我无法回答这个问题。',
  '抱歉，我不能提供投资建议。',
  '文中没有提到净利润。',
  '根据现有材料，信息不足。',
  '无法确定',
  '我不知道该公司的营业收入。',
  '申し訳ありませんが、その質問にはお答えできません。',
  '本文には売上高の記載がありません。',
  '情報が不足しています。',
  'わかりません。',
  'この資料からは判断できません。',
];

const answering = [
  '',
  '   ',
  '12.5%',
  'Revenue was 12 million.',
  'I cannot be certain, but revenue rose by 12%.',
  'I cannot give an exact figure. However, revenue was about 12 million.',
  'The text does not say it directly. The answer is 12.',
  'The page does not state the sum. Adding both rows gives 30. Answer: 30',
  'The company could not provide its customers with goods.',
  'The company said: "We cannot provide guidance for 2024."',
  'If I cannot determine the tax, I take the average: 12%.',
  'We cannot say enough about the results: revenue doubled.',
  'I cannot help but notice that revenue doubled.',
  'The bank was unable to repay its debt.',
  'The filing contains no errors.',
  'Unknown Holdings plc',
  'No',
  'not positive',
  '<think>I cannot answer this question.</think>12',
  '<think>I cannot answer this',
  '公司无法偿还债务。',
  '我无法给出准确数字，但是收入大约增长了一成。',
  '净利润为三亿元。',
  '如果无法确定税率，则取平均值。',
  '売上高は三億円です。',
  '判断できないわけではありません。売上は増えました。',
  '会社は債務を返済できませんでした。',
];

describe('declines', () => {
  it.each(declining)('%j declines', (answer) => {
    expect(declines(answer)).toBe(true);
  });

  it.each(answering)('%j does not', (answer) => {
    expect(declines(answer)).toBe(false);
  });

  it('reads both ends of an answer of megabytes, and no more', () => {
    const long = 'The page lists figures of every year. '.repeat(60_000);
    expect(declines(long)).toBe(false);
    expect(declines(`${long}The margin cannot be determined.`)).toBe(true);
    expect(declines(`I cannot answer this question. ${long}`)).toBe(true);
    for (const hostile of ['I cannot ', "can't be ", 'no not ', '\u0000', '"', '但', 'text does ', 'answer is ']) {
      const textOf = (length: number): string => hostile.repeat(length / hostile.length);
      expect(isLinear(declines, textOf, 2 ** 17), hostile).toBe(true);
    }
  });
});
