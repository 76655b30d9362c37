import type { ExactMatchOptions } from '../metrics/exact-match.ts';
import { pythonPattern } from './filters/python-pattern.ts';
import type { Settings } from './filters/settings.ts';

/** What `exact_match` is told to ignore. */
export function exactMatchSettings(settings: Settings): ExactMatchOptions {
  return {
    ignore_case: settings.flag('ignore_case'),
    ignore_punctuation: settings.flag('ignore_punctuation'),
    ignore_numbers: settings.flag('ignore_numbers'),
    regexes_to_ignore: settings.texts('regexes_to_ignore').map((source) => pythonPattern(source, settings.field)),
  };
}
