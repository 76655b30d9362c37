/** A day on the exchange, told through companies of the scene's split. */
import { decimal } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import type { Scene } from './scene.ts';
import { transmission } from './transmission.ts';

export function marketWrap(scene: Scene): string {
  const { say, writer, economy, split, style, macro } = scene;
  const names = writer.sample(economy.bySplit[split], 3);
  const level = writer.between(18_000, 92_000);
  const move = writer.between(-190, 210);
  const closeLevel = level + Math.round((level * move) / 10_000);
  const slots = {
    index: `${economy.macro.country} ${writer.pick(['100', 'All-Share', 'Composite', '50'])} index`,
    close: decimal(closeLevel, 1),
    change: style.percent(Math.abs(Math.round(((closeLevel - level) * 1000) / level))),
    day: writer.pick(['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']),
    policyRate: `${decimal(macro.policyRate, 2)}%`,
    yield: decimal(macro.policyRate + writer.between(20, 180), 2),
  };
  const companies = names.map((company) => {
    const reports = economy.reports(company);
    const at = reports.findIndex(({ year }) => year === scene.report.year);
    const growth = reports[at].revenue - reports[at - 1].revenue;
    const rate = style.percent(Math.abs(Math.round((growth * 1000) / reports[at - 1].revenue)));
    const own = {
      name: company.name,
      nick: company.shortName,
      symbol: company.ticker,
      maker: company.sector.maker,
      product: writer.pick(company.products),
      city: company.headquarters,
      annual: growth >= 0 ? `growth of ${rate}` : `a decline of ${rate}`,
      jump: style.percent(writer.between(4, 74)),
      why: writer.pick(growth >= 0 ? company.sector.tailwinds : company.sector.headwinds),
      revenue: style.money(reports[at].revenue),
      trend: writer.pick(company.sector.trends),
    };
    return [
      growth >= 0
        ? writer.say(
            [
              '<name> (<symbol>) {added|gained|rose} <jump> after the <maker> {reported|announced} revenue of <revenue>, <annual>',
              'shares of <name>, a <maker> from <city>, {climbed|advanced} <jump>; annual revenue {had come|came} to <revenue>, <annual>',
              '{among the winners was|one of the winners was} <name>, up <jump> {on|after} annual revenue of <revenue>',
            ],
            own,
          )
        : writer.say(
            [
              '<name> (<symbol>) {lost|shed|fell} <jump> after the <maker> {reported|announced} revenue of <revenue>, <annual>',
              'shares of <name>, a <maker> from <city>, {dropped|slid} <jump>; annual revenue {had come|came} to <revenue>, <annual>',
              '{among the losers was|one of the losers was} <name>, down <jump> {on|after} annual revenue of <revenue>',
            ],
            own,
          ),
      writer.say(
        [
          'traders {pointed to|cited|mentioned} <why>',
          '{behind the move was|the reason given was} <why>',
          'analysts {linked|tied} the move to <why>{, and noted that <trend>|}',
          '<nick>, known for its <product>, {has been in focus|was actively traded}',
        ],
        own,
      ),
    ];
  });
  return compose([
    writer.vary('{Market wrap|Closing report|Markets today|The day on the exchange|}'),
    [
      move >= 0
        ? say(
            [
              'the <index> {closed|ended} <day> at <close> points, {up <change>|a gain of <change>}',
              'shares in <country> {rose|advanced} on <day>, {lifting|taking} the <index> <change> higher to <close>',
            ],
            slots,
          )
        : say(
            [
              'the <index> {closed|ended} <day> at <close> points, {down <change>|a loss of <change>}',
              'shares in <country> {fell|declined} on <day>, {leaving|taking} the <index> <change> lower at <close>',
            ],
            slots,
          ),
      say(
        [
          '{turnover|trading volume} was {below average|above average|about average}{ for a <day>|}',
          'investors {weighed|digested} {company results|news from companies} and the {outlook|prospects} for interest rates',
        ],
        slots,
      ),
    ],
    ...companies,
    [
      say(
        [
          'government bonds {were little changed|moved little}, with the ten-year yield at <yield>%',
          'the ten-year government bond yielded <yield>%, {against|compared with} a policy rate of <policyRate>',
          '[with the policy rate of the <bank> at <policyRate> ~ the ten-year yield {settled|closed} at <yield>%]',
        ],
        slots,
      ),
      say([
        '{attention now turns|eyes now turn} to the {next meeting of the <bank>|inflation figures due this week}',
        '{traders|dealers} expect {quiet|lively} trading {until|before} the next meeting of the <bank>',
        'the currency {was steady|hardly moved|firmed a little} against its main partners',
      ]),
      say(transmission),
    ],
  ]);
}
