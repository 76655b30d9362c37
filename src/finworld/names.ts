/** Invented names, shared by both worlds. */
import type { RandomStream } from '../random/stream.ts';

const pick = <T>(stream: RandomStream, items: readonly T[]): T => items[stream.below(items.length)];

/** Names given out once only, and none that is in `taken`. Throws when the pattern has run dry. */
export class NameRegister {
  readonly #taken = new Set<string>();

  claim(make: () => string): string {
    for (let attempt = 0; attempt < 1000; attempt++) {
      const name = make();
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
    throw new Error('the name pattern has no unused names left');
  }
}

const companyStarts =
  'Al Ar Bel Bran Cal Cor Dal Del Dor El Fal Fen Gal Gar Hal Hel Jor Kel Kor Lan Lor Mar Mer Nor Ol Pel Quin Ral Ren Sal Sel Tal Tor Val Vel Vor Wes Yar Zan Thal'.split(
    ' ',
  );
const companyMiddles = 'a e i o an en in on ar or am ev ib ul ad es'.split(' ');
const companyEnds =
  'dex don fax gate len line lux mark mere nova phis quist ren rix sen tane tera thos tis trix ven via vex vane wick xis zen dyne lith cor pex bridge'.split(
    ' ',
  );

/** The distinctive word of a company's name, such as "Corvadex". */
export function companyRoot(stream: RandomStream): string {
  return pick(stream, companyStarts) + pick(stream, companyMiddles) + pick(stream, companyEnds);
}

const placeStarts =
  'Ald Amber Bex Birch Brack Bram Brid Cald Carn Clay Crow Dun Eaves Elder Fern Gild Glen Gorse Hart Hazel Heath Hollow Kes Lark Lin Mill Moss Otter Penn Quill Raven Rowan Sedge Thorn Tilling Wether Wick Wil Wren Yew Tam Skel Purl Osk Nettle Marl Lath Keld Ingle'.split(
    ' ',
  );
const placeEnds =
  'bourne bridge brook bury by cliff combe cote dale dean den field ford garth gate ham haven hurst leigh ley low marsh mere mouth port ridge shaw side stead stow thorpe ton tree wall well wick wold worth'.split(
    ' ',
  );

export function placeName(stream: RandomStream): string {
  const name = pick(stream, placeStarts) + pick(stream, placeEnds);
  return name.replace(/(.)\1\1/, '$1$1');
}

const firstNames =
  'Ada Alma Anders Anya Arlo Astrid Basil Beatrix Bruno Cecil Clara Conrad Cora Dalia Daniel Edith Elias Elena Emil Esther Felix Flora Freya Georg Greta Hanna Hugo Ines Irene Ivo Jasper Joana Judith Julian Karin Lena Leo Lucia Magnus Marta Matthias Mina Nadia Nora Oscar Otto Paula Petra Quentin Ralph Rosa Rufus Samuel Selma Silas Stella Tessa Theo Ursula Viktor Vera Walter Willa Yara Zoe'.split(
    ' ',
  );
const surnameStarts =
  'Ack Barn Bel Black Brad Carr Clem Col Cran Dray Eck Fair Far Fleet Grim Hal Harg Hol Kirk Lang Lock Mal Mar Mel Nor Nut Oll Pad Pick Rad Rush San Sel Shel Stan Tal Tem Thurs Van Wad War Wes Whit Wool Yar'.split(
    ' ',
  );
const surnameEnds =
  'bane beck berry croft field ford grave grove hart house land ley man mer more ridge sby shaw stone ton ville ward well wood worth'.split(
    ' ',
  );

/** "Clara Woolgrave"; people may share a name, as they do. */
export function personName(stream: RandomStream): string {
  return `${pick(stream, firstNames)} ${surname(stream)}`;
}

function surname(stream: RandomStream): string {
  return (pick(stream, surnameStarts) + pick(stream, surnameEnds)).replace(/(.)\1\1/, '$1$1');
}
