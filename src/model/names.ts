/** Labels, annotations and other fixed texts that are public API (DESIGN sections 3 and 5). */

/** Field manager of every server-side apply, and value of the managed-by label. */
export const FIELD_MANAGER = 'liqo-shortcuts';

export const LABEL_MANAGED_BY = 'app.kubernetes.io/managed-by';
export const LABEL_INSTALLATION = 'shortcuts.liqo.io/installation';
export const LABEL_SHORTCUT = 'shortcuts.liqo.io/shortcut';
/** On mirrored CRs of the main cluster: the name of the source they came from. Prune touches only these. */
export const LABEL_SOURCE = 'shortcuts.liqo.io/source';

/** On what we write on leaves: `<namespace>/<name>/<uid>` of the Shortcut. */
export const ANNOTATION_OWNER = 'shortcuts.liqo.io/owner';
/** On what we write on leaves: short hash of what we wanted, which tells somebody else's change from one of ours. */
export const ANNOTATION_APPLIED = 'shortcuts.liqo.io/applied';
/** On PublicKeys: marks the last time that we touched it to have a lost Connection made again. */
export const ANNOTATION_TOUCHED = 'shortcuts.liqo.io/touched';
/** On mirrored CRs: the revision that last changed them, and the file they came from. */
export const ANNOTATION_REVISION = 'shortcuts.liqo.io/revision';
export const ANNOTATION_FILE = 'shortcuts.liqo.io/file';
/** On mirrored CRs: digest of what the file says, so that a field taken out of the file is noticed. */
export const ANNOTATION_CONTENT = 'shortcuts.liqo.io/content';
export const ANNOTATION_PRUNE = 'shortcuts.liqo.io/prune';
export const ANNOTATION_ADOPT = 'shortcuts.liqo.io/adopt';
export const ANNOTATION_FORGET_LEAF = 'shortcuts.liqo.io/forget-leaf';
/** Set by a person on a Shortcut whose deletion is held: it is meant. Never taken from a file. */
export const ANNOTATION_CONFIRM_DELETION = 'shortcuts.liqo.io/confirm-deletion';
export const ANNOTATION_RECONCILE_REQUESTED = 'shortcuts.liqo.io/reconcile-requested-at';

export const FINALIZER = 'shortcuts.liqo.io/disconnect';

/** One namespace is one installation, so its Lease needs no other name. */
export const LEASE_NAME = 'liqo-shortcuts';

export const DEFAULT_NAMESPACE = 'liqo-shortcuts';
