import { InvariantError } from '../../errors/errors.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import {
  covers,
  isTerminating,
  keyOf,
  labelOf,
  ownedBy,
  ownerOfKind,
  splitKey,
  textAt,
  textsAt,
} from './fields.ts';
import { CONFIGURATION, NETWORK } from './kinds.ts';
import type { Controller, LeafContext } from './leaf-context.ts';
import * as names from './names.ts';
import { ownCIDRs } from './own-prefixes.ts';

const CIDR_KINDS = ['pod', 'external'] as const;
type CIDRKind = (typeof CIDR_KINDS)[number];

interface WantedNetwork {
  readonly kind: CIDRKind;
  readonly name: string;
  readonly cidr: string;
}

/**
 * Configuration → Networks → remapped CIDRs in the status (NETWORK.md sections 3.1, 5.1 and 12). The controller's own
 * write of `spec.local` makes the generation 2; the status comes whole, in one write.
 */
export function configurationController(leaf: LeafContext): Controller {
  const { objects, features } = leaf;

  async function reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const stored = objects.get(CONFIGURATION, namespace, name);
    if (stored === undefined || isTerminating(stored)) return;
    if (labelOf(stored, names.LABEL_REMOTE_ID) === undefined) {
      throw new InvariantError('Configuration without remote cluster ID');
    }
    const configuration = await fillLocal(stored);
    const wanted = wantedNetworks(configuration);
    if (await removeOrphans(configuration, wanted)) return;
    const cidrs = await remappedCIDRs(configuration, wanted);
    if (cidrs === undefined) return;
    await (features.manyCIDRs
      ? writeStatus(configuration, cidrs)
      : writeStatusOnce(configuration, cidrs));
  }

  async function fillLocal(configuration: KubeObject): Promise<KubeObject> {
    if (textsAt(configuration, 'spec.local.cidr.pod').length > 0) return configuration;
    await leaf.pause('cidr');
    const cidr = { pod: ownCIDRs(leaf, 'pod'), external: ownCIDRs(leaf, 'external') };
    return objects.patch(CONFIGURATION, configuration, { spec: { local: { cidr } } });
  }

  function wantedNetworks(configuration: KubeObject): readonly WantedNetwork[] {
    return CIDR_KINDS.flatMap((kind) => {
      const cidrs = textsAt(configuration, `spec.remote.cidr.${kind}`);
      const { name } = configuration.metadata;
      if (features.manyCIDRs) {
        return cidrs.map((cidr) => ({
          kind,
          name: `${name}-${kind}-${names.escapeCIDR(cidr)}`,
          cidr,
        }));
      }
      const [cidr] = cidrs;
      if (cidr === undefined) throw new InvariantError(`Configuration without ${kind} CIDR`);
      return [{ kind, name: `${name}-${kind}`, cidr }];
    });
  }

  /** Networks of prefixes that are no longer asked for go first. True while there are any. */
  async function removeOrphans(
    configuration: KubeObject,
    wanted: readonly WantedNetwork[],
  ): Promise<boolean> {
    const keep = new Set(wanted.map(({ name }) => name));
    const orphans = objects
      .list(NETWORK, { namespace: configuration.metadata.namespace ?? '' })
      .filter(
        (network) =>
          ownerOfKind(network, 'Configuration')?.name === configuration.metadata.name &&
          !keep.has(network.metadata.name),
      );
    for (const orphan of orphans) {
      if (!isTerminating(orphan)) await objects.remove(NETWORK, orphan);
    }
    return orphans.length > 0;
  }

  /** Makes the Networks; undefined while one of them has no prefix yet. A terminating one of the right name counts. */
  async function remappedCIDRs(
    configuration: KubeObject,
    wanted: readonly WantedNetwork[],
  ): Promise<Readonly<Record<CIDRKind, readonly string[]>> | undefined> {
    const cidrs: Record<CIDRKind, string[]> = { pod: [], external: [] };
    for (const { kind, name, cidr } of wanted) {
      const { namespace = '' } = configuration.metadata;
      if (objects.get(NETWORK, namespace, name) === undefined) await leaf.pause('cidr');
      const network = await objects.ensure(
        NETWORK,
        networkFor(configuration, { kind, name, cidr }),
      );
      const remapped = textAt(network, 'status.cidr');
      if (remapped !== undefined) cidrs[kind].push(remapped);
    }
    return cidrs.pod.length + cidrs.external.length === wanted.length ? cidrs : undefined;
  }

  async function writeStatus(configuration: KubeObject, cidr: object): Promise<void> {
    const observedGeneration = configuration.metadata.generation;
    const condition = {
      type: 'NetworkCIDRsConfigured',
      status: 'True',
      reason: 'NetworkCIDRsConfigured',
      message: 'All network CIDRs are configured',
      observedGeneration,
    };
    const wanted = { remote: { cidr }, conditions: [condition] };
    if (covers(configuration['status'], wanted)) return;
    await leaf.pause('cidr');
    const lastTransitionTime = timestamp(leaf);
    const conditions = [{ ...condition, lastTransitionTime }];
    await objects.patchStatus(CONFIGURATION, configuration, { remote: { cidr }, conditions });
  }

  /** Before v1.2: a status, then a label; a later change of `spec.remote` has no effect. */
  async function writeStatusOnce(configuration: KubeObject, cidr: object): Promise<void> {
    if (labelOf(configuration, names.LABEL_CONFIGURED) !== undefined) return;
    await leaf.pause('cidr');
    await objects.patchStatus(CONFIGURATION, configuration, { remote: { cidr } });
    const labels = { [names.LABEL_CONFIGURED]: 'true' };
    await objects.patch(CONFIGURATION, configuration, { metadata: { labels } });
  }

  return {
    name: 'configuration',
    triggers: [
      { kind: CONFIGURATION, keys: ({ object }) => [keyOf(object)] },
      {
        kind: NETWORK,
        keys({ object }) {
          const owner = ownerOfKind(object, 'Configuration');
          return owner === undefined ? [] : [`${object.metadata.namespace ?? ''}/${owner.name}`];
        },
      },
    ],
    reconcile,
  };
}

/** Now, in whole seconds as Kubernetes writes times. */
export function timestamp({ clock }: Pick<LeafContext, 'clock'>): string {
  return new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
}

function networkFor(configuration: KubeObject, { kind, name, cidr }: WantedNetwork): KubeObject {
  return {
    apiVersion: NETWORK.apiVersion,
    kind: NETWORK.kind,
    metadata: {
      name,
      ...(configuration.metadata.namespace === undefined
        ? {}
        : { namespace: configuration.metadata.namespace }),
      labels: {
        ...names.MANAGED,
        [names.LABEL_CIDR_TYPE]: kind,
        [names.LABEL_REMOTE_ID]: labelOf(configuration, names.LABEL_REMOTE_ID) ?? '',
      },
      ownerReferences: [ownedBy(configuration, 'controller')],
    },
    spec: { cidr, preAllocated: 0 },
  };
}
