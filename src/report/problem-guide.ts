import type { ProblemCode } from '../model/problem.ts';

/** The page with an anchor for each code, within this project. Generated from the table below. */
export const PROBLEM_PAGE = 'docs/reference/problems.md';

/** What a problem is, and what its author does about it. */
export interface ProblemAdvice {
  /** A short sentence without a full stop. */
  readonly title: string;
  /** One or more whole sentences. */
  readonly remedy: string;
}

/** Every problem code (DESIGN section 4) in words. Plain text: it is shown in pages, comments and code scanning. */
export const PROBLEM_GUIDE: Readonly<Record<ProblemCode, ProblemAdvice>> = {
  'yaml-parse-error': {
    title: 'The file is not valid YAML',
    remedy:
      'Correct the YAML at this line: mostly an indentation, a missing bracket or a missing quote.',
  },
  'duplicate-key': {
    title: 'A key is given twice in one mapping',
    remedy: 'Keep one of the two. YAML does not say which one would count.',
  },
  'yaml-alias': {
    title: 'Anchors, aliases and merge keys are refused',
    remedy: 'Write the value out in each place. A few aliases can grow into gigabytes.',
  },
  'schema-violation': {
    title: 'A field is unknown, missing or has a value that is not allowed',
    remedy: 'Correct the field; docs/reference/kinds.md lists every field and its values.',
  },
  'unknown-kind': {
    title: 'The kind is neither Shortcut nor LeafCluster',
    remedy:
      'Correct the kind. Where the file is not meant for Liqo Shortcuts, exclude it with .shortcutsignore, which reads like .gitignore.',
  },
  'unknown-api-version': {
    title: 'The apiVersion is not one that is known',
    remedy:
      'Write apiVersion: shortcuts.liqo.io/v1alpha1, or exclude the file with .shortcutsignore.',
  },
  'missing-name': {
    title: 'The resource has no metadata.name',
    remedy: 'Give it a name; for a Shortcut the two leaves are usual, as in rome-milan.',
  },
  'invalid-name': {
    title: 'A name is not one that Kubernetes allows',
    remedy:
      'Use lower-case letters, digits, hyphens and dots, with a letter or digit at both ends. Letters of other alphabets may look the same: type the name again.',
  },
  'duplicate-resource': {
    title: 'Two documents have the same kind, namespace and name',
    remedy: 'Rename or remove one of them; the message names the other one.',
  },
  'duplicate-pair': {
    title: 'Two Shortcuts connect the same two clusters',
    remedy: 'Remove one of them. The order of the two clusters carries no meaning.',
  },
  'duplicate-node-port': {
    title: 'Two Shortcuts ask for the same node port of one server',
    remedy:
      'Give one of them another port, or leave the field out: the server then chooses a free one.',
  },
  'self-link': {
    title: 'A Shortcut connects a cluster with itself',
    remedy: 'Name two different LeafClusters.',
  },
  'unknown-leaf': {
    title: 'A Shortcut names a leaf that does not exist',
    remedy: 'Correct the name, or add the LeafCluster in the same or an earlier commit.',
  },
  'unsupported-server': {
    title: 'The server is neither auto nor one of the two clusters',
    remedy: 'Name one of the two clusters of this Shortcut, or leave the field out for auto.',
  },
  'cidr-conflict': {
    title: 'An address block cannot be used',
    remedy:
      'Correct the block as the message says. Two leaves can only be connected where Liqo finds free ranges for what it must remap.',
  },
  'inline-credential': {
    title: 'The file holds a credential',
    remedy:
      'Remove it, keep it in a Secret of the main cluster, and name that Secret. Replace the credential if it was ever pushed: it stays in the history.',
  },
  'symlink-ignored': {
    title: 'A symbolic link or submodule is not followed',
    remedy: 'Put the file itself there, or exclude the link with .shortcutsignore.',
  },
  'file-too-large': {
    title: 'The file is larger than 64 KiB',
    remedy:
      'Split it: one resource in each file reads best. Exclude what is not ours with .shortcutsignore.',
  },
  'too-many-files': {
    title: 'The folder holds more than 20,000 YAML files and links',
    remedy:
      'Choose a folder with --path. What .shortcutsignore excludes counts too: a source stops reading at so many.',
  },
  'not-utf8': {
    title: 'The file is not UTF-8 text',
    remedy: 'Save it as UTF-8.',
  },
  'empty-source': {
    title: 'The folder holds no Shortcut and no LeafCluster',
    remedy:
      'Look at --path, --ref and .shortcutsignore. An empty source never means that everything is to be deleted: to remove the last Shortcut, keep a LeafCluster.',
  },
  'path-not-found': {
    title: 'The folder does not exist in this revision',
    remedy: 'Correct --path, or --ref where the folder is on another branch.',
  },
};
