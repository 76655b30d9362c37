/** The kinds of general documents and how often each is written. */
import type { Genre } from '../genre.ts';
import { animalPortrait } from './animal-portrait.ts';
import { biography } from './biography.ts';
import { cumulativeTale } from './cumulative-tale.ts';
import { dialogue } from './dialogue.ts';
import { gardenNotes } from './garden-notes.ts';
import { instructions } from './instructions.ts';
import { journey } from './journey.ts';
import { lesson } from './lesson.ts';
import { letter } from './letter.ts';
import { matchReport } from './match-report.ts';
import { recipe } from './recipe.ts';
import { register } from './register.ts';
import { riverCourse } from './river-course.ts';
import { rollCall } from './roll-call.ts';
import type { GeneralScene } from './scene.ts';
import { story } from './story.ts';
import { townHistory } from './town-history.ts';
import { townPortrait } from './town-portrait.ts';
import { weatherReport } from './weather-report.ts';

export const generalGenres: readonly Genre<GeneralScene>[] = [
  { id: 'town', weight: 8, write: townPortrait },
  { id: 'river', weight: 6, write: riverCourse },
  { id: 'town-history', weight: 8, write: townHistory },
  { id: 'animal', weight: 8, write: animalPortrait },
  { id: 'biography', weight: 9, write: biography },
  { id: 'garden', weight: 6, write: gardenNotes },
  { id: 'recipe', weight: 8, write: recipe },
  { id: 'weather', weight: 7, write: weatherReport },
  { id: 'match', weight: 8, write: matchReport },
  { id: 'journey', weight: 8, write: journey },
  { id: 'lesson', weight: 9, write: lesson },
  { id: 'instructions', weight: 7, write: instructions },
  { id: 'story', weight: 9, write: story },
  { id: 'dialogue', weight: 8, write: dialogue },
  { id: 'letter', weight: 6, write: letter },
  { id: 'cumulative-tale', weight: 30, write: cumulativeTale },
  { id: 'register', weight: 30, write: register },
  { id: 'roll-call', weight: 10, write: rollCall },
];
