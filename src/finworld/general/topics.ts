/** What a school teaches about nature: topics with facts that are true in our world too. */

export interface Topic {
  readonly name: string;
  /** Whole clauses, general first. */
  readonly facts: readonly string[];
  /** What the class did: past tense, after "the class". */
  readonly experiment: string;
  /** What was seen: a whole clause in the past tense. */
  readonly result: string;
}

export const topics: readonly Topic[] = [
  {
    name: 'water and ice',
    facts: [
      'water freezes at zero degrees and boils at one hundred',
      'ice floats because it is lighter than the water it is made of',
      'a pond freezes from the top, so fish can live below the ice',
      'steam is water in the form of a gas',
      'warm water evaporates faster than cold water',
      'salt water freezes at a lower temperature than fresh water',
    ],
    experiment: 'put a bottle full of water outside on a frosty night',
    result: 'in the morning the bottle had burst',
  },
  {
    name: 'the seasons',
    facts: [
      'the seasons come from the tilt of the earth, not from its distance to the sun',
      'in summer the sun stands high and the days are long',
      'when it is summer in the north, it is winter in the south',
      'day and night are equally long twice a year',
      'near the poles the sun does not set for weeks in summer',
    ],
    experiment: 'walked around a lamp with a tilted globe',
    result: 'light reached the northern half more directly on one side of the lamp',
  },
  {
    name: 'plants and light',
    facts: [
      'green leaves use light to make sugar from air and water',
      'plants give off oxygen while the sun shines',
      'leaves look green because they use the other colours of light',
      'roots take up water and minerals',
      'without light a plant becomes pale and weak',
    ],
    experiment: 'kept one bean in a cupboard and another on the window sill',
    result: 'the bean in the cupboard grew long and yellow',
  },
  {
    name: 'the moon',
    facts: [
      'the moon shines because it reflects the light of the sun',
      'it goes around the earth in about four weeks',
      'we always see the same side of it',
      'there is no air on the moon, and so no sound',
      'the tides follow the moon',
    ],
    experiment: 'drew the moon every evening for a month',
    result: 'the drawings showed a circle that grew and shrank',
  },
  {
    name: 'sound',
    facts: [
      'sound is a trembling of the air',
      'it travels about one kilometre in three seconds',
      'thunder is heard after the lightning because sound is slower than light',
      'a short string gives a higher note than a long one',
      'sound travels faster in water than in air',
    ],
    experiment: 'stretched rubber bands over boxes of different size',
    result: 'the tight bands gave the higher notes',
  },
  {
    name: 'magnets',
    facts: [
      'a magnet has two ends, called poles',
      'equal poles push each other away and different poles attract',
      'iron is attracted by magnets, but wood and copper are not',
      'a compass needle is a small magnet that points north',
      'a magnet that is broken becomes two magnets',
    ],
    experiment: 'scattered iron filings on paper above a magnet',
    result: 'the filings formed curved lines from one end to the other',
  },
  {
    name: 'air',
    facts: [
      'air has weight, although we do not feel it',
      'about one fifth of it is oxygen',
      'warm air rises because it is lighter than cold air',
      'the higher one climbs, the thinner the air becomes',
      'fire needs air and goes out without it',
    ],
    experiment: 'turned a glass over a burning candle',
    result: 'the flame became small and died',
  },
  {
    name: 'bees',
    facts: [
      'a hive has one queen, many workers and some drones',
      'bees tell each other by a dance where the flowers are',
      'they carry pollen from flower to flower',
      'honey is made of nectar that the bees have dried',
      'in winter the bees sit close together and keep each other warm',
    ],
    experiment: 'watched a glass hive for an hour',
    result: 'returning bees danced in the shape of an eight',
  },
  {
    name: 'levers',
    facts: [
      'a long lever lifts a heavy stone with little force',
      'what is gained in force is lost in distance',
      'scissors and seesaws are levers',
      'the point on which a lever turns is called the fulcrum',
      'two children of different weight can balance if the heavier one sits closer to the middle',
    ],
    experiment: 'lifted the desk of the teacher with a broom',
    result: 'even the smallest pupil managed it',
  },
  {
    name: 'light and shadow',
    facts: [
      'light travels in straight lines',
      'a shadow is the place that light cannot reach',
      'shadows are long in the morning and short at noon',
      'a mirror sends light back at the same angle',
      'white light is a mixture of all colours',
    ],
    experiment: 'marked the shadow of a stick in the yard every hour',
    result: 'the shortest shadow pointed north at noon',
  },
  {
    name: 'stones',
    facts: [
      'granite forms from melted rock that cools slowly',
      'sandstone is made of sand pressed together',
      'chalk consists of the shells of tiny animals',
      'water and frost break stones into pieces',
      'fossils are traces of living things in old layers',
    ],
    experiment: 'dropped vinegar on several stones',
    result: 'the chalk fizzed and the granite did not',
  },
  {
    name: 'the heart',
    facts: [
      'the heart is a muscle that pumps blood',
      'it beats about seventy times a minute at rest',
      'running makes it beat faster',
      'blood carries oxygen from the lungs to the body',
      'veins bring the blood back to the heart',
    ],
    experiment: 'counted heartbeats before and after ten knee bends',
    result: 'every pupil counted more beats after the exercise',
  },
  {
    name: 'volcanoes',
    facts: [
      'a volcano is an opening through which melted rock comes up',
      'melted rock is called lava when it reaches the surface',
      'ash makes the soil fertile',
      'many volcanoes lie where plates of the crust meet',
      'some islands are the tops of volcanoes under the sea',
    ],
    experiment: 'built a hill of clay with vinegar and baking soda inside',
    result: 'red foam ran down on all sides',
  },
  {
    name: 'migrating birds',
    facts: [
      'many birds fly south in autumn and return in spring',
      'they find their way by the sun, the stars and the magnetism of the earth',
      'some travel ten thousand kilometres',
      'before they leave, they eat as much as they can',
      'geese fly in the shape of a wedge to save strength',
    ],
    experiment: 'counted swallows on the wires for two weeks',
    result: 'one morning the wires were empty',
  },
  {
    name: 'floating and sinking',
    facts: [
      'a body floats if it is lighter than the water it pushes aside',
      'a ship of steel floats because it is hollow',
      'it is easier to swim in salt water',
      'oil floats on water',
      'a fish changes its depth with a bladder full of air',
    ],
    experiment: 'shaped a lump of clay into a boat',
    result: 'the lump had sunk, but the boat carried six marbles',
  },
  {
    name: 'electric circuits',
    facts: [
      'a current flows only in a closed circuit',
      'metals conduct, while glass and rubber do not',
      'a switch opens and closes the circuit',
      'lightning is a huge spark',
      'two lamps in a row shine more weakly than one',
    ],
    experiment: 'connected a battery, a wire and a small lamp',
    result: 'the lamp lit up as soon as the circle was closed',
  },
  {
    name: 'forests',
    facts: [
      'a forest stores water and cools the air',
      'fallen leaves become soil with the help of worms and fungi',
      'every ring in a trunk stands for one year',
      'some trees live for more than a thousand years',
      'many trees exchange food with fungi at their roots',
    ],
    experiment: 'counted the rings of a fallen trunk',
    result: 'there were more rings than the oldest teacher had years',
  },
  {
    name: 'the planets',
    facts: [
      'eight planets circle the sun',
      'the inner ones are rocky and the outer ones are large balls of gas',
      'the farther a planet is from the sun, the longer its year',
      'Saturn has rings of ice and dust',
      'a day on Venus is longer than its year',
    ],
    experiment: 'laid out the distances with a ball and peppercorns',
    result: 'the last peppercorn lay beyond the school gate',
  },
  {
    name: 'seeds',
    facts: [
      'a seed holds a small plant and its food',
      'it needs water and warmth to sprout',
      'the root always grows downwards',
      'some seeds fly, some stick to fur and some are eaten by birds',
      'certain seeds can wait for many years',
    ],
    experiment: 'laid beans on wet cotton wool',
    result: 'after five days small white roots appeared',
  },
  {
    name: 'frogs',
    facts: [
      'frogs begin life in the water as tadpoles',
      'a tadpole breathes with gills, a grown frog with lungs and skin',
      'first the hind legs appear, then the front legs',
      'frogs catch flies with their tongue',
      'in winter they hide in mud',
    ],
    experiment: 'kept some frogspawn in a large tank',
    result: 'tiny tadpoles hatched within two weeks',
  },
  {
    name: 'rust',
    facts: [
      'iron rusts when it meets air and water together',
      'rust is softer than iron and falls off in flakes',
      'paint and oil keep the air away',
      'salt makes iron rust faster',
      'gold does not rust',
    ],
    experiment: 'left one nail in dry sand and one in a wet cloth',
    result: 'only the nail in the cloth turned brown',
  },
  {
    name: 'maps',
    facts: [
      'a map is a picture of the land from above',
      'on most maps north is at the top',
      'lines of equal height show hills and valleys',
      'where these lines lie close together, the slope is steep',
      'the scale tells how far a centimetre is in reality',
    ],
    experiment: 'paced out the school yard and drew it on paper',
    result: 'the fountain ended up in the wrong corner, and all of them laughed',
  },
];
