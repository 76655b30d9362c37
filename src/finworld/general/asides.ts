/** Paragraphs that may stand in any general document: what else there is to say about its place. */
import { count, ordinal } from '../grammar/numbers.ts';
import { enumeration } from '../grammar/polish.ts';
import type { GeneralScene } from './scene.ts';
import { topics } from './topics.ts';

/** `n` different paragraphs about the scene's place. */
export function asides(scene: GeneralScene, n: number): string[][] {
  return scene.writer
    .sample([surroundings, neighbourhood, fact, workshop, kitchen, evening, wildlife, childhood], n)
    .map((write) => write(scene));
}

function surroundings({ say, writer, place }: GeneralScene): string[] {
  return [
    say([
      '{around|outside} <town> the land {rises|climbs} {gently|slowly} towards <hill>',
      '{from|seen from} <hill> the roofs of <town> look like {a handful of pebbles|the scales of a fish}',
      'the {fields|meadows} between <town> and the river <river> are {flat|wet|full of <flower>}',
    ]),
    say([
      'in <month> {the slopes|the meadows} are covered with <flower>, {and bees are everywhere|which children pick for the school}',
      'two rows of <tree> {lead|run} from {the last house|the mill} to the {water|woods}',
      '{a path|a narrow track} {winds|leads} through fields of <crop> {to a spring|to a chapel|and ends at a gate}',
    ]),
    say(
      [
        '{a walk|the walk} around {the place|<town>} takes {about |}<minutes> minutes, {more with children|less on frozen ground}',
        'the {highest|oldest} house stands <height> metres above the sea',
        '{in dry weather|after a storm} one can see {as far as|all the way to} <neighbour>',
      ],
      { minutes: 5 * writer.between(6, 30), height: place.height + writer.between(2, 40) },
    ),
    say([
      '{the wind|a light wind} {usually|mostly} comes from the {west|sea|hills}, and {the mill turns|the doors rattle}',
      '{fog|mist} {lies|hangs} over the {reeds|meadows} on many mornings, {and then the tower seems to float|until the sun is high}',
      'at night it is so {dark|quiet} that one {sees|counts} {thousands of stars|every star}, and the river can be heard in every room',
    ]),
  ];
}

function neighbourhood({ say, writer, neighbours, region, place }: GeneralScene): string[] {
  const near = neighbours[0];
  const other = region.people(place)[4 + writer.draw(4)];
  const slots = {
    near: near.place.name,
    km: near.kilometres,
    double: 2 * near.kilometres,
    theirs: near.place.craft,
    ours: place.craft,
    nextFestival: near.place.festival,
    other: other.name,
    job: other.occupation,
  };
  return [
    say(
      [
        'the nearest neighbours live <km> kilometres away, in <near>',
        'from <town> to <near> it is <km> kilometres, {so there and back it is|there and back} <double>',
        '<near>, <km> kilometres away, is {known for|proud of} <theirs>',
      ],
      slots,
    ),
    say(
      [
        '{between|for} the two places there is {an old friendship|a friendly rivalry}: <town> has its <ours>, <near> its <theirs>',
        'people from <near> come {for|to} the <festival>, and people from <town> go there for the <nextFestival>',
        '{once a year|every second year} the {choirs|rowing teams} of both places meet',
      ],
      slots,
    ),
    say(
      [
        '<other>, a <job>, {goes|travels} there {twice a week|every Thursday} and brings back {letters|news|stories}',
        'a {cart|bus|boat} {leaves|goes} {every morning|twice a day}, and <other>, the <job>, is {always|often} on board',
      ],
      slots,
    ),
    say(
      [
        'the {road|path} is {steep|narrow|lined with <tree>} and {passes|crosses} <n> bridges',
        'on the way one {passes|counts} <n> {mills|bridges|wayside shrines}',
        'half of the way {runs|lies} in the shade of <tree>',
      ],
      { n: count(writer.between(2, 7)) },
    ),
  ];
}

function fact({ say, writer }: GeneralScene): string[] {
  const topic = writer.pick(topics);
  const [first, second] = writer.sample(topic.facts, 2);
  const slots = { topic: topic.name, first, second };
  return [
    say(
      [
        '{in the library|at the school} of <town> there is a {book|picture} about <topic>',
        '{old|young} and {curious|patient} people in <town> like to talk about <topic>',
        '<friend> {once|often} {gave a talk|spoke} about <topic> in {the library|the school}',
      ],
      slots,
    ),
    say(
      [
        'there one {reads|learns} that <first>',
        '{many people know|not everyone knows} that <first>',
        '{for instance|to begin with}, <first>',
      ],
      slots,
    ),
    say(
      ['{besides|what is more}, <second>', 'and <second>', '{one can also read|it is just as true} that <second>'],
      slots,
    ),
    say([
      '{children|visitors} ask for more, and {<person>|an old teacher} {tells|explains} it {gladly|with drawings}',
      '{such things|things like these} are {easily|quickly} {forgotten|overlooked}, and yet they {are part of every day|surround us}',
      'who has {understood|seen} this once {looks|walks} through the world with {other|open} eyes',
    ]),
  ];
}

function workshop({ say, writer, place, region }: GeneralScene): string[] {
  const maker = region.people(place)[4 + writer.draw(4)];
  const slots = {
    master: maker.name,
    n: count(writer.between(2, 6)),
    year: maker.born + writer.between(16, 24),
    hours: count(writer.between(5, 14)),
  };
  return [
    say(
      [
        'the {oldest|largest} workshop for <craft> {stands|is} {near|beside|behind} <landmark>',
        '{visitors|guests} may watch <craft> in a {low|bright|dusty} workshop {near|beside} <landmark>',
        '<craft> needs {a calm hand|good eyes|time}, {and the people of <town> have it|as every child in <town> knows}',
      ],
      slots,
    ),
    say(
      [
        '<master> has worked there since <year>{, with <n> helpers|}',
        'since <year> the tools have hung on the same {nails|wall}, and <master> {knows|cleans} each of them',
        '<n> people work there, {among them|led by} <master>',
      ],
      slots,
    ),
    say(
      [
        'a {good|single} piece takes <hours> hours, {and none is like another|and much patience}',
        '{it smells of|the room smells of} {wood and oil|wax|smoke}',
        '{mistakes|broken pieces} are {kept on a shelf|never thrown away}, {as a reminder|for pupils to study}',
      ],
      slots,
    ),
    say([
      '{young people|pupils} {come|arrive} from as far as <neighbour> to {learn|look on}',
      'the {finished|best} pieces are {shown|judged} at the <festival>',
      'on {Saturdays|rainy days} {children|anyone} may {try it|help} {for an hour|under the eyes of the master}',
    ]),
  ];
}

function kitchen({ say, writer }: GeneralScene): string[] {
  const slots = { n: count(writer.between(2, 9)), hour: count(writer.between(5, 8)) };
  return [
    say(
      [
        '{at home|in most kitchens of <town>}, {the day|every day} {begins|starts} at <hour> with {tea|warm milk} and bread',
        'the kitchens of <town> {smell|smelled} of {bread|onions|stewed fruit} {in the morning|all day}',
        '{whoever|anyone who} is hungry in <town> {finds|is given} <dish>',
      ],
      slots,
    ),
    say([
      '{most gardens|the gardens} give <crop>, and {what is not eaten|the rest} is dried {under the roof|for the winter}',
      '<crop> can be {cooked|prepared} in many ways',
      '{in autumn|after the harvest} the {cellars|shelves} are full of {jars|baskets}',
    ]),
    say(
      [
        '{on Sundays|on feast days} there is <dish>, {enough for <n> guests|and nobody leaves the table early}',
        '{an aunt|a grandmother} of <person> {cooks|knows} <n> kinds of {soup|dumplings}',
        '{the recipe|the secret} of <dish> is {passed on|kept} {in the family|from hand to hand}',
      ],
      slots,
    ),
    say([
      '{a pinch of salt|a slow fire|a heavy pot}, {they say|people say}, is {half the secret|what matters most}',
      '{children|the youngest} {lay|set} the table and {the oldest|the eldest} {say|speak} {a short verse|a blessing}',
      '{afterwards|after the meal} somebody {sings|tells a story|washes the plates}',
    ]),
  ];
}

function evening({ say, writer }: GeneralScene): string[] {
  return [
    say([
      '{in the evening|when it gets dark}, {lamps|lights} {are lit|appear} along the river <river>',
      'the evenings in <town> are {long|quiet|mild}, and {people|neighbours} {sit outside|visit each other}',
      'when the {bell|clock} strikes {seven|eight|nine}, the {streets|lanes} {grow|become} {quiet|empty}',
    ]),
    say([
      '<friend> {plays|tunes} an {accordion|old fiddle}, and {others|two girls} {join in|sing along}',
      '{somebody|an old man} {tells|reads} {a story|stories} of {a flood|a wolf|a long winter}',
      '{cards are played|a game of chess begins}, {and the loser makes tea|while the dogs sleep}',
    ]),
    say([
      'an owl calls over the water, and {then it is still|somewhere a door closes}',
      'the {moon|first star} {rises|stands} {above|over} <hill>, {large and yellow|and the roofs shine}',
      '{smoke|mist} {rises|drifts} from {the chimneys|the river}',
    ]),
    say(
      [
        '{by|around} {ten|eleven} only <n> windows are still {bright|lit}',
        '{the day|a long day} {ends|closes} {without haste|with a good-night over the fence}',
        '{whoever|anyone who} {sleeps|stays} there {for the first time|as a guest} {hears|listens to} the {water|wind} all night',
      ],
      { n: count(writer.between(2, 6)) },
    ),
  ];
}

function wildlife({ say, writer, place }: GeneralScene): string[] {
  const { animal } = place;
  const slots = {
    kind: animal.kind,
    habitat: animal.habitat,
    food: enumeration(animal.food),
    length: animal.length,
    young: count(animal.young),
    times: count(writer.between(2, 9)),
  };
  return [
    say(
      [
        '{not far away|close by}, in <habitat>, lives the <animal>, {a <kind>|a <kind> of <length> centimetres}',
        'the <animal>, a <kind> that feeds on <food>, {is at home here|can be found nearby}',
        'last <season>, the <animal> was seen <times> times {near|around} <town>',
      ],
      slots,
    ),
    say(
      [
        'it {eats|looks for} <food>{ and has <young> young a year|}',
        '{its|the} young, <young> at a time, are {hidden|raised} {with care|far from the paths}',
        'it is {about |}<length> centimetres long and {shy|quick|hard to see}',
      ],
      slots,
    ),
    say(
      [
        '{children|pupils} {know|imitate} its call, and {dogs are afraid of it|sometimes it answers}',
        '{hunters|farmers} {leave it alone|respect it}, {because|since} it {brings luck|does no harm}',
        '{a stuffed one|a picture of it} {stands|is kept} in the school of <town>',
      ],
      slots,
    ),
    say([
      'the <tree> {give|offer} it {shade|shelter}, and the river <river> {water|a drink}',
      '{where|when} {there is silence|people are quiet}, it {comes closer|shows itself}',
      '{clean water and old trees|hedges and ponds} are {all|what} it needs',
    ]),
  ];
}

function childhood({ say, writer, region, place }: GeneralScene): string[] {
  const child = region.people(place)[4 + writer.draw(4)].name.split(' ')[0];
  const slots = {
    child,
    n: writer.between(6, 30),
    nth: ordinal(writer.between(2, 9)),
    games: count(writer.between(2, 8)),
  };
  return [
    say(
      [
        'the children of <town> {play|meet} {near|behind} <landmark>',
        '{in the holidays|after school}, the children {swim|build dams|catch crayfish} in the river <river>',
        '<n> children {live|grow up} in the {lanes|houses} {near|around} <landmark>',
      ],
      slots,
    ),
    say(
      [
        'they know <games> games that {nobody else|no grown-up} {understands|has ever won}',
        '{one of them|the loudest}, <child>, {can walk on stilts|collects feathers|wants to become a sailor}',
        'a boy climbs <hill> every {day|morning} {to see the sea|to fly a kite}',
      ],
      slots,
    ),
    say(
      [
        '{at|for} the <festival> they {make|sew} {masks|lanterns|costumes}, and the {best|funniest} one {wins|gets} {a pear|a cake}',
        '{in winter|when snow lies} they {slide|race} down <hill> on {trays|old sledges}',
        '{when it rains|on wet days} they {sit|gather} in the {loft|barn} and {invent|read} stories',
      ],
      slots,
    ),
    say([
      '{later|years later}, {many|most} of them {remember|talk about} {those|these} {summers|days}',
      '<person>, the <occupation>, {played|ran about} there as a child',
      '{time|an afternoon} {goes|passes} {slowly|quickly} there',
    ]),
  ];
}
