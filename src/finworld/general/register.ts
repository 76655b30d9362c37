/** Counts of daily life in a table, and what one reads off it: the everyday twin of the notes to accounts. */
import { grouped } from '../grammar/numbers.ts';
import { capitalised } from '../grammar/polish.ts';
import { type FigureTable, readColumns, readLines, writeTable } from '../grammar/text-table.ts';
import { compose } from '../grammar/writer.ts';
import { type GeneralScene, months } from './scene.ts';

interface Counting {
  readonly counted: string;
  readonly names: readonly string[];
  readonly columns: FigureTable['columns'];
  readonly low: number;
  readonly high: number;
}

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const treeKinds = ['Oaks', 'Limes', 'Birches', 'Pines', 'Willows', 'Beeches', 'Alders', 'Elms', 'Rowans', 'Chestnuts'];
const vegetables = ['Carrots', 'Peas', 'Beans', 'Leeks', 'Pumpkins', 'Radishes', 'Lettuce', 'Onions', 'Cabbages'];
const hours: FigureTable['columns'] = [
  { label: 'Morning', when: 'in the morning' },
  { label: 'Noon', when: 'at noon' },
  { label: 'Evening', when: 'in the evening' },
];

/** What is counted in a place, by whom or where, and when. */
function counting({ region, place, neighbours, writer }: GeneralScene): Counting {
  const around = [place, ...neighbours.map((neighbour) => neighbour.place)];
  const places = around.map(({ name }) => name);
  const people = region.people(place).map(({ name }) => name);
  const inTime = (label: string) => ({ label, when: `in ${label}` });
  const last = writer.between(1900, 2023);
  const years = [last, last - 1, last - 2].map((year) => inTime(String(year)));
  const someMonths = writer.sample(months, 3).map(inTime);
  const days = writer.sample(weekdays, 3).map((label) => ({ label, when: `on ${label}` }));
  return writer.pick<Counting>([
    { counted: 'millimetres of rain', names: places, columns: someMonths, low: 5, high: 190 },
    { counted: 'pupils', names: places, columns: years, low: 40, high: 990 },
    { counted: 'visitors', names: places, columns: someMonths, low: 200, high: 9900 },
    { counted: 'points', names: around.map(({ team }) => team), columns: years, low: 10, high: 99 },
    { counted: `baskets of ${place.crop}`, names: people, columns: years, low: 10, high: 900 },
    { counted: 'pages', names: people, columns: someMonths, low: 20, high: 800 },
    { counted: 'steps', names: people, columns: days, low: 1000, high: 19_000 },
    {
      counted: 'animals',
      names: around.map(({ animal }) => capitalised(animal.name)),
      columns: someMonths,
      low: 3,
      high: 400,
    },
    { counted: 'trees', names: treeKinds, columns: years, low: 10, high: 3000 },
    { counted: 'plants', names: vegetables, columns: years, low: 10, high: 500 },
    { counted: 'centimetres of water', names: weekdays, columns: hours, low: 60, high: 480 },
    { counted: 'boats', names: months, columns: years, low: 12, high: 1400 },
  ]);
}

export function register(scene: GeneralScene): string {
  const { writer, say } = scene;
  const { counted, names, columns: known, low, high } = counting(scene);
  const columns = writer.sample(known, writer.between(2, 3));
  const table: FigureTable = {
    columns,
    lines: writer.sample(names, writer.between(4, 5)).map((name) => ({
      name,
      values: columns.map(() => writer.between(low, high)),
    })),
    counted,
    write: grouped,
  };
  const [first, ...rest] = readLines(writer, table);
  return compose([
    writer.vary(`{${scene.place.name}: ${counted}|Register of ${counted}|From the register of ${scene.place.name}}`),
    writeTable(writer, table, writer.vary(`{${capitalised(counted)}|Line|Name}`)),
    [
      say(
        [
          '<person>, a <occupation>, {keeps|kept} {this register|these lists} {of <counted> |}in <town>',
          'the figures were {written down|collected} by <person>{, who lives near <landmark>|}',
          'this is what was {counted|noted} in <town>, {where <person> keeps the lists|at the foot of <hill>}',
          'the lists{, which name the <counted>,|} lie in <landmark>',
        ],
        { counted },
      ),
      first,
    ],
    rest,
    readColumns(writer, table),
  ]);
}
