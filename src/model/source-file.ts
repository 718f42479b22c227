/**
 * One entry of the desired state as its source holds it. Symbolic links and submodules are named, never followed,
 * so they have no content; nor is that of a file kept that is too large to be a manifest.
 */
export interface SourceFile {
  /** Relative to the root of the repository, `/` between names. */
  readonly path: string;
  readonly kind: 'file' | 'symlink' | 'submodule';
  /** Bytes of a file's content; 0 for what is not a file. */
  readonly size: number;
  /** The content, left out where it is not to be parsed. */
  readonly bytes?: Uint8Array;
}
