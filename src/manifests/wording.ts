const QUOTED_LENGTH = 63;

/** Plain printable ASCII: everything else is escaped, so that nothing in a message looks like what it is not. */
const PLAIN = /^[\x20-\x7e]$/;

/** Longer texts are no typing errors of a name. */
const LONGEST_NAME = 253;

/** A text of the author as part of a message: quoted, shortened, and escaped outside printable ASCII. */
export function quote(text: string): string {
  const characters = Array.from(text);
  const shown = characters.slice(0, QUOTED_LENGTH).map(escapeCharacter).join('');
  return `"${shown}${characters.length > QUOTED_LENGTH ? '…' : ''}"`;
}

/** The name of a character, as in `U+202E`. */
export function codePointName(character: string): string {
  return `U+${codePoint(character).toUpperCase().padStart(4, '0')}`;
}

/** The part of a message that proposes the candidate nearest to what was written; empty when none is near. */
export function didYouMean(written: string, candidates: Iterable<string>): string {
  if (written.length > LONGEST_NAME) return '';
  const near = [...candidates]
    .map((candidate) => ({ candidate, distance: editDistance(written, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))[0];
  return near === undefined ? '' : `; did you mean "${near.candidate}"?`;
}

/** Levenshtein distance, upper and lower case being the same: the number of single-character edits. */
function editDistance(from: string, to: string): number {
  const target = to.toLowerCase();
  let row = Array.from({ length: target.length + 1 }, (_, index) => index);
  for (const character of from.toLowerCase()) {
    let diagonal = Infinity;
    let left = Infinity;
    row = row.map((above, index) => {
      const substituted = diagonal + (target[index - 1] === character ? 0 : 1);
      diagonal = above;
      left = Math.min(substituted, above + 1, left + 1);
      return left;
    });
  }
  return Number(row.at(-1));
}

function escapeCharacter(character: string): string {
  return PLAIN.test(character) ? character : `\\u{${codePoint(character)}}`;
}

function codePoint(character: string): string {
  return Number(character.codePointAt(0)).toString(16);
}
