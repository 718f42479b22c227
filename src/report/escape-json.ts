/** What JSON leaves as it is, and a terminal or the runner of a CI job might act on (see show-plainly.ts). */
const STEERING = /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}\p{Noncharacter_Code_Point}]|#(?=#)/gu;

/**
 * JSON that steers nothing that prints it: the same data, with escapes where JSON asks for none. Such characters stand
 * only within strings.
 */
export function escapeJson(json: string): string {
  return json.replaceAll(STEERING, escapeUnits);
}

/** `\u202e`, and a pair for what needs two units. */
function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}
