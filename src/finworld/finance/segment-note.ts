/** The note on segments: each against its own previous year. */
import { compose } from '../grammar/writer.ts';
import { heading } from './heading.ts';
import { growthTenths, moved, shareTenths } from './movement.ts';
import type { Scene } from './scene.ts';

export function segmentNote(scene: Scene): string {
  const { say, report, previous, style, writer } = scene;
  const opening = [
    say([
      '<company> {reports|presents} its results by segment: <segments>',
      'the {operating |reporting |}segments of <company> are <segments>, {each with its own management|as reviewed by <ceo>}',
      '{this note|the segment note} {shows|explains} how the revenue of <company> {is divided|was divided in <year>} between <segments>',
    ]),
    say(
      [
        'together, {they|these segments} {had|recorded|produced} revenue of <total> in <year>',
        'the segments {add up|sum} to total revenue of <total> for <year>',
      ],
      { total: style.money(report.revenue) },
    ),
  ];
  const paragraphs = report.segments.map((segment, i) => {
    const before = previous.segments[i];
    const up = segment.revenue >= before.revenue;
    const lines = {
      segment: segment.name,
      share: style.percent(shareTenths(segment.revenue, report.revenue)),
      oldShare: style.percent(shareTenths(before.revenue, previous.revenue)),
      movement: () => moved(scene, segment.revenue, before.revenue),
      cause: () => scene.phrase(up ? ['<tailwind>'] : ['<headwind>']),
    };
    return [
      say(
        [
          'revenue of <segment> <movement>',
          'in <segment>, revenue <movement>',
          'the <segment> segment {sells|supplies} <product> {to <customers>|}; its revenue <movement>',
          '<segment> revenue <movement>, {reflecting|following} <cause>',
        ],
        lines,
      ),
      say(
        up
          ? [
              'the main {reason|driver} was <cause>',
              '<cause> made the difference',
              '{this reflects|behind the increase stood} <cause>',
              'management {points to|cites} <cause>',
            ]
          : [
              'the main {reason|factor} was <cause>',
              '{this reflects|behind the decline stood} <cause>',
              'management {points to|cites} <cause>',
              'the segment {suffered from|was affected by} <cause>',
            ],
        lines,
      ),
      say(
        [
          'its share of {total |group |}revenue {moved|went} from <oldShare> to <share>',
          '{it|the segment} {accounted for|contributed} <share> of revenue, {against|after} <oldShare> {a year earlier|in <lastYear>}',
          'its weight in the group was <share>, after <oldShare> the year before',
        ],
        lines,
      ),
    ];
  });
  const closing = [
    say([
      'segment results are measured before interest and {income tax|corporate costs}',
      'transactions between segments are {made|priced} at market terms and {eliminated|removed} on consolidation',
      '{no single customer|no customer} accounted for more than {ten percent|a tenth} of revenue in {either year|<year>}',
    ]),
    say(
      report.revenue >= previous.revenue
        ? ['revenue of all segments together grew by <rate>', '{added up|in total}, revenue increased by <rate>']
        : ['revenue of all segments together fell by <rate>', '{added up|in total}, revenue decreased by <rate>'],
      { rate: style.percent(Math.abs(growthTenths(report.revenue, previous.revenue))) },
    ),
    say(
      [
        '{looking at the market,|in the wider industry,} <trend>',
        '{management follows|<we> follow<s>} <measure> and <measure> {in every segment|by segment}',
        'capital expenditure for the group {was|came to} <capex>, spent on <project> among other things',
      ],
      { capex: style.money(report.capitalExpenditure) },
    ),
  ];
  return compose([
    heading(scene, 'Segment information', 'Segments', 'Note 4. Operating segments', 'Revenue by segment'),
    opening,
    ...writer.sample(paragraphs, paragraphs.length),
    closing,
  ]);
}
