/** A comment on a pull or merge request, as far as it concerns us. */
export interface Comment {
  readonly id: number;
  readonly author: string;
  readonly body: string;
}

/** The comments of one pull or merge request. Every call throws a ForgeError where the forge does not do it. */
export interface Comments {
  /** All of them, the oldest first, a page at a time. */
  pages(): AsyncIterable<readonly Comment[]>;
  create(body: string): Promise<void>;
  update(id: number, body: string): Promise<void>;
}

/** A forge that answered with something else than success, or (status 0) not at all. Never holds what it said. */
export class ForgeError extends Error {
  readonly status: number;

  constructor(status: number, options?: ErrorOptions) {
    super(
      status === 0 ? 'the forge could not be reached' : `the forge answered ${status}`,
      options,
    );
    this.status = status;
  }
}

/**
 * Keeps one comment up to date: that of `author` which begins with the same line as `body`, the report's hidden marker.
 * The author counts because anybody may copy the marker; a comment of somebody else is never written over.
 */
export async function keepComment(
  comments: Comments,
  { body, author }: { readonly body: string; readonly author: string },
): Promise<'created' | 'updated' | 'unchanged'> {
  const [marker = ''] = body.split('\n');
  const found = await find(comments, (one) => one.author === author && hasMarker(one, marker));
  if (found === undefined) {
    await comments.create(body);
    return 'created';
  }
  if (found.body.trim() === body.trim()) return 'unchanged';
  await comments.update(found.id, body);
  return 'updated';
}

function hasMarker({ body }: Comment, marker: string): boolean {
  return body.split('\n', 1)[0]?.trim() === marker;
}

async function find(
  comments: Comments,
  isIt: (comment: Comment) => boolean,
): Promise<Comment | undefined> {
  for await (const page of comments.pages()) {
    const found = page.find(isIt);
    if (found !== undefined) return found;
  }
  return undefined;
}
