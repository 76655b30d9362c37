/** Days in the region: recipes, weather, matches, journeys. */

import { count } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import { type GeneralScene, months, pronouns } from './scene.ts';

const bases = [
  {
    dish: 'soup',
    verb: 'simmer',
    main: ['beans', 'leeks', 'potatoes', 'nettles', 'peas', 'carrots', 'pumpkin'],
    extra: ['onions', 'thyme', 'cream', 'bay leaves', 'parsley'],
    minutes: [25, 50],
    serve: 'in deep bowls',
  },
  {
    dish: 'stew',
    verb: 'simmer',
    main: ['mushrooms', 'turnips', 'lentils', 'cabbage', 'river fish'],
    extra: ['garlic', 'juniper berries', 'onions', 'rosemary', 'dried plums'],
    minutes: [40, 90],
    serve: 'with dark bread',
  },
  {
    dish: 'pie',
    verb: 'bake',
    main: ['apples', 'cherries', 'spinach', 'pears', 'plums', 'fish'],
    extra: ['butter', 'nutmeg', 'eggs', 'honey', 'ground almonds'],
    minutes: [35, 55],
    serve: 'while still warm',
  },
  {
    dish: 'bread',
    verb: 'bake',
    main: ['rye flour', 'wheat flour', 'oats', 'barley flour'],
    extra: ['caraway seeds', 'sunflower seeds', 'honey', 'walnuts', 'salt'],
    minutes: [40, 60],
    serve: 'with butter and cress',
  },
  {
    dish: 'cake',
    verb: 'bake',
    main: ['walnuts', 'carrots', 'apples', 'poppy seeds', 'blackberries'],
    extra: ['eggs', 'honey', 'cinnamon', 'butter', 'sour milk'],
    minutes: [30, 55],
    serve: 'in thick slices',
  },
  {
    dish: 'pancakes',
    verb: 'fry',
    main: ['potatoes', 'oats', 'courgettes', 'buckwheat flour'],
    extra: ['eggs', 'milk', 'chives', 'grated apple', 'salt'],
    minutes: [12, 25],
    serve: 'with berries',
  },
  {
    dish: 'dumplings',
    verb: 'boil',
    main: ['plums', 'potatoes', 'curd cheese', 'stale bread'],
    extra: ['eggs', 'semolina', 'nutmeg', 'parsley', 'butter'],
    minutes: [10, 20],
    serve: 'with melted butter',
  },
  {
    dish: 'salad',
    verb: 'chill',
    main: ['beetroot', 'cucumbers', 'white beans', 'radishes', 'barley'],
    extra: ['dill', 'vinegar', 'walnuts', 'mustard seeds', 'sour cream'],
    minutes: [20, 40],
    serve: 'on large plates',
  },
] as const;

export function recipe(scene: GeneralScene): string {
  const { say, writer, person, place } = scene;
  const { he, his } = pronouns(person);
  const base = writer.pick(bases);
  const main = writer.pick(base.main);
  const [first, second, third] = writer.sample<string>(base.extra, 3);
  const preparation = 5 * writer.between(2, 6);
  const cooking = writer.between(base.minutes[0], base.minutes[1]);
  const people = writer.between(2, 8);
  const grams = people * writer.pick([80, 100, 120, 150]);
  const slots = {
    he,
    his,
    main,
    first,
    second,
    third,
    dish: base.dish,
    verb: base.verb,
    serve: base.serve,
    preparation,
    cooking,
    total: preparation + cooking,
    people: count(people),
    grams,
    each: grams / people,
  };
  return compose([
    writer.vary(`{${person.name}'s ${base.dish}|A ${base.dish} from ${place.name}|A recipe from ${place.name}|}`),
    [
      say(
        [
          'this {recipe for|way of making} <dish> with <main> comes from <town>, where {it is eaten|people make it} in <month>',
          '<person>, a <occupation> in <town>, {makes|prepares} this <dish> with <main> {every|each} <month>',
          '{in <town>, |along the river <river>, |}<dish> with <main> is {a dish for cold days|made for guests|a favourite of children}',
        ],
        slots,
      ),
      say(
        [
          'for <people> people one needs <grams> grams of <main>, {which is|or} <each> grams for each, as well as <first>, <second> and <third>',
          'the ingredients for <people> people are <grams> grams of <main>, some <first>, <second> and <third>',
          '<each> grams of <main> for each person make <grams> grams for <people>; the rest is <first>, <second> and <third>',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          'first wash the <main> {well|in cold water} and {cut|chop} everything {finely|into small pieces}',
          'begin by {preparing|weighing} the <main> and {setting out|getting ready} all the other things',
          '{first|to begin with}, put the <main> into a {large|wide} bowl and {mix in|add} the <first>',
        ],
        slots,
      ),
      say(
        [
          'then {add|stir in} the <second> {little by little|with a wooden spoon}',
          'after {five|ten} minutes, add the <second>',
          '{mix|stir} until {smooth|everything is even}, and add the <second>',
        ],
        slots,
      ),
      say(
        [
          '{season with|do not forget} the <third>, and {taste|try} {often|before going on}',
          'the <third> {comes|is added} last, {because it loses its scent|or it turns bitter}',
          'some {cooks|families} {leave out|double} the <third>',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          'now <verb> {it|everything} for <cooking> minutes',
          '{let it|leave it to} <verb> for <cooking> minutes, {and do not hurry|while the table is set}',
          'it should <verb> for <cooking> minutes',
        ],
        slots,
      ),
      say(
        [
          'the preparation takes <preparation> minutes and the rest <cooking>, so {the whole takes|one should plan} <total> minutes',
          '<preparation> minutes of work and <cooking> minutes of waiting make <total> minutes {in all|altogether}',
          'altogether it {takes|needs} <total> minutes, <preparation> of them for {cutting and mixing|the preparation}',
        ],
        slots,
      ),
      say(
        [
          'serve it <serve>',
          'it is {eaten|served} <serve>, {often outdoors|best among friends}',
          '{in <town>|at home} it is {put on the table|brought to the table} <serve>',
        ],
        slots,
      ),
    ],
    ...asides(scene, writer.between(1, 2)),
    [
      say(
        [
          '<person> {learned|knows} it from <his> {grandmother|uncle}, who {used|always took} {an iron pot|a clay dish}',
          '<friend> {makes it without|prefers it without} <second>, and the two {argue|joke} about it',
          'at the <festival>, {large pots|plates} of it stand on every table',
        ],
        slots,
      ),
      say(
        [
          'it keeps for <days> days in a {cool|dark} place',
          '{on the next day|a day later} it tastes even better',
          'what is left can be {warmed up|eaten cold} {in the evening|the next morning}',
        ],
        { days: count(writer.between(2, 4)) },
      ),
      say(
        [
          '{beginners|children} can {help|make it} too, {if somebody watches the fire|since nothing can go wrong}',
          'a {pinch|spoon} of salt {at the end|at the start} {makes a difference|is enough}',
          'in {summer|autumn}, {fresh herbs|some <crop>} may be added',
        ],
        slots,
      ),
    ],
  ]);
}

export function weatherReport(scene: GeneralScene): string {
  const { say, writer, neighbours } = scene;
  const month = writer.draw(12);
  const warmth = [0, 2, 6, 11, 16, 20, 23, 22, 17, 11, 5, 1][month];
  const day = warmth + writer.between(-4, 5);
  const fall = writer.between(4, 11);
  const rain = writer.between(1, 40);
  const wind = writer.between(5, 70);
  const temperature = (t: number) => `${t < 0 ? 'minus ' : ''}${Math.abs(t)} degree${Math.abs(t) === 1 ? '' : 's'}`;
  const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
  const weekday = writer.draw(7);
  const cold = day - fall < 1;
  const slots = {
    monthName: months[month],
    day: temperature(day),
    night: temperature(day - fall),
    fall: `${fall} degrees`,
    rain,
    wind,
    today: dayNames[weekday],
    tomorrow: dayNames[(weekday + 1) % 7],
    after: dayNames[(weekday + 2) % 7],
    near: neighbours[0].place.name,
    far: neighbours[1].place.name,
    higher: temperature(day + 2),
  };
  return compose([
    writer.vary(
      `{Weather for ${dayNames[weekday]}|The weather in ${scene.place.name}|The sky over ${scene.place.name}|}`,
    ),
    [
      say(
        [
          'on <today> the sky over <town> was <sky>{, and {a light|a cold|a warm} wind came {from the west|over <hill>}|}',
          '<today> {began|started} in <town> under a sky that was <sky>',
          'a {mild|cool|windy|calm} day is {behind|ahead of} the people of <town>',
        ],
        slots,
      ),
      say(
        [
          'at noon the thermometer near <landmark> {showed|stood at} <day>',
          "the temperature {reached|rose to} <day> {in the afternoon|at two o'clock}",
          '{by noon|at midday} it was <day>, {as usual in|not unusual for} <monthName>',
        ],
        slots,
      ),
      say(
        [
          'after sunset it fell by <fall>, to <night>',
          'the night brought <night>, which is <fall> less than {at noon|by day}',
          '{during the night|towards morning} the air cooled to <night>',
        ],
        slots,
      ),
    ],
    [
      say(
        cold
          ? [
              'snow {fell|lay} on <hill>, {<rain> centimetres deep|and the paths became white}',
              'ice {covered|lay on} the {ponds|puddles}, and the river <river> {smoked|steamed} in the cold',
              '{frost|hoarfrost} {painted|covered} the <tree> white',
            ]
          : [
              '<rain> millimetres of rain fell {in the morning|during the day|within an hour}',
              'showers brought <rain> millimetres of rain, {mostly|above all} {over|near} <hill>',
              'it stayed dry until {evening|the late afternoon}, then <rain> millimetres fell',
            ],
        slots,
      ),
      say(
        [
          'the wind blew at <wind> kilometres an hour {from the north|from the south-west|along the valley}',
          '{gusts|a wind} of <wind> kilometres an hour {shook|moved} the <tree>',
          '{near|beside} the river the wind reached <wind> kilometres an hour',
        ],
        slots,
      ),
      say(
        [
          'in <near> it was {drier|wetter|foggy|calmer}, and in <far> {the sun shone|clouds stayed all day}',
          'people in <near> {saw|reported} {a rainbow|hail|thick fog}',
          '<near> had {sunshine|rain} at the same time, <far> {a thunderstorm|mist}',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          'for <tomorrow>, {forecasters expect|the weather station expects} <higher> and {few|many} clouds',
          '<tomorrow> should be {a little |somewhat |}warmer, with <higher>',
          'on <tomorrow> the air warms to <higher>, and on <after> {it may rain|the wind turns}',
        ],
        slots,
      ),
      say(
        [
          'the pressure is {rising|falling}, {and the swallows fly high|and the smoke hangs low|so the change will come soon}',
          'clouds {from the sea|in thin bands} {show|announce} {a change|wind}',
          '{old|experienced} {farmers|shepherds} {look at|watch} the {swallows|ants|moon} and agree',
        ],
        slots,
      ),
      say(
        [
          '{warm|waterproof} clothes are {a good idea|advisable}, {above all|especially} for {walks on <hill>|those who cross the river}',
          'gardeners should {cover|water} their {seedlings|young plants} {tonight|in the evening}',
          'the {match|boat trip} planned for <after> {can take place|may have to wait}',
        ],
        slots,
      ),
    ],
    ...asides(scene, writer.between(1, 2)),
    [
      say(
        [
          '{a year ago|last year}, {the same day|this day} was {colder|warmer} and {windier|quieter}',
          '{records|the records} of the station go back to <first>; the {warmest|driest} <monthName> was {in|that of} <best>',
          'the wettest <monthName> on record was that of <best>',
        ],
        { ...slots, first: 1870 + writer.draw(60), best: 1935 + writer.draw(80) },
      ),
      say([
        'rain forms when {warm|moist} air rises, cools and can no longer hold its water',
        'fog appears when {air near the ground cools at night|cool air lies over warm water}',
        'wind is air that {flows|moves} from {high|higher} to {low|lower} pressure',
        'clouds at night keep the ground warm, {as a blanket does|like a blanket}',
      ]),
      say(
        [
          '<person>, who {reads|notes} the thermometer every {morning|evening}, {has done so for|has not missed a day in} <years> years',
          '{children|pupils} of the school {drew|wrote down} the clouds and gave them names',
          'the <animals> {stayed|were} {hidden|quiet}, as {they do before rain|always in such weather}',
        ],
        { years: writer.between(3, 40) },
      ),
    ],
  ]);
}

const games = [
  {
    name: 'football',
    unit: 'goal',
    low: 0,
    high: 5,
    action: ['a header', 'a long shot', 'a free kick', 'a quick counterattack'],
    field: 'pitch',
  },
  {
    name: 'handball',
    unit: 'goal',
    low: 18,
    high: 35,
    action: ['a throw from the wing', 'a fast break', 'a penalty throw', 'a jump shot'],
    field: 'hall',
  },
  {
    name: 'basketball',
    unit: 'point',
    low: 48,
    high: 98,
    action: ['a throw from the corner', 'two free throws', 'a steal', 'a long pass'],
    field: 'court',
  },
  {
    name: 'hockey',
    unit: 'goal',
    low: 0,
    high: 7,
    action: ['a penalty corner', 'a deflection', 'a sprint along the line', 'a reverse hit'],
    field: 'pitch',
  },
] as const;

export function matchReport(scene: GeneralScene): string {
  const { say, writer, place, neighbours, region } = scene;
  const game = writer.pick(games);
  const rival = neighbours[writer.draw(3)].place;
  const home = writer.between(game.low, game.high);
  let away = writer.between(game.low, game.high);
  if (away === home) away = home + 1;
  const won = home > away;
  const halfHome = Math.round((home * writer.between(30, 60)) / 100);
  const halfAway = Math.round((away * writer.between(30, 60)) / 100);
  const surnames = region.people(place).map((person) => person.name.split(' ')[1]);
  const [captain, scorer, keeper] = writer.sample(surnames, 3);
  const difference = Math.abs(home - away);
  const slots = {
    rival: rival.team,
    rivalTown: rival.name,
    game: game.name,
    home,
    away,
    halfHome,
    halfAway,
    captain,
    scorer,
    keeper,
    field: game.field,
    action: () => writer.fresh<string>(game.action),
    margin: `${count(difference)} ${game.unit}${difference === 1 ? '' : 's'}`,
    total: home + away,
    units: `${game.unit}s`,
    spectators: 50 * writer.between(2, 40),
    high: Math.max(home, away),
    low: Math.min(home, away),
    winner: won ? place.team : rival.team,
    loser: won ? rival.team : place.team,
  };
  return compose([
    writer.vary(
      `{${place.team} against ${rival.team}|${won ? place.team : rival.team} win in ${place.name}|A ${game.name} match in ${place.name}|}`,
    ),
    [
      say(
        [
          "<winner> beat <loser> by <high> to <low> in {a|Saturday's|Sunday's} <game> match {in|at} <town>",
          'the <game> match between <team> and <rival> ended <home> to <away>, {a win for|in favour of} <winner>',
          '{in front of|before} <spectators> spectators, <winner> {won|won their <game> match} <high> to <low> against <loser>',
        ],
        slots,
      ),
      say(
        [
          'the {difference|distance} was <margin>',
          'that {made|was} a {victory|win} by <margin>, with <total> <units> in all',
          '<total> <units> were seen in all, and in the end <margin> {decided|made the difference}',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          '<team> {began|started} {well|nervously|at full speed} and {soon|early} had {the ball|their first chance}',
          '{from the start|in the first minutes}, <rival> {pressed|attacked} and <team> {defended|waited}',
          'the first {minutes|part} belonged to <rival>, whose {passing|running} was {better|quicker}',
        ],
        slots,
      ),
      say(
        [
          '<scorer> {scored|opened the scoring} with <action>',
          'with <action>, <scorer> {gave|won} <team> {new hope|the first success}',
          '{after|following} <action> by <scorer>, the {spectators|crowd} {cheered|sang}',
        ],
        slots,
      ),
      say(
        [
          'at half-time it was <halfHome> to <halfAway>',
          'the first half ended <halfHome> to <halfAway>',
          'after the first half the board showed <halfHome> to <halfAway>',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          'after the break {the rain began|the wind turned|the pace rose}, and {both teams|tired legs} {made mistakes|slowed the game}',
          'the second half was {rougher|calmer|more open}',
          '{the coach|the trainer} of <team> {changed|moved} {two players|the defence}, {which helped|but it did not help|and the game became livelier}',
        ],
        slots,
      ),
      say(
        [
          '<keeper> {saved|stopped} {three|several|two} {dangerous|hard} shots',
          '{once|twice} <captain>, the captain, {calmed|gathered} the team',
          '<action> by <captain> {hit the post|missed by a hand|brought the loudest applause}',
        ],
        slots,
      ),
      say(
        won
          ? [
              'in the {last|final} minutes <team> {kept|held} their lead',
              '{nobody|no one} could {stop|hold back} <team> after that',
            ]
          : [
              'in the {last|final} minutes <team> {tried everything|ran out of strength}',
              '{nobody|no one} in the home team found {an answer|a gap}',
            ],
        slots,
      ),
    ],
    ...asides(scene, writer.between(1, 2)),
    [
      say(
        won
          ? [
              '"{we ran for each other|we stayed calm}, and {it worked|that was enough}," said <captain>',
              '<captain> {praised|thanked} the {young|tireless} {defence|goalkeeper}',
            ]
          : [
              '"{they were quicker|we were a step late}, so {they deserved it|we must train harder}," said <captain>',
              '<captain> {praised|congratulated} the {guests|other side}',
            ],
        slots,
      ),
      say(
        [
          'next {week|Saturday}, <team> {travel|go} to <neighbour>',
          'the return match will be {played|held} in <rivalTown> in <month>',
          'both teams then {ate|sat down to} <dish> together',
        ],
        slots,
      ),
      say(
        [
          'the {field|ground} near <landmark> was {wet|dry and hard|freshly mown}',
          '{children|supporters} waved {scarves|flags}, and a {band|drummer} played',
          '{<spectators> people|a crowd of <spectators>} {stood|watched} {in the cold|in the sunshine} until the end',
        ],
        slots,
      ),
    ],
  ]);
}

export function journey(scene: GeneralScene): string {
  const { say, writer, neighbours, person } = scene;
  const { he, his } = pronouns(person);
  const target = neighbours[writer.draw(3)];
  const means = writer.pick([
    { by: 'on foot', speed: 4, verb: 'walked' },
    { by: 'by bicycle', speed: 15, verb: 'rode' },
    { by: 'by boat', speed: 8, verb: 'sailed' },
    { by: 'by train', speed: 40, verb: 'travelled' },
    { by: 'on horseback', speed: 10, verb: 'rode' },
    { by: 'by bus', speed: 30, verb: 'travelled' },
  ]);
  const hours = Math.max(1, Math.round(target.kilometres / means.speed));
  const distance = hours * means.speed;
  const start = writer.between(5, 9);
  const end = start + hours;
  const slots = {
    he,
    his,
    target: target.place.name,
    by: means.by,
    verb: means.verb,
    speed: means.speed,
    hours: `${count(hours)} hour${hours === 1 ? '' : 's'}`,
    distance,
    start: clock(start),
    end: clock(end),
    other: target.place.landmark,
    theirFestival: target.place.festival,
  };
  return compose([
    writer.vary(
      `{From ${scene.place.name} to ${target.place.name}|A journey ${means.by}|On the way to ${target.place.name}|}`,
    ),
    [
      say(
        [
          'one <month> morning, <person> left <town> <by> for <target>, <distance> kilometres away',
          '<person>, a <occupation>, {wanted to see|had never seen} <target>, and {so|one day} <he> set out from <town> <by>',
          'in <month>, <person> and <friend> {travelled|went} from <town> to <target> <by>',
        ],
        slots,
      ),
      say(
        [
          'at <speed> kilometres an hour, <distance> kilometres take <hours>',
          'the {way|distance} is <distance> kilometres, which takes <hours> at <speed> kilometres an hour',
          '{there were|they had} <distance> kilometres ahead, or <hours> at <speed> kilometres an hour',
        ],
        slots,
      ),
      say(
        [
          'it was {still dark|cool|already warm} at <start>, when {the journey began|<town> disappeared behind the <tree>}',
          'it was <start>, and the streets were {empty|quiet}',
          'shortly after <start> the last houses {were|lay} behind them',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          'the {road|route} {followed|ran along} the river <river> {for an hour|at first} and then {climbed|turned} {towards|to} <hill>',
          '{first|at first} there were fields of <crop>, {then|later} {woods|moors}',
          '{beyond|behind} <hill> the {land|country} became {flat|wild|empty}',
        ],
        slots,
      ),
      say(
        [
          '<bird> {flew up|crossed the sky}',
          'near {a pond|a stream} they saw the <animal>',
          '{on a fence|by the wayside} sat <bird>, {and did not move|as if waiting}',
          'the sky was <sky>, and <flower> {grew|stood} {by the way|in the ditches}',
        ],
        slots,
      ),
      say(
        [
          '{at a farm|under a tree|by a well} {there was a rest|they rested}, with <dish> and {water|cold tea}',
          'halfway, {a shower|a fallen tree|a flock of sheep} {stopped|delayed} them for {a while|some minutes}',
          '{an old man|a girl with a dog|a carter} {showed them the way|told them about the road|gave them some apples}',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          'at <end>, <hours> after the start, they {reached|came to} <target>',
          'they {arrived in|reached} <target> at <end>{, tired but {happy|content}|}',
          '<target> {came into view|lay before them} at <end>',
        ],
        slots,
      ),
      say(
        [
          'the first thing they saw was <other>',
          'from afar <other> had {shown|pointed} the way',
          '{beside|near} <other> {a friend|a cousin} was waiting',
        ],
        slots,
      ),
      say(
        [
          'they {stayed|remained} for <n> days and {saw|visited} the <theirFestival>',
          '<he> {drew|described} everything in a {notebook|diary}',
          'in the evening they {listened to music|walked by the water|heard stories} and {slept|rested} {well|soundly}',
        ],
        { ...slots, n: count(writer.between(2, 6)) },
      ),
    ],
    ...asides(scene, writer.between(1, 2)),
    [
      say(
        [
          '"{the way|a road} is {shorter|longer} when {one sings|it rains}," said <friend>',
          '{back home|on return}, <he> {told|described} {everything|the journey} to <his> {family|pupils}',
          '{ever since|since then}, <he> has {kept|carried} a {pebble|leaf} from <target>',
        ],
        slots,
      ),
      say(
        [
          '{such|these} {journeys|trips} {teach|show} that {small things|clouds, birds and people} are worth seeing',
          'the {way|road} back {seemed|felt} {shorter|easier}, as {often|usual}',
          'next time {they will|they want to} {go by another road|take the path over <hill>}',
        ],
        slots,
      ),
    ],
  ]);
}

/** Hours of the day in words: 13 -> "one in the afternoon". */
function clock(hour: number): string {
  const day = hour % 24;
  const name = count(day % 12 === 0 ? 12 : day % 12);
  if (day === 0) return 'midnight';
  if (day === 12) return 'noon';
  return `${name} in the ${day < 12 ? 'morning' : day < 18 ? 'afternoon' : 'evening'}`;
}
