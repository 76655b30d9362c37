/** Instructions for small tasks. */

import { count } from '../grammar/numbers.ts';
import { enumeration, sentence } from '../grammar/polish.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import { type GeneralScene, pronouns } from './scene.ts';
import { tasks } from './tasks.ts';

export function instructions(scene: GeneralScene): string {
  const { say, writer, person, place } = scene;
  const task = writer.pick(tasks);
  const { he, his } = pronouns(person);
  const [hint, otherHint] = writer.sample(task.hints, 2);
  const numbered = writer.chance(0.35);
  const steps = task.steps.map((step, i) => {
    if (numbered) return `${i + 1}. ${sentence(step)}`;
    const last = i === task.steps.length - 1;
    const lead =
      i === 0
        ? writer.pick(['first', 'to begin with', ''])
        : last
          ? writer.pick(['finally', 'at the end', ''])
          : writer.pick(['then', 'next', 'after that', '']);
    return sentence(lead === '' ? step : `${lead}, ${step}`);
  });
  const slots = {
    he,
    his,
    goal: task.goal,
    tools: enumeration(task.tools),
    n: count(task.steps.length),
    hint,
    otherHint,
    minutes: 5 * writer.between(3, 18),
  };
  const half = Math.ceil(steps.length / 2);
  const body = numbered ? [steps.join('\n')] : [steps.slice(0, half), steps.slice(half)];
  return compose([
    writer.vary(
      `{How to ${task.goal}|${person.name} explains how to ${task.goal}|Useful things to know in ${place.name}|}`,
    ),
    [
      say(
        [
          '{this is how|here is how} people in <town> <goal>',
          '<person>, a <occupation> in <town>, {knows|has shown many children} how to <goal>',
          'it is not hard to <goal> {with a little patience|if one follows <n> steps}',
          'anyone can learn to <goal>',
        ],
        slots,
      ),
      say(['one needs <tools>', '{have ready|lay out} <tools>', 'the {things|tools} needed are <tools>'], slots),
      say(
        [
          'it takes {about |}<minutes> minutes and has <n> steps',
          'plan for {about |}<minutes> minutes; there are <n> steps',
          'there are <n> steps, and {together they take|all in all they need} {about |}<minutes> minutes',
        ],
        slots,
      ),
    ],
    ...body,
    ...asides(scene, writer.between(1, 2)),
    [
      say(
        [
          '{remember|a hint}: <hint>',
          '{<person> adds|experience teaches} one thing: <hint>',
          '{it is good to know|keep in mind} this: <hint>',
        ],
        slots,
      ),
      say(['{also|besides}, <otherHint>', '<otherHint>', 'and {one more thing|a last word}: <otherHint>'], slots),
      say(
        [
          '<he> {learned|was taught} this {by the river <river>|as a child|from <friend>}',
          '{children|beginners} should {ask a grown-up for help|work in pairs}',
          'if it {goes wrong|fails} the first time, {do not worry|try again}, {as <friend> did|for practice helps}',
          'the result can be {shown|used} at the <festival>',
        ],
        slots,
      ),
      say(
        [
          '{afterwards|when all is done}, {put the tools away|clean the table} and {rest|enjoy the result}',
          '{in the <season>|on a rainy day} it is a {good|fine} way to spend an hour',
          '{well done|careful} work {lasts|will last} for years, says <person>',
        ],
        slots,
      ),
    ],
  ]);
}
