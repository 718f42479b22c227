/**
 * Whether a text matches a list of patterns as OpenSSH has them (PATTERNS in ssh_config(5)): separated by commas, `*` for
 * any number of characters, `?` for one, `!` before a pattern that must not match. Takes time in proportion to the product
 * of both lengths at most.
 */
export function matchesPatternList(text: string, list: string): boolean {
  const patterns = list.split(',');
  const negated = patterns.filter((pattern) => pattern.startsWith('!'));
  if (negated.some((pattern) => matches(text, pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(text, pattern));
}

function matches(text: string, pattern: string): boolean {
  let at = 0;
  let mark = 0;
  // Where the last star stood, to which a mismatch leads back.
  let star: number | undefined;
  let position = 0;
  while (position < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at;
      mark = position;
      at += 1;
    } else if (wanted === '?' || wanted === text[position]) {
      at += 1;
      position += 1;
    } else {
      if (star === undefined) return false;
      at = star + 1;
      mark += 1;
      position = mark;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
