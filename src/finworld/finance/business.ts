/** The business section of an annual report. */
import { count } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { heading } from './heading.ts';
import { moved, shareTenths } from './movement.ts';
import type { Scene } from './scene.ts';

export function businessSection(scene: Scene): string {
  const { say, writer, company, report, style } = scene;
  const largest = [...report.segments].sort((a, b) => b.revenue - a.revenue)[0];
  const overview = [
    say([
      '<company> is a <maker> {based|headquartered|with its head office} in <hq>',
      'founded in <founded>, <company> is a <maker> {based in|with headquarters in} <hq>',
      '<company>, a <maker>, was {founded|established|set up} by <founder> in <founded>{ and {is still run|has been run ever since} from <hq>|}',
      '[since <founded> ~ <company> has been {active|at work} in <industry>, {with its head office|with its headquarters} in <hq>]',
      'from its headquarters in <hq>, <company> serves <customers> as a <maker>',
    ]),
    say([
      'its shares {are listed|trade|are quoted} under the symbol <ticker>',
      'the ordinary shares {trade|are listed} on the {main board of the <country> Exchange|<country> Exchange} under the ticker <ticker>',
      '{investors know the company by its ticker, <ticker>|the ticker symbol is <ticker>}',
    ]),
    say([
      '<we> make<s> and sell<s> <products>',
      '<our> {range|portfolio|catalogue} {covers|includes|comprises} <products>',
      '{the main products are|the core of the business consists of} <products>',
      '<we> {provide|equip}<s> <customers> with <products>',
    ]),
    say([
      '[at the end of <year> ~ <we> employed {about |}<employees> people{ and operated <site>| across <our> <site>|}]',
      '{the workforce numbered|the payroll included} <employees> people at the end of <year>',
      '<employees> people worked for <us> when <year> closed, most of them at <our> <site>',
    ]),
  ];
  const organisation = [
    say(
      [
        '<we> report<s> in <n> segments: <segments>',
        '{the business is organised|operations are organised|activities are grouped} in <n> segments, namely <segments>',
        '[for reporting purposes ~ the business is divided into <n> segments, which are <segments>]',
      ],
      { n: count(report.segments.length) },
    ),
    say(
      [
        '<segment> is the largest of {them|these}, with {<share> of revenue|revenue of <amount>} in <year>',
        'in <year> the <segment> segment {contributed|brought in|generated} <amount>, {or <share> of the total|which is <share> of revenue}',
        '{the biggest contribution came from|the largest share of revenue came from} <segment>, which {accounted for|made up} <share> {of revenue|of the total} in <year>',
      ],
      {
        segment: largest.name,
        share: style.percent(shareTenths(largest.revenue, report.revenue)),
        amount: style.money(largest.revenue),
      },
    ),
    say(
      [
        'total revenue <movement>',
        'in <year>, revenue <movement>',
        'revenue for the {group|company} as a whole <movement>',
      ],
      {
        movement: () => moved(scene, report.revenue, scene.previous.revenue),
      },
    ),
  ];
  const market = [
    say([
      'customers are {mainly|chiefly} <customers>, {none of which accounted for more than a tenth of revenue|many of which have bought from <us> for years}',
      '<our> {customers include|most important customers are} <customers>',
      '<we> sell<s> to <customers>, {mostly under annual contracts|partly through distributors and partly directly|through a sales force of <our> own}',
    ]),
    say([
      '{competition is strong|the market is competitive|rivalry is keen}, and <we> {meet|face}<s> <competitors> in most tenders',
      'the {principal|main|most direct} competitors are <competitors>',
      'in <industry>, <we> compete<s> with <competitors>, {chiefly on quality and price|on price, service and reliability|above all on quality}',
      '<competitor> is the {closest|most direct} rival{, although it is stronger in <product>|}',
    ]),
    say([
      '<supplier> {supplies|delivers} part of the goods and services that <we> buy<s> from others',
      '{among the suppliers is|one of the larger suppliers is} <supplier>, {with whom|with which} a {long-term|multi-year} agreement is in place',
      '<we> {depend|count}<s> on <supplier> for some {essential|important} services',
    ]),
    say([
      '{the most important inputs are|purchasing is dominated by} <inputs>',
      'the {cost base|cost structure} is shaped {above all |chiefly |}by <inputs>',
      '<we> buy<s> <inputs> {from several sources|under contracts of one to three years|at market prices}',
    ]),
  ];
  const people = [
    say([
      '<ceo> {is|serves as} chief executive, and <cfo> {is|serves as} chief financial officer',
      'the company is led by <ceo>; <cfo> {looks after|is responsible for} finance',
      '<ceo> leads the {management team|executive committee}, {supported by|together with} <cfo> as finance chief',
    ]),
    say([
      '{management|the management team|the board} {follows|watches|tracks} <measure> and <measure> {most closely|as the main indicators of performance|to judge operating performance}',
      '{the key operating measures are|performance is judged by} <measure> and <measure>',
      'two measures, <measure> and <measure>, {guide|inform} day-to-day decisions',
    ]),
    say([
      '{across the industry, |in the wider market, |}<trend>',
      '<trend>, and <we> {aim|plan|intend}<s> to benefit from it',
    ]),
  ];
  const body = writer.sample([organisation, market, people], 3);
  return compose([
    heading(
      scene,
      'Business',
      'Item 1. Business',
      'Our business',
      'Description of business',
      `${company.name}: the business`,
    ),
    overview,
    ...body,
  ]);
}
