import { badRequest } from '../api-status-error.ts';
import { invalidText } from '../schema/field-error.ts';
import { labelValueProblem, qualifiedNameProblem } from '../schema/metadata-validation.ts';
import type { Selector } from './selectors.ts';

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

const OPERATORS = ['in', 'notin', '=', '==', '!=', '>', '<'];
const OPERATOR_NAMES = 'in, notin, =, ==, !=, gt, lt';
const TOKEN = /\s*(==|!=|[=!(),<>]|[^\s=!(),<>]+)/y;
const END = '';

/** True for a word, rather than a sign or the end. */
function isWord(token: string): boolean {
  return !/^[=!(),<>]|^$/.test(token);
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    tokens.push(match[1] ?? '');
  }
  return tokens;
}

/** Reads a label selector the way apimachinery's `labels.Parse` does, with the same complaints. */
class LabelSelectorParser {
  readonly #tokens: string[];

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  requirements(): readonly Requirement[] {
    const found: Requirement[] = [];
    while (this.#next !== END) {
      if (!isWord(this.#next) && this.#next !== '!') {
        throw badRequest(`found '${this.#next}', expected: !, identifier, or 'end of string'`);
      }
      found.push(this.#requirement());
      this.#separator();
    }
    return found;
  }

  #separator(): void {
    const separator = this.#take();
    if (separator === END) return;
    if (separator !== ',') {
      throw badRequest(`found '${separator}', expected: ',' or 'end of string'`);
    }
    if (isWord(this.#next) || this.#next === '!') return;
    throw badRequest(`found '${this.#next}', expected: identifier after ','`);
  }

  #requirement(): Requirement {
    const isAbsence = this.#next === '!';
    if (isAbsence) this.#take();
    const key = this.#word();
    const problem = qualifiedNameProblem(key);
    if (problem !== undefined) {
      throw unparsable(invalidText({ field: '<nil>', value: key, detail: problem }));
    }
    if (isAbsence) return (labels) => labels[key] === undefined;
    if (this.#next === END || this.#next === ',') return (labels) => labels[key] !== undefined;
    return this.#comparison(key);
  }

  #comparison(key: string): Requirement {
    const operator = this.#take();
    if (!OPERATORS.includes(operator)) {
      throw unparsable(`found '${operator}', expected: ${OPERATOR_NAMES}`);
    }
    const isSet = operator === 'in' || operator === 'notin';
    const values = isSet ? this.#values() : [this.#value()];
    if (operator === '<' || operator === '>') return compared(key, operator, Number(values[0]));
    values.forEach((value, index) => assertLabelValue(value, `values[${index}][${key}]`));
    const isNegative = operator === '!=' || operator === 'notin';
    return (labels) => values.includes(labels[key] ?? MISSING) !== isNegative;
  }

  #value(): string {
    return this.#next === END || this.#next === ',' ? '' : this.#word();
  }

  #values(): readonly string[] {
    const open = this.#take();
    if (open !== '(') throw unparsable(`found '${open}' expected: '('`);
    const values: string[] = [];
    for (;;) {
      values.push(this.#next === ',' || this.#next === ')' ? '' : this.#word());
      const separator = this.#take();
      if (separator === ')') return values;
      if (separator !== ',') throw unparsable(`found '${separator}', expected: ',' or ')'`);
    }
  }

  #word(): string {
    const token = this.#take();
    if (isWord(token)) return token;
    throw unparsable(`found '${token}', expected: identifier`);
  }

  get #next(): string {
    return this.#tokens[0] ?? END;
  }

  #take(): string {
    return this.#tokens.shift() ?? END;
  }
}

/** No value of a label, so that nothing equals it. */
const MISSING = '\0';

function compared(key: string, operator: '<' | '>', limit: number): Requirement {
  return (labels) => {
    const value = labels[key] === undefined ? NaN : Number(labels[key]);
    return operator === '<' ? value < limit : value > limit;
  };
}

function assertLabelValue(value: string, field: string): void {
  const detail = labelValueProblem(value);
  if (detail !== undefined) throw unparsable(invalidText({ field, value, detail }));
}

function unparsable(why: string): Error {
  return badRequest(`unable to parse requirement: ${why}`);
}

/** A label selector in its text form. Throws 400 when it cannot be read. */
export function labelSelector(text: string): Selector {
  const requirements = new LabelSelectorParser(text).requirements();
  return (object) => requirements.every((holds) => holds(object.metadata.labels ?? {}));
}
