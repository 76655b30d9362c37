import { type Convention, evidenceOf } from './digits.ts';

/** Words that are frequent in one language and rare in English; labels of answers count too. */
const CONTINENTAL =
  /(?<!\p{L})(?:der|das|und|beträgt|betrug|ist|für|vom|wurde|eine[nrms]?|liegt|sich|auf|Antwort|Ergebnis|Lösung|le|la|les|des|du|une|est|pour|sont|soit|avec|Réponse|Résultat|el|los|las|es|una|por|son|fue|Respuesta|Resultado|il|lo|gli|di|della|del|è|sono|Risposta|Risultato|o|os|do|da|dos|um|uma|é|foi|são|Resposta|het|een|van|bedraagt|zijn|wordt|Antwoord|Resultaat|Wynik|Odpowiedź|wynosi)(?!\p{L})/giu;
const ENGLISH = /(?<!\p{L})(?:the|is|are|was|were|of|and|to|in|for|with|it|we|so|answer|by|from|that|this)(?!\p{L})/giu;

/**
 * Whether a text writes "1.234,5": other numbers in it decide, in which the separators can be read one way only; where
 * they are silent, the language. `written`: the digits of all its numbers.
 */
export function conventionOf(text: string, written: readonly string[]): Convention {
  const evidence = new Set(written.map(evidenceOf));
  if (evidence.has('default')) return 'default';
  if (evidence.has('continental')) return 'continental';
  // Without a point in a number nothing depends on the language but "1,234".
  return (text.match(CONTINENTAL)?.length ?? 0) > (text.match(ENGLISH)?.length ?? 0) ? 'continental' : 'default';
}
