import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { PHASES } from '../status/compute-conditions.ts';
import type { SnapshotReader } from '../status/snapshot.ts';

/**
 * The metrics of `/metrics`, in Prometheus' names: those of the process, and ours, which are read from the snapshot when
 * somebody asks. Labels hold names of leaves and nothing else of what a leaf says.
 */
export function createMetrics(reader: SnapshotReader): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'liqo_shortcuts_build_info',
    help: 'Always 1; the labels tell which version runs, and for which installation.',
    labelNames: ['version', 'installation'],
    registers,
    collect() {
      const { version, installation } = reader.snapshot();
      this.reset();
      this.set({ version, installation }, 1);
    },
  });
  new Gauge({
    name: 'liqo_shortcuts_leader',
    help: 'Whether this process is the one that writes: 1 or 0. The sum over all replicas is 1.',
    registers,
    collect() {
      this.set(reader.snapshot().role === 'leader' ? 1 : 0);
    },
  });
  new Gauge({
    name: 'liqo_shortcuts_main_stale_since_timestamp_seconds',
    help: 'Since when the main cluster cannot be read, as seconds since the epoch; 0 while it can.',
    registers,
    collect() {
      const { staleSince } = reader.snapshot();
      this.set(staleSince === undefined ? 0 : Date.parse(staleSince) / 1000);
    },
  });
  new Gauge({
    name: 'liqo_shortcuts_source_verified',
    help: 'Whether what the ref of the source names is signed by somebody who may: 1 or 0. Missing where signatures do not count, and while that is not known.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const { status, reason } of reader.snapshot().source?.conditions ?? []) {
        if (status !== 'Unknown') this.set({ reason }, status === 'True' ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: 'liqo_shortcuts_shortcuts',
    help: 'Shortcuts by phase.',
    labelNames: ['phase'],
    registers,
    collect() {
      const { shortcuts } = reader.snapshot();
      for (const phase of PHASES) this.set({ phase }, 0);
      for (const { phase } of shortcuts) this.inc({ phase });
    },
  });
  new Gauge({
    name: 'liqo_shortcuts_leaf_ready',
    help: 'Whether a leaf is ready: 1 or 0.',
    labelNames: ['leaf'],
    registers,
    collect() {
      this.reset();
      for (const { name, phase } of reader.snapshot().leaves) {
        this.set({ leaf: name }, phase === 'Ready' ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: 'liqo_shortcuts_leaf_credential_expiry_timestamp_seconds',
    help: 'When the credential of a leaf ends, as seconds since the epoch. Missing where the credential does not say.',
    labelNames: ['leaf'],
    registers,
    collect() {
      this.reset();
      for (const { name, credential } of reader.snapshot().leaves) {
        if (credential === undefined) continue;
        this.set({ leaf: name }, Date.parse(credential.expiresAt) / 1000);
      }
    },
  });
  new Counter({
    name: 'liqo_shortcuts_forge_requests_total',
    help: 'Requests to the host of the repository, for reporting back; code "none" where there was no answer.',
    labelNames: ['operation', 'code'],
    registers,
    collect() {
      this.reset();
      for (const { operation, code, count } of reader.snapshot().forge?.requests ?? []) {
        this.inc({ operation, code }, count);
      }
    },
  });
  return registry;
}
