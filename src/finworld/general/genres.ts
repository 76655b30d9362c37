/** The kinds of general documents and how often each is written. */
import type { Genre } from '../genre.ts';
import { journey, matchReport, recipe, weatherReport } from './daily.ts';
import { animalPortrait, biography, gardenNotes } from './living.ts';
import { riverCourse, townHistory, townPortrait } from './places.ts';
import type { GeneralScene } from './scene.ts';
import { instructions, lesson } from './school.ts';
import { dialogue, letter, story } from './tales.ts';

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
];
