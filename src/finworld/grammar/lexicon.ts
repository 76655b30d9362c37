/** Synonyms that any template may use as a slot. They hold for both worlds, so none of them belongs to finance. */
export const lexicon = {
  also: '{also |}',
  however: '{however|by contrast|on the other hand|even so}',
  moreover: '{moreover|in addition|furthermore|besides this}',
  therefore: '{therefore|as a result|consequently|for this reason}',
  meanwhile: '{meanwhile|at the same time|over the same period|alongside this}',
  because: '{because|since|as}',
  although: '{although|though|even though|while}',
  several: '{several|a number of|various}',
  many: '{many|numerous|a great many|plenty of}',
  mainly: '{mainly|chiefly|largely|primarily|for the most part}',
  often: '{often|frequently|regularly|commonly}',
  usually: '{usually|normally|as a rule|in most cases}',
  about: '{about|roughly|around|close to}',
  important: '{important|notable|significant}',
  shows: '{shows|indicates|reveals|makes clear}',
  began: '{began|started}',
  such_as: '{such as|including|among them}',
} as const;

export type LexiconKey = keyof typeof lexicon;
