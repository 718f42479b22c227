/**
 * What a terminal or a CI runner may take for a command: control, bidirectional and line-separating characters, halves
 * of surrogate pairs and noncharacters (which XML cannot hold), `##` (`##[error]`, `##vso[`, `##teamcity[` count at any
 * place of a line), and a colon at the start (`::error::` counts after blanks).
 */
const STEERING =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\p{Noncharacter_Code_Point}]|#(?=#)|:(?<=^\s*:)/gu;

/**
 * A text of a repository or a cluster for the eyes of a person: one line that steers neither a terminal nor the runner
 * of a CI job. Characters that would are shown as what they are, `\u{1b}`.
 */
export function showPlainly(text: string): string {
  return text.replaceAll(STEERING, (character) => escapeCharacter(character));
}

/** The visible form of a character: `\u{1b}`. */
export function escapeCharacter(character: string): string {
  return `\\u{${Number(character.codePointAt(0)).toString(16)}}`;
}

/** At most `length` characters of a text that was shown plainly, with `…` where something is left out. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}
