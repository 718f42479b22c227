import { parseManifests } from '../manifests/parse-manifests.ts';
import type { FoundConnection } from './found-connection.ts';
import { leafManifestOf } from './leaf-manifest.ts';
import { type ManifestObject, renderManifest } from './render-manifest.ts';
import type { Survey, SurveyedLeaf } from './survey.ts';

/** One file of the desired state. */
export interface ManifestFile {
  /** Below the folder, e.g. `shortcuts/rome-milan.yaml`. */
  readonly path: string;
  readonly object: ManifestObject;
  readonly text: string;
}

/** What is to be committed, and what was found; a connection that cannot be written is refused in it. */
export interface ImportPlan {
  readonly connections: readonly FoundConnection[];
  readonly leaves: readonly SurveyedLeaf[];
  /** Leaves first; by path. */
  readonly files: readonly ManifestFile[];
  /** Leaves that got no file because their manifest would not be valid, and why. */
  readonly refusedLeaves: ReadonlyMap<string, string>;
}

/**
 * Writes what was found as files, and reads them back as the service will: what that refuses is not written. So what is
 * written is valid, holds no credential, and goes together.
 */
export function buildManifests(
  connections: readonly FoundConnection[],
  { leaves, mainClusterID }: Pick<Survey, 'leaves' | 'mainClusterID'>,
  namespace: string,
): ImportPlan {
  const leafFiles = leaves.flatMap((leaf) => leafFile(leaf, mainClusterID));
  const shortcutFiles = connections.flatMap(shortcutFile);
  const files = [...leafFiles, ...shortcutFiles].sort((a, b) => (a.path < b.path ? -1 : 1));
  const problems = findProblems(files, new Set(leaves.map(({ name }) => name)), namespace);
  return {
    leaves,
    connections: connections.map((connection) => refuse(connection, problems)),
    files: files.filter(({ path }) => !problems.has(path)),
    refusedLeaves: new Map(
      leafFiles.flatMap(({ path, object }) => {
        const why = problems.get(path);
        return why === undefined ? [] : [[object.metadata.name, why]];
      }),
    ),
  };
}

function leafFile(leaf: SurveyedLeaf, mainClusterID: string | undefined): readonly ManifestFile[] {
  const object = leafManifestOf(leaf, mainClusterID);
  if (object === undefined) return [];
  const notes = [
    `The kubeconfig lies in Secret ${object.spec.kubeconfigSecretRef.name} of the main cluster, never in Git.`,
  ];
  return [{ path: `leaves/${leaf.name}.yaml`, object, text: renderManifest(object, notes) }];
}

function shortcutFile({ shortcut: object, notes }: FoundConnection): readonly ManifestFile[] {
  if (object === undefined) return [];
  const path = `shortcuts/${object.metadata.name}.yaml`;
  return [{ path, object, text: renderManifest(object, notes) }];
}

/** The first error of each file. */
function findProblems(
  files: readonly ManifestFile[],
  leavesKnown: ReadonlySet<string>,
  namespace: string,
): ReadonlyMap<string, string> {
  const { problems } = parseManifests(
    files.map(({ path, text }) => {
      const bytes = Buffer.from(text);
      return { path, kind: 'file', size: bytes.length, bytes };
    }),
    { path: '.', namespace, leavesKnown },
  );
  const errors = problems.filter(({ severity, file }) => severity === 'error' && file !== '.');
  return new Map(errors.toReversed().map(({ file, message }) => [file, message]));
}

function refuse(
  connection: FoundConnection,
  problems: ReadonlyMap<string, string>,
): FoundConnection {
  const why = shortcutFile(connection).flatMap(({ path }) => problems.get(path) ?? [])[0];
  if (why === undefined) return connection;
  const { clusters, foundIn, health, notes } = connection;
  const takeover = { kind: 'refused', why: `its Shortcut would not be valid: ${why}` } as const;
  return { clusters, foundIn, health, notes, takeover };
}
