/** The weather of a day. */

import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import { type GeneralScene, months } from './scene.ts';

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
