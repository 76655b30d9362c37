/** Families that are asked in every language: one calculation, the words of each. */
import type { Case, Family, Written } from './family.ts';
import { type Locale, locales } from './languages/locale.ts';
import type { Language, WorkedKind } from './question.ts';

export type InLanguages<Words> = Readonly<Record<Language, Words>>;

/** The family in English under its own name, in the other languages with their codes behind it. */
export function inLanguages<Words>(
  kind: WorkedKind,
  words: InLanguages<Words>,
  write: (asked: Case, locale: Locale, words: Words) => Written,
): readonly Family[] {
  return locales.map((locale) => {
    const { language } = locale;
    return {
      kind: language === 'en' ? kind : `${kind}_${language}`,
      language,
      write: (asked) => write(asked, locale, words[language]),
    };
  });
}
