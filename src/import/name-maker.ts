import { createHash } from 'node:crypto';

/** Hands out names that are valid and given once. */
export interface NameMaker {
  /** The name itself where it may be had, else one like it. */
  make(wanted: string): string;
}

export interface NameMakerOptions {
  /** Names that belong to somebody already. */
  readonly taken: Iterable<string>;
  readonly maxLength: number;
}

const HASH_LENGTH = 8;

/** A maker of names of lower-case letters, digits and single dashes. The same wishes in the same order give the same names. */
export function createNameMaker({ taken, maxLength }: NameMakerOptions): NameMaker {
  const used = new Set(taken);
  return {
    make: (wanted) => {
      const base = shortened(plain(wanted), wanted, maxLength);
      let name = base;
      for (let count = 2; used.has(name); count += 1) {
        const suffix = `-${count}`;
        name = `${base.slice(0, maxLength - suffix.length)}${suffix}`;
      }
      used.add(name);
      return name;
    },
  };
}

function plain(wanted: string): string {
  const name = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return name === '' ? 'unnamed' : name;
}

/** Two long names that begin alike stay two names. */
function shortened(name: string, wanted: string, maxLength: number): string {
  if (name.length <= maxLength) return name;
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, HASH_LENGTH);
  return `${name.slice(0, maxLength - HASH_LENGTH - 1).replace(/-$/, '')}-${hash}`;
}
