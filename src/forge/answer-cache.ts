import type { Dispatcher } from 'undici';

/** So many answers are kept, and none that is longer. */
const MOST = 16;
const LONGEST = 256 * 1024;

interface Answer {
  readonly statusCode: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
}

/** Answers with their ETags. GitHub does not count a request against the limit that it answers with 304. */
export interface AnswerCache {
  /** The header that asks for an answer only where it has changed. */
  conditionOf(url: string): Readonly<Record<string, string>>;
  /** The answer itself, or the kept one where nothing has changed. */
  complete(url: string, answer: Answer): Answer;
}

/** An empty cache. */
export function createAnswerCache(): AnswerCache {
  const kept = new Map<string, { readonly etag: string; readonly answer: Answer }>();
  return {
    conditionOf: (url) => {
      const etag = kept.get(url)?.etag;
      return etag === undefined ? {} : { 'if-none-match': etag };
    },
    complete: (url, answer) => {
      const before = kept.get(url);
      if (answer.statusCode === 304 && before !== undefined) return before.answer;
      kept.delete(url);
      const etag = [answer.headers['etag']].flat()[0];
      if (answer.statusCode === 200 && etag !== undefined && answer.text.length <= LONGEST) {
        kept.set(url, { etag, answer });
        for (const oldest of [...kept.keys()].slice(0, -MOST)) kept.delete(oldest);
      }
      return answer;
    },
  };
}
