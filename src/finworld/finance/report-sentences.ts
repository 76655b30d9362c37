/** Sentences about figures that several genres need. */
import { moved, shareTenths } from './movement.ts';
import type { Scene } from './scene.ts';

/** One segment against its own previous year. */
export function segmentSentence(scene: Scene): string {
  const { say, report, previous, writer, style } = scene;
  const at = writer.draw(report.segments.length);
  const segment = report.segments[at];
  const before = previous.segments[at];
  if (segment.revenue === 0 || before.revenue === 0) return '';
  return say(
    [
      '{by segment, |within the total, |}<segment> revenue <movement>',
      'in the <segment> segment, revenue <movement>',
      'revenue of the <segment> segment, {equal to|at} <share> of the total, <movement>',
      '<segment>, {which accounted for|with} <share> of revenue, {was among the segments that moved most: its revenue|reported revenue that} <movement>',
    ],
    {
      segment: segment.name,
      movement: () => moved(scene, segment.revenue, before.revenue),
      share: style.percent(shareTenths(segment.revenue, report.revenue)),
    },
  );
}

export function perShareSentence(scene: Scene): string {
  const { say, report, previous, style } = scene;
  const slots = {
    eps: style.cents(Math.abs(report.earningsPerShare)),
    before: style.cents(Math.abs(previous.earningsPerShare)),
    dividend: style.cents(report.dividendPerShare),
  };
  if (report.earningsPerShare <= 0) {
    return say(
      ['the loss per share {was|came to} <eps>', 'this {equals|corresponds to} a loss of <eps> per share'],
      slots,
    );
  }
  if (previous.earningsPerShare <= 0) {
    return say(
      [
        'earnings per share {were|came to} <eps>, after a loss of <before> per share in <lastYear>',
        '<we> earned <eps> per share, after losing <before> per share the year before',
      ],
      slots,
    );
  }
  const basic = say(
    [
      'earnings per share {were|came to|amounted to} <eps>, {against|compared with|after} <before> {in <lastYear>|a year earlier|the year before}',
      '{on a per-share basis|per share}, <we> earned <eps>, {against|compared with} <before> in <lastYear>',
      '{this equals|that corresponds to} earnings per share of <eps>, {after|against} <before> {in <lastYear>|the year before}',
    ],
    slots,
  );
  if (report.dividends === 0) return basic;
  return `${basic} ${say(['the dividend per share {was|came to} <dividend>', 'shareholders received <dividend> per share as a dividend', 'a dividend of <dividend> per share was {paid|paid out|distributed}'], slots)}`;
}

/** A signed amount as a noun phrase: "$4.2 million", "minus $4.2 million". */
export function signed(scene: Scene, thousands: number): string {
  return thousands >= 0 ? scene.style.money(thousands) : `minus ${scene.style.money(-thousands)}`;
}
