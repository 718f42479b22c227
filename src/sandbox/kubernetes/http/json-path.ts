import { isJsonObject } from '../json.ts';

type Step = (value: unknown) => readonly unknown[];

const TOKEN =
  /\.((?:\\.|[^.[\\])+)|\['((?:\\.|[^'\\])+)'\]|\[(\d+|\*)\]|\[\?\(@\.([^=!]+?)\s*(==|!=)\s*["']([^"']*)["']\)\]/y;

function member(name: string): Step {
  const plain = name.replaceAll('\\', '');
  return (value) => (isJsonObject(value) && plain in value ? [value[plain]] : []);
}

function items(index: string): Step {
  return (value) => {
    if (!Array.isArray(value)) return [];
    const list: readonly unknown[] = value;
    return index === '*' ? list : list.slice(Number(index), Number(index) + 1);
  };
}

function filter(path: string, operator: string, wanted: string): Step {
  const read = compileJsonPath(`.${path}`);
  const fits = (item: unknown): boolean => read(item).includes(wanted) === (operator === '==');
  return (value) => (Array.isArray(value) ? (value as readonly unknown[]).filter(fits) : []);
}

/**
 * The part of JSONPath that printer columns use: members, indices, `[*]` and `[?(@.member=="text")]`.
 * A path that cannot be read finds nothing.
 */
export function compileJsonPath(path: string): (value: unknown) => readonly unknown[] {
  const steps: Step[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let match = TOKEN.exec(path); match !== null; match = TOKEN.exec(path)) {
    const [text, dotted, quoted, index, inner, operator, wanted] = match;
    const name = dotted ?? quoted;
    if (name !== undefined) steps.push(member(name));
    else if (index !== undefined) steps.push(items(index));
    else steps.push(filter(inner ?? '', operator ?? '', wanted ?? ''));
    end += text.length;
    TOKEN.lastIndex = end;
  }
  if (end < path.length) return () => [];
  return (value) => steps.reduce<readonly unknown[]>((found, step) => found.flatMap(step), [value]);
}
