import type { Reason } from '../model/condition.ts';
import { clustersOf, type Shortcut } from '../model/shortcut.ts';
import type { ShortcutFact } from './commit-facts.ts';

/** What a reason means to the author of a commit, where Ready is not `True`. */
const STATES: Readonly<Record<Reason, ShortcutFact['state']>> = {
  Connected: 'progressing',
  Progressing: 'progressing',
  Connecting: 'progressing',
  CIDRPending: 'progressing',
  EndpointPending: 'progressing',
  KeysPending: 'progressing',
  Draining: 'progressing',
  LeafUnknown: 'refused',
  InvalidSpec: 'refused',
  DuplicatePair: 'refused',
  ForeignConnection: 'refused',
  OwnershipConflict: 'refused',
  Rejected: 'refused',
  Suspended: 'suspended',
  ConnectionLost: 'troubled',
  ConnectionStale: 'troubled',
  LeafUnreachable: 'troubled',
  LeafForbidden: 'troubled',
  LiqoMissing: 'troubled',
  CredentialInvalid: 'troubled',
  CredentialExpiring: 'troubled',
  CredentialExpired: 'troubled',
  ClusterIDMismatch: 'troubled',
  DeletionBlocked: 'troubled',
  InternalError: 'troubled',
};

/** How a Shortcut fares. A condition about a former spec says nothing of the one of now. */
export function judgeShortcut(shortcut: Shortcut): ShortcutFact {
  const { metadata, status } = shortcut;
  const isCurrent = status?.observedGeneration === metadata.generation;
  const ready = isCurrent ? status?.conditions?.find(({ type }) => type === 'Ready') : undefined;
  const { reason = 'Progressing', message = '' } = ready ?? {};
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    clusters: clustersOf(shortcut),
    state: stateOf(shortcut, ready?.status === 'True', reason),
    reason,
    message,
  };
}

function stateOf({ metadata, spec }: Shortcut, isReady: boolean, reason: string) {
  if (metadata.deletionTimestamp !== undefined) {
    return reason === 'DeletionBlocked' ? 'troubled' : 'removing';
  }
  if (spec.suspend === true) return 'suspended';
  return isReady ? 'ready' : meaningOf(reason);
}

function meaningOf(reason: string): ShortcutFact['state'] {
  return (STATES as Readonly<Record<string, ShortcutFact['state']>>)[reason] ?? 'troubled';
}
