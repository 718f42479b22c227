/**
 * One entry of a source at a revision. `path` is relative to the root of the repository, with `/` between its parts;
 * `size` is in bytes. `bytes` may be left out for links, submodules, and files above the size cap.
 */
export interface SourceFile {
  readonly path: string;
  readonly kind: 'file' | 'symlink' | 'submodule';
  readonly size: number;
  readonly bytes?: Uint8Array;
}
