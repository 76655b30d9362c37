/** Small tasks with tools, steps in order and hints. */

/** Small tasks with tools, steps in order and a hint. Steps are imperatives. */
export interface Task {
  readonly goal: string;
  readonly tools: readonly string[];
  readonly steps: readonly string[];
  readonly hints: readonly string[];
}

export const tasks: readonly Task[] = [
  {
    goal: 'mend a bicycle tyre',
    tools: ['two tyre levers', 'a patch', 'glue', 'a bowl of water'],
    steps: [
      'take the wheel off',
      'lift the tyre over the rim',
      'pump up the tube and hold it under water',
      'mark the place where bubbles rise',
      'roughen the rubber and spread a thin layer of glue',
      'press the patch on for two minutes',
      'put everything back and pump it up',
    ],
    hints: ['look inside the tyre for thorns', 'let the glue dry before the patch goes on'],
  },
  {
    goal: 'build a kite',
    tools: ['two thin sticks', 'strong paper', 'string', 'glue'],
    steps: [
      'tie the sticks together in the shape of a cross',
      'run a string around the four ends',
      'cut the paper a little larger than the frame',
      'fold the edges over the string and glue them',
      'fix a tail of paper bows',
      'tie the long string to the middle',
    ],
    hints: ['a longer tail makes the kite calmer', 'choose a field without trees'],
  },
  {
    goal: 'light a campfire',
    tools: ['dry twigs', 'bark', 'matches', 'a bucket of water'],
    steps: [
      'clear a round place and put stones around it',
      'lay bark and the thinnest twigs in the middle',
      'build a small tent of sticks above them',
      'light the bark on the side the wind comes from',
      'add thicker wood when the flames are steady',
      'pour water over the ashes at the end',
    ],
    hints: ['never leave the fire alone', 'wood from the ground is often damp'],
  },
  {
    goal: 'plant a tree',
    tools: ['a spade', 'a stake', 'a watering can', 'a young tree'],
    steps: [
      'dig a hole twice as wide as the roots',
      'loosen the soil at the bottom',
      'drive the stake in before the tree',
      'set the tree upright and fill in the soil',
      'tread the soil down gently',
      'tie the tree to the stake and water it well',
    ],
    hints: ['autumn is the best time', 'the roots must not dry out'],
  },
  {
    goal: 'wash a wool jumper',
    tools: ['a basin', 'mild soap', 'two towels'],
    steps: [
      'fill the basin with lukewarm water',
      'dissolve a little soap in it',
      'press the jumper gently without rubbing',
      'rinse it twice in water of the same temperature',
      'roll it in a towel to remove the water',
      'spread it flat to dry',
    ],
    hints: ['hot water makes wool shrink', 'keep it out of the sun'],
  },
  {
    goal: 'make a paper boat',
    tools: ['a sheet of paper', 'a steady hand'],
    steps: [
      'fold the sheet in half from top to bottom',
      'fold the upper corners to the middle',
      'turn up the strip on both sides',
      'open the hat and flatten it into a square',
      'fold the lower corners up on both sides',
      'open it again and pull the tips apart',
    ],
    hints: ['wax makes it last longer on water', 'sharp folds give a better shape'],
  },
  {
    goal: 'sharpen a kitchen knife',
    tools: ['a whetstone', 'water', 'a cloth'],
    steps: [
      'soak the stone for ten minutes',
      'lay it on the wet cloth',
      'hold the blade at a flat angle',
      'draw it over the stone from heel to tip',
      'repeat this ten times on each side',
      'rinse the blade and dry it',
    ],
    hints: ['use the fine side last', 'keep the fingers behind the edge'],
  },
  {
    goal: 'put up a tent',
    tools: ['a tent', 'pegs', 'a wooden hammer'],
    steps: [
      'look for flat ground without stones',
      'spread out the floor of the tent',
      'fix the corners with pegs',
      'join the poles and push them through the sleeves',
      'raise the poles one after the other',
      'tighten the ropes',
    ],
    hints: ['turn the door away from the wind', 'stay clear of hollows where water gathers'],
  },
  {
    goal: 'paint a wooden fence',
    tools: ['a brush', 'sandpaper', 'a tin of paint', 'old newspaper'],
    steps: [
      'brush off the dirt',
      'rub the wood with sandpaper',
      'wipe away the dust',
      'cover the plants with newspaper',
      'apply a thin coat from top to bottom',
      'wait a day and apply a second coat',
    ],
    hints: ['choose a dry day without strong sun', 'stir the paint from time to time'],
  },
  {
    goal: 'press flowers',
    tools: ['fresh flowers', 'blotting paper', 'heavy books'],
    steps: [
      'pick the flowers when the dew has gone',
      'lay them between two sheets of paper',
      'arrange the petals with care',
      'put the sheets into a thick book',
      'pile other books on top',
      'wait for two weeks',
    ],
    hints: ['thin flowers keep their colour best', 'change the paper if it becomes damp'],
  },
  {
    goal: 'read a map in the hills',
    tools: ['a map', 'a compass', 'a pencil'],
    steps: [
      'lay the map on flat ground',
      'turn it until north on the map agrees with the needle',
      'find a tower or a summit that can be seen',
      'find the same point on the map',
      'draw a line from it towards the place where one stands',
      'repeat this with a second point',
    ],
    hints: ['the place is where the lines cross', 'keep the compass away from iron'],
  },
  {
    goal: 'bake bread in clay',
    tools: ['dough', 'leaves', 'wet clay', 'hot embers'],
    steps: [
      'shape the dough into a flat loaf',
      'wrap it in large leaves',
      'cover it with a finger of clay',
      'push it into the embers',
      'turn it after fifteen minutes',
      'break the clay when it is hard',
    ],
    hints: ['cabbage leaves work well', 'let the loaf cool before it is cut'],
  },
  {
    goal: 'tie a bowline',
    tools: ['a rope', 'a post'],
    steps: [
      'make a small loop in the rope',
      'lead the end around the post',
      'bring the end up through the loop',
      'pass it behind the standing part',
      'lead it down through the loop again',
      'pull both parts tight',
    ],
    hints: ['the knot holds but can always be undone', 'practise it with closed eyes'],
  },
  {
    goal: 'clean a clay pipe oven',
    tools: ['a brush', 'a bucket', 'a lamp'],
    steps: [
      'wait until the oven is cold',
      'take out the ashes with a small shovel',
      'brush the walls from top to bottom',
      'look for cracks with the lamp',
      'fill the cracks with wet clay',
      'light a small fire to dry the clay',
    ],
    hints: ['open the window first', 'ashes are good for the roses'],
  },
  {
    goal: 'make a candle',
    tools: ['beeswax', 'a wick', 'an old pot', 'a tall mould'],
    steps: [
      'melt the wax slowly in a water bath',
      'hang the wick in the middle of the mould',
      'pour in the wax',
      'fill up the hollow that forms around the wick',
      'let it stand overnight',
      'pull the candle out and trim the wick',
    ],
    hints: ['never melt wax over an open flame', 'dried petals can be pressed into the side'],
  },
  {
    goal: 'set up a nesting box',
    tools: ['a nesting box', 'wire', 'a ladder'],
    steps: [
      'choose a tree with a free flight path',
      'lean the ladder firmly against it',
      'fix the box three metres above the ground',
      'turn the hole to the south-east',
      'tilt the box a little forwards',
      'clean it every autumn',
    ],
    hints: ['cats should not be able to reach it', 'hang it up before the end of winter'],
  },
];
