/** Lessons at school on simple science. */

import { capitalised } from '../grammar/polish.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import { type GeneralScene, pronouns } from './scene.ts';
import { topics } from './topics.ts';

export function lesson(scene: GeneralScene): string {
  const { say, writer, person, place } = scene;
  const topic = writer.pick(topics);
  const [first, second, third, fourth] = writer.sample(topic.facts, 4);
  const { he, his } = pronouns(person);
  const pupils = writer.between(8, 28);
  const girls = writer.between(3, pupils - 3);
  const slots = {
    he,
    his,
    topic: topic.name,
    first,
    second,
    third,
    fourth,
    experiment: topic.experiment,
    result: topic.result,
    teacher: person.name.split(' ')[1],
    pupils,
    girls,
    boys: pupils - girls,
  };
  const explain = [
    say(
      [
        '<first>',
        '{the teacher|<person>} {explained|said} that <first>',
        '{it is known that|the book says that} <first>',
      ],
      slots,
    ),
    say(
      [
        '{moreover|in addition|besides}, <second>',
        '<second>',
        '{few pupils knew|not everybody knew|many were surprised} that <second>',
      ],
      slots,
    ),
    say(
      [
        '{it is also true|one should remember|the blackboard said} that <third>',
        '<third>',
        '{a girl|a boy} in the {first|last} row {added|remarked} that <third>',
      ],
      slots,
    ),
  ];
  const doing = [
    say(
      [
        'then the class <experiment>',
        'to see it {for themselves|with their own eyes}, the class <experiment>',
        '{a week before|the day before}, the class had {planned|prepared} a test, and now {it began|they began}: the class <experiment>',
      ],
      slots,
    ),
    say(
      [
        '<result>',
        "{to everyone's delight|as expected|after a while}, <result>",
        '{everyone|all of them} wrote down {what happened|the result}: <result>',
      ],
      slots,
    ),
    say(
      [
        '{finally the teacher added|from the book they learned|later they read} that <fourth>',
        '"{remember|write down}: <fourth>," {said the teacher|<he> said}',
        '{as homework|for the next day}, they had to {explain|write} why it is that <fourth>',
      ],
      slots,
    ),
  ];
  const setting = [
    say(
      [
        'at the school of <town>, the lesson was about <topic>',
        '<person> teaches <pupils> children in <town>, and {this week|on Tuesday} they talked about <topic>',
        '[on a <season> morning ~ the children of <town> learned about <topic>]',
        'the subject {at school|of the day} in <town> was <topic>',
      ],
      slots,
    ),
    say(
      [
        '<pupils> children {were present|sat in the room}, <girls> girls and <boys> boys',
        '<girls> girls and <boys> boys, <pupils> in all, {listened|sat in a half circle}',
        '{outside|through the window} one could see <landmark>, but {nobody looked|all eyes were on the blackboard}',
      ],
      slots,
    ),
  ];
  const end = [
    say(
      [
        '{on the way home|after school}, {the children|two pupils} looked for {examples|more} near the river <river>',
        'the bell rang, but {some|three children} stayed {and asked for more|to try it again}',
        '{the next day|a week later}, {<person>|the teacher} showed {pictures|a book} {about|of} the same subject',
      ],
      slots,
    ),
    say(
      [
        '<friend>, who {visited|came to} the class, said that {this|such a lesson} is {never forgotten|worth a walk of an hour}',
        'a drawing of it {hangs|can be seen} in the corridor, {next to|beside} a {picture|map} of <hill>',
        '{knowledge|science} {begins|starts} with {looking closely|a simple wish to know}, {<person>|the teacher} likes to say',
      ],
      slots,
    ),
  ];
  return compose([
    writer.vary(`{A lesson about ${topic.name}|At school in ${place.name}|${capitalised(topic.name)}|}`),
    setting,
    explain,
    doing,
    ...asides(scene, writer.between(1, 2)),
    end,
  ]);
}
