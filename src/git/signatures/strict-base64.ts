import { Refusal } from './refusal.ts';

/** The bytes of a base64 text that is written as it should be, so that one text alone stands for them. Throws Refusal. */
export function strictBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (text === '' || bytes.toString('base64') !== text) throw new Refusal('is not valid base64');
  return bytes;
}
