import { isReview } from './reviews.ts';

/** What was asked of one API server since the last reset. */
export interface RequestSnapshot {
  /** Requests by `<verb> <resource> <user>`, e.g. `patch configurations hub`; resources as plural names. */
  readonly byRequest: Readonly<Record<string, number>>;
  /** All requests. */
  readonly total: number;
  /** create, update, patch, delete, deletecollection; not of reviews, which ask and are never stored, nor of Leases. */
  readonly writes: number;
  /** The same, of Leases: they tell that somebody lives, and go on while nothing changes. */
  readonly leaseWrites: number;
  /** get and list. */
  readonly reads: number;
  readonly watchesOpened: number;
  readonly watchesOpenNow: number;
  /** Bytes of answers' bodies. */
  readonly bytes: number;
  readonly tlsHandshakes: number;
  /** Connections that were broken at once, while the server was down. */
  readonly refused: number;
}

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
const READS = new Set(['get', 'list']);

/** Counts requests at the door of one API server. */
export class RequestCounts {
  readonly #byRequest = new Map<string, number>();
  #total = 0;
  #writes = 0;
  #leaseWrites = 0;
  #reads = 0;
  #watchesOpened = 0;
  #watchesOpenNow = 0;
  #bytes = 0;
  #tlsHandshakes = 0;
  #refused = 0;

  request(verb: string, resource: string, user: string): void {
    const key = `${verb} ${resource} ${user}`;
    this.#byRequest.set(key, (this.#byRequest.get(key) ?? 0) + 1);
    this.#total += 1;
    if (WRITES.has(verb) && !isReview(resource)) this.#countWrite(resource);
    if (READS.has(verb)) this.#reads += 1;
  }

  #countWrite(resource: string): void {
    if (resource === 'leases') this.#leaseWrites += 1;
    else this.#writes += 1;
  }

  watchOpened(): void {
    this.#watchesOpened += 1;
    this.#watchesOpenNow += 1;
  }

  watchClosed(): void {
    this.#watchesOpenNow -= 1;
  }

  sent(bytes: number): void {
    this.#bytes += bytes;
  }

  tlsHandshake(): void {
    this.#tlsHandshakes += 1;
  }

  connectionRefused(): void {
    this.#refused += 1;
  }

  snapshot(): RequestSnapshot {
    return {
      byRequest: Object.fromEntries([...this.#byRequest].sort(([a], [b]) => (a < b ? -1 : 1))),
      total: this.#total,
      writes: this.#writes,
      leaseWrites: this.#leaseWrites,
      reads: this.#reads,
      watchesOpened: this.#watchesOpened,
      watchesOpenNow: this.#watchesOpenNow,
      bytes: this.#bytes,
      tlsHandshakes: this.#tlsHandshakes,
      refused: this.#refused,
    };
  }

  /** Starts over; watches that are open stay counted as open. */
  reset(): void {
    this.#byRequest.clear();
    this.#total = 0;
    this.#writes = 0;
    this.#leaseWrites = 0;
    this.#reads = 0;
    this.#watchesOpened = 0;
    this.#bytes = 0;
    this.#tlsHandshakes = 0;
    this.#refused = 0;
  }
}
