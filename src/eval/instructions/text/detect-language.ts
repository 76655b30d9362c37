/**
 * Which language a text is written in: by its script, where only one language of the benchmark has that script, else by
 * small frequent words and by letters of one language only. No model and no chance: the same text gives the same answer.
 */
import { ARABIC, CYRILLIC, DEVANAGARI, LATIN } from './function-words.ts';

/** Characters that are looked at, from the beginning. */
const SAMPLE = 10_000;
/** A letter that only one language has weighs as much as so many words that only it has. */
const LETTER_WEIGHT = 0.5;

/**
 * Less evidence than this for a word is what names, code and tables have by accident. A sentence of any of the languages
 * has several times as much.
 */
const LEAST_EVIDENCE = 0.08;

/** Scripts in which one language of the benchmark is written. */
const LANGUAGE_OF_SCRIPT: Readonly<Record<string, string>> = {
  Bengali: 'bn',
  Greek: 'el',
  Gujarati: 'gu',
  Gurmukhi: 'pa',
  Hangul: 'ko',
  Hebrew: 'he',
  Kannada: 'kn',
  Malayalam: 'ml',
  Tamil: 'ta',
  Telugu: 'te',
  Thai: 'th',
};

interface Family {
  /** How many languages of the family list a word, by language: the fewer, the more it says. */
  readonly words: ReadonlyMap<string, readonly string[]>;
  /** Letters that among these languages only one has; of Persian and Urdu, those that Arabic lacks. */
  readonly letters: Readonly<Record<string, RegExp>>;
  /** Where nothing speaks for any. */
  readonly fallback: string;
}

interface FamilySource {
  readonly lists: Readonly<Record<string, string>>;
  readonly letters: Family['letters'];
  readonly fallback: string;
}

const FAMILIES: Readonly<Record<string, FamilySource>> = {
  Latin: {
    lists: LATIN,
    fallback: 'en',
    letters: {
      cs: /[ěřů]/g,
      de: /ß/g,
      es: /[ñ¿¡]/g,
      et: /õ/g,
      hu: /[őű]/g,
      lv: /[ģķļņ]/g,
      lt: /[ėį]/g,
      pl: /[łńźż]/g,
      pt: /ã/g,
      ro: /[țșţ]/g,
      tr: /[ğı]/g,
      vi: /[ơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹ]/g,
    },
  },
  Cyrillic: {
    lists: CYRILLIC,
    fallback: 'ru',
    letters: { ru: /[ыэё]/g, uk: /[іїєґ]/g, bg: /ъ(?=[а-я])/g, mk: /[ѓќѕ]/g, sr: /[ђћ]/g },
  },
  Devanagari: { lists: DEVANAGARI, fallback: 'hi', letters: { hi: /\u093c/g, mr: /ळ/g } },
  Arabic: { lists: ARABIC, fallback: 'ar', letters: { ar: /[ةىيك]/g, fa: /[پچژگی]/g, ur: /[پچژگیٹڈڑںےہھ]/g } },
};

const families = new Map<string, Family>();

function familyOf(script: string): Family | undefined {
  const source = FAMILIES[script];
  if (source && !families.has(script)) families.set(script, makeFamily(source));
  return families.get(script);
}

/** `und`, undetermined, for a script that is none of the benchmark's; undefined for a text without letters. */
export function detectLanguage(text: string): string | undefined {
  const sample = text.slice(0, SAMPLE).normalize('NFC').toLowerCase();
  const script = mainScript(sample);
  if (script === undefined) return undefined;
  const family = familyOf(script);
  return family ? likeliest(sample, family) : (LANGUAGE_OF_SCRIPT[script] ?? EAST_ASIAN[script] ?? 'und');
}

/** Japanese has both scripts; Chinese has one of them. */
const EAST_ASIAN: Readonly<Record<string, string>> = { Kana: 'ja', Han: 'zh' };

const SCRIPTS: Readonly<Record<string, RegExp>> = Object.fromEntries(
  [...Object.keys(FAMILIES), ...Object.keys(LANGUAGE_OF_SCRIPT), 'Han'].map((name) => [
    name,
    new RegExp(`\\p{Script=${name}}`, 'gu'),
  ]),
);
const kana = /[\p{Script=Hiragana}\p{Script=Katakana}]/gu;
/** Of a Japanese text, this share at least is written in syllables. */
const LEAST_KANA = 0.05;

/** The script of most letters; a name for none of ours, undefined where there are no letters. */
function mainScript(sample: string): string | undefined {
  const letters = count(sample, /\p{L}/gu);
  if (letters === 0) return undefined;
  const shares = Object.entries(SCRIPTS).map(([name, pattern]) => [name, count(sample, pattern)] as const);
  const syllables = count(sample, kana);
  const han = shares.find(([name]) => name === 'Han')![1];
  const japanese = syllables > LEAST_KANA * (syllables + han);
  const [name, most] = [...shares, ['Kana', japanese ? syllables + han : 0] as const].reduce((best, next) =>
    next[1] >= best[1] ? next : best,
  );
  return most === 0 ? 'other' : name;
}

function likeliest(sample: string, { words, letters, fallback }: Family): string {
  const scores = new Map<string, number>();
  const add = (language: string, score: number): void => {
    scores.set(language, (scores.get(language) ?? 0) + score);
  };
  let seen = 0;
  for (const [word] of sample.matchAll(/[\p{L}\p{M}']+/gu)) {
    seen += 1;
    const languages = words.get(word);
    for (const language of languages ?? []) add(language, 1 / languages!.length);
  }
  for (const [language, pattern] of Object.entries(letters)) {
    const found = count(sample, pattern);
    if (found > 0) add(language, found * LETTER_WEIGHT);
  }
  let best = fallback;
  for (const [language, score] of scores) if (score > (scores.get(best) ?? 0)) best = language;
  return scores.get(best)! >= LEAST_EVIDENCE * seen ? best : fallback;
}

function makeFamily({ lists, letters, fallback }: FamilySource): Family {
  const words = new Map<string, string[]>();
  for (const [language, list] of Object.entries(lists)) {
    for (const word of new Set(list.normalize('NFC').split(/\s+/))) {
      words.set(word, [...(words.get(word) ?? []), language]);
    }
  }
  return { words, letters, fallback };
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
