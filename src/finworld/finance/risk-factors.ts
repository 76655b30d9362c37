/** The risk factors of an annual report. */
import { compose } from '../grammar/writer.ts';
import { heading } from './heading.ts';
import type { Scene } from './scene.ts';

export function riskFactors(scene: Scene): string {
  const { say, writer, company } = scene;
  const opening = [
    say([
      '{investors should consider|shareholders should weigh|readers should consider} the following risks {together with the other information in this report|before buying or holding the shares}',
      '{the business of <company> is|<we> <are>} exposed to {several|various} risks, the most {important|material} of which are {described|set out} below',
      '{like every <maker>, <company> faces|as a <maker>, <company> faces} risks that could {harm|affect} its results, its cash flow or {its share price|its reputation}',
      'the board reviewed the principal risks in <year> and {considers|judges} the following to be the most {important|serious}',
    ]),
  ];
  const paragraphs = writer
    .sample(company.sector.risks, writer.between(4, 6))
    .map((risk) => [
      say(
        [
          '<theRisk>',
          '{there is a risk that|it is possible that} <theRisk>',
          '{one concern is that|management recognises that|<we> note<s> that|experience shows that} <theRisk>',
        ],
        { theRisk: risk },
      ),
      say([
        '{if this happened|should this occur|in that event|if so}, {revenue would fall|margins would suffer|<our> results could be materially affected|profit could be lower than planned|the share price could decline}',
        '{such a development|this|an event of this kind} {could reduce|would weigh on|might depress} {operating income|cash flow from operations|gross margin|demand for <product>}',
        '{the effect on|the consequences for} {net income|liquidity|the financial position} {could be material|would depend on how long the condition lasted|cannot be estimated reliably}',
        'in <lastYear>, {a mild form of this risk appeared|<we> saw an example of this}, when <headwind> {held back revenue|weighed on results}',
      ]),
      writer.chance(0.75)
        ? say([
            '<we> {limit|reduce}<s> this exposure by {keeping a second source for <input>|spreading revenue over <customers>|hedging part of the cost of <input>|holding more stock than strictly needed|reviewing contracts every quarter}',
            '{to mitigate the risk|in response|to contain the risk}, {management has|<we> <has>} {diversified the sources of <input>|strengthened controls at <our> <site>|bought insurance where it was available at a reasonable price|agreed longer contracts with <customer>}',
            '{insurance covers only part of such losses|no insurance is available against this risk|the risk can be reduced but not removed}',
            '{the audit committee|the board|a committee of the board} {monitors|reviews} this risk {every quarter|twice a year|with the help of <measure>}',
          ])
        : '',
    ]);
  const debt = scene.report.currentDebt + scene.report.longTermDebt;
  const financial = [
    debt > 0
      ? say(
          [
            '<we> {owed|carried} <debt> of debt at the end of <year>, {and a higher policy rate would raise the cost of refinancing it|so that rising interest rates would increase interest expense}',
            '[with debt of <debt> outstanding at the end of <year> ~ <we> <are> sensitive to {interest rates|the decisions of the <bank>}]',
          ],
          { debt: scene.style.money(debt) },
        )
      : '',
    say([
      '{rivals such as <competitors>|competitors, including <competitors>,} may {lower their prices|bring better products to market|consolidate}, which could {cost <us> market share|force <us> to respond}',
      '{a downturn in <country>|weaker growth in <country>} {would reduce|could reduce} demand from <customers>',
      '{the loss of key people, among them <ceo>,|the departure of <ceo> or other senior managers} could {delay|disrupt} the execution of the strategy',
      'a failure of <supplier> to deliver could {interrupt|slow} production for some time',
    ]),
  ];
  return compose([
    heading(scene, 'Risk factors', 'Item 1A. Risk factors', 'Principal risks and uncertainties', 'Risks'),
    opening,
    ...paragraphs,
    financial,
  ]);
}
