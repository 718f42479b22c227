import { Refusal } from './refusal.ts';

const TIME = /^(\d{8})(\d{4}(?:\d\d)?)?(Z|UTC)?$/i;

/**
 * Milliseconds since the epoch of a time as `valid-after` and `valid-before` have it (ssh-keygen(1)): `YYYYMMDD` or
 * `YYYYMMDDHHMM[SS]`, with `Z` in UTC, else in the time zone of this process. Throws Refusal.
 */
export function parseSshTime(text: string): number {
  const [, day = '', hour = '', zone = ''] = TIME.exec(text) ?? [];
  const digits = `${day}${hour}`.padEnd(14, '0');
  const local = digits.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6');
  const time = Date.parse(zone === '' ? local : `${local}Z`);
  // A day that does not exist, such as the 31st of June, would become another one.
  const exists = isoOf(Date.parse(`${local}Z`)).startsWith(local);
  if (!exists || Number.isNaN(time)) throw new Refusal('is no valid time');
  return time;
}

function isoOf(time: number): string {
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}
