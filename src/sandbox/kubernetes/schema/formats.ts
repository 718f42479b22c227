import { isIPv4, isIPv6 } from 'node:net';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const MAC = /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i;
const DURATION = /^-?(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$/;

function isCidr(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(length)) return false;
  if (isIPv4(address)) return Number(length) <= 32;
  return isIPv6(address) && Number(length) <= 128;
}

function isUri(text: string): boolean {
  return URL.canParse(text) || text.startsWith('/');
}

/** Formats of texts that a CRD schema may name and the API server checks; it ignores all others. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  byte: (text) => text !== '' && BASE64.test(text),
  cidr: isCidr,
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  'date-time': (text) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text)),
  datetime: (text) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text)),
  duration: (text) => DURATION.test(text),
  email: (text) => /^[^@\s]+@[^@\s]+$/.test(text),
  hostname: (text) => /^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$/.test(text),
  ipv4: isIPv4,
  ipv6: isIPv6,
  mac: (text) => MAC.test(text),
  uri: isUri,
  uuid: (text) => UUID.test(text),
};

const INTEGER_LIMITS: Readonly<Record<string, number>> = { int32: 2 ** 31, int64: 2 ** 63 };

/** True when the text or number obeys the named format, or the format is not one that is checked. */
export function obeysFormat(value: string | number, format: string): boolean {
  if (typeof value === 'string') return FORMATS[format]?.(value) ?? true;
  const limit = INTEGER_LIMITS[format];
  return limit === undefined || (value >= -limit && value < limit);
}
