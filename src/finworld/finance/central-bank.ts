/** What the invented central bank publishes: decisions and minutes, all figures from the macro path. */
import type { MacroQuarter } from '../economy/macro.ts';
import { decimal } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import type { Scene } from './scene.ts';
import { transmission } from './transmission.ts';

interface Meeting {
  readonly now: MacroQuarter;
  readonly before: MacroQuarter;
}

function meeting(scene: Scene): Meeting {
  const { quarters } = scene.economy.macro;
  const at = scene.writer.between(4, quarters.length - 1);
  return { now: quarters[at], before: quarters[at - 1] };
}

const months = ['February', 'May', 'August', 'November'];

const quarterNames = ['first', 'second', 'third', 'fourth'];

/** Words for the data of a meeting. Rates are in basis points; statistics have one decimal, the policy rate two. */
function figures(scene: Scene, { now, before }: Meeting) {
  const { macro } = scene.economy;
  const rate = (basisPoints: number) => scene.style.percent(Math.abs(basisPoints) / 10);
  const policy = (basisPoints: number) => `${decimal(basisPoints, 2)}%`;
  return {
    macroBank: macro.bank,
    governor: macro.governor,
    target: rate(macro.inflationTarget),
    month: months[now.quarter - 1],
    meetingYear: now.year,
    quarter: quarterNames[now.quarter - 1],
    activity:
      now.growth < 0
        ? scene.writer.vary(`{shrank|contracted} by ${rate(now.growth)}`)
        : scene.writer.vary(`{grew|expanded} by ${rate(now.growth)}`),
    pace: now.growth > before.growth ? 'faster' : now.growth < before.growth ? 'slower' : 'the same',
    inflation: now.inflation < 0 ? `minus ${rate(now.inflation)}` : rate(now.inflation),
    oldInflation: before.inflation < 0 ? `minus ${rate(before.inflation)}` : rate(before.inflation),
    unemployment: rate(now.unemployment),
    oldUnemployment: rate(before.unemployment),
    policyRate: policy(now.policyRate),
    oldPolicyRate: policy(before.policyRate),
    step: `${Math.abs(now.move)} basis points`,
  };
}

function decision(scene: Scene, held: Meeting): string {
  const slots = figures(scene, held);
  const { move } = held.now;
  if (move > 0) {
    return scene.say(
      [
        'the {policy committee of the |}<macroBank> {decided to raise|raised} the policy rate by <step> to <policyRate>',
        '[at its meeting in <month> <meetingYear> ~ the <macroBank> lifted its policy rate from <oldPolicyRate> to <policyRate>]',
        'the policy rate {was raised|was increased|went up} by <step> to <policyRate>{, the <macroBank> announced|}',
      ],
      slots,
    );
  }
  if (move < 0) {
    return scene.say(
      [
        'the {policy committee of the |}<macroBank> {decided to lower|lowered|cut} the policy rate by <step> to <policyRate>',
        '[at its meeting in <month> <meetingYear> ~ the <macroBank> reduced its policy rate from <oldPolicyRate> to <policyRate>]',
        'the policy rate {was lowered|was reduced|came down} by <step> to <policyRate>{, the <macroBank> announced|}',
      ],
      slots,
    );
  }
  return scene.say(
    [
      'the {policy committee of the |}<macroBank> {left|kept|maintained} the policy rate {unchanged at|at} <policyRate>',
      '[at its meeting in <month> <meetingYear> ~ the <macroBank> {left|kept} its policy rate at <policyRate>]',
      'no change was made to the policy rate, which {remains|stays} at <policyRate>',
    ],
    slots,
  );
}

function inflationSentences(scene: Scene, held: Meeting): string[] {
  const { now, before } = held;
  const slots = figures(scene, held);
  const { inflationTarget } = scene.economy.macro;
  const gap = now.inflation - inflationTarget;
  return [
    scene.say(
      now.inflation > before.inflation
        ? [
            'consumer price inflation {rose|increased|moved up} to <inflation> in the <quarter> quarter of <meetingYear> from <oldInflation> in the quarter before',
            'in the <quarter> quarter of <meetingYear>, inflation was <inflation>, after <oldInflation> in the previous quarter',
          ]
        : now.inflation < before.inflation
          ? [
              'consumer price inflation {fell|eased|slowed|moved down} to <inflation> in the <quarter> quarter of <meetingYear> from <oldInflation> in the quarter before',
              'inflation {came down|eased} from <oldInflation> to <inflation> in the <quarter> quarter of <meetingYear>',
            ]
          : [
              'consumer price inflation {held|stayed} at <inflation> in the <quarter> quarter of <meetingYear>',
              'inflation was <inflation> in the <quarter> quarter of <meetingYear>, {as in the quarter before|unchanged from the quarter before}',
            ],
      slots,
    ),
    scene.say(
      gap > 0
        ? [
            'that is {above|higher than} the target of <target>{, and members want to see it return|}',
            'inflation {therefore |}{exceeds|is above} the target of <target>',
          ]
        : gap < 0
          ? [
              'that is {below|lower than} the target of <target>{, which leaves room for support|}',
              'inflation {therefore |}{falls short of|is below} the target of <target>',
            ]
          : ['that is {exactly |}{in line with|at} the target of <target>'],
      slots,
    ),
  ];
}

function activitySentences(scene: Scene, held: Meeting): string[] {
  const { now, before } = held;
  const slots = figures(scene, held);
  return [
    scene.say(
      [
        'the economy of <country> <activity> over the year to the <quarter> quarter of <meetingYear>',
        'output in <country> <activity> in the <quarter> quarter of <meetingYear> {compared with|against} the same quarter a year earlier',
        'gross domestic product <activity> {from a year earlier|over four quarters}',
      ],
      slots,
    ),
    slots.pace === 'the same'
      ? scene.say(['growth {kept the pace of|was the same as in} the quarter before'])
      : scene.say(
          [
            'growth was <pace> than in the quarter before',
            '{this is|that is} <pace> than {in the previous quarter|three months ago}',
          ],
          slots,
        ),
    scene.say(
      now.unemployment > before.unemployment
        ? [
            'unemployment {rose|went up|increased} from <oldUnemployment> to <unemployment> of the labour force',
            'the {labour market|jobs market} softened, with unemployment at <unemployment> after <oldUnemployment>',
          ]
        : now.unemployment < before.unemployment
          ? [
              'unemployment {fell|went down|declined} from <oldUnemployment> to <unemployment> of the labour force',
              'the {labour market|jobs market} tightened, with unemployment at <unemployment> after <oldUnemployment>',
            ]
          : [
              'unemployment {held|stayed} at <unemployment> of the labour force',
              'the unemployment rate was <unemployment>, {the same as|unchanged from} the quarter before',
            ],
      slots,
    ),
  ];
}

function guidance(scene: Scene, held: Meeting): string {
  const { inflationTarget } = scene.economy.macro;
  const { now } = held;
  return scene.say(
    now.inflation > inflationTarget + 50 && now.move >= 0
      ? [
          'the committee {stands ready|is prepared} to tighten further {if price pressures persist|should inflation prove stubborn}',
          '{further increases|additional tightening} may be {needed|appropriate} before inflation returns to target',
          'monetary policy will {stay|remain} restrictive {for as long as necessary|until inflation is clearly on its way back to target}',
        ]
      : now.growth < 0 && now.move <= 0
        ? [
            'the committee {stands ready|is prepared} to provide {more|further} support {if the downturn deepens|should demand weaken again}',
            'policy will {stay|remain} accommodative {until the recovery is firm|for as long as the economy needs it}',
            'lower borrowing costs {should|are expected to} {help|support} {households and firms|demand} with a lag',
          ]
        : [
            'future decisions will depend on {the data|incoming data on prices and jobs}',
            'the committee sees the risks to {inflation and growth|its projections} as {balanced|broadly balanced}',
            '{members|the committee} {judged|agreed} that policy is {well placed|close to neutral}',
          ],
  );
}

export function rateDecision(scene: Scene): string {
  const held = meeting(scene);
  const slots = figures(scene, held);
  const title = scene.writer.vary(
    `{Monetary policy decision|Statement on monetary policy|Policy decision of ${slots.month} ${slots.meetingYear}|}`,
  );
  const { say } = scene;
  return compose([
    title,
    [
      decision(scene, held),
      say(
        [
          'the vote was {unanimous|not unanimous}',
          'governor <governor> {presented|explained} the decision {to the press|in the afternoon}',
          'the decision takes effect {the following Monday|at the start of next week}',
        ],
        slots,
      ),
    ],
    inflationSentences(scene, held),
    activitySentences(scene, held),
    [say(transmission), say(transmission), guidance(scene, held)],
    [
      say([
        'the next decision will be announced in {three months|a quarter}',
        'minutes of the meeting will be published in {two|three} weeks',
      ]),
      say(
        [
          'price stability remains the {first|primary} task of the <macroBank>',
          'the <macroBank> is {committed to|determined to reach} its target of <target> {over the medium term|within two years}',
          '<governor> {repeated|stressed} that the target of <target> is not in doubt',
        ],
        slots,
      ),
    ],
  ]);
}

export function minutes(scene: Scene): string {
  const held = meeting(scene);
  const slots = figures(scene, held);
  const { say, writer } = scene;
  const views = writer
    .sample(
      [
        () =>
          say([
            '{some|a few} members {noted|observed|pointed out} that {wage growth|the price of services|rents} {had been|was} {higher|stickier} than {models|surveys} suggested',
            '{one|a} member {argued|held} that {supply problems|import prices} explained {much|part} of recent inflation',
          ]),
        () =>
          say([
            '{several|most} members {considered|thought} the {outlook|risk} for growth {to be balanced|to lie on the downside}',
            '{several|most} members expected {household spending|business investment} to {slow|recover} {over the coming year|next year}',
          ]),
        () =>
          say(
            [
              'staff {presented|had prepared} {projections|a forecast} in which inflation {returned|moves back} to <target> within two years',
              'according to the staff {forecast|projection}, unemployment would {stay close to|change little from} <unemployment>',
            ],
            slots,
          ),
        () =>
          say([
            'members {discussed|reviewed} {financial conditions|credit growth|the banking system}, which {had tightened|had eased|were little changed} since the last meeting',
            'lending to {firms|households} {had grown more slowly|had picked up}, in line with {surveys|earlier decisions}',
          ]),
        () => say(transmission),
      ],
      4,
    )
    .map((view) => view());
  return compose([
    writer.vary(
      `{Minutes of the meeting of ${slots.month} ${slots.meetingYear}|Minutes of the policy meeting|Summary of the discussion, ${slots.month} ${slots.meetingYear}|}`,
    ),
    [
      say(
        [
          'the policy committee of the <macroBank> met in <month> <meetingYear> under the chairmanship of governor <governor>',
          'governor <governor> opened the <month> <meetingYear> meeting of the policy committee of the <macroBank>',
          '{nine|seven} members attended the meeting of the <macroBank> in <month> <meetingYear>; governor <governor> took the chair',
        ],
        slots,
      ),
      say([
        '{staff|the chief economist} {first |}{reviewed|summarised} {recent developments|the data}',
        '{discussion|the discussion} {began|started} with {recent developments|the state of the economy}',
      ]),
    ],
    [...activitySentences(scene, held)],
    [...inflationSentences(scene, held), say(transmission)],
    views,
    [
      decision(scene, held),
      guidance(scene, held),
      say([
        'the meeting {closed|ended} with {a review of the calendar|a note on communication}',
        '{the committee|members} agreed to meet again in {three months|a quarter}',
      ]),
    ],
  ]);
}
