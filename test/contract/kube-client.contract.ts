import { expect } from 'chai';
import {
  AlreadyExistsError,
  ClusterForbiddenError,
  ClusterUnreachableError,
  ExpiredError,
  NotFoundError,
  RejectedByApiError,
  WriteConflictError,
} from '../../src/errors/errors.ts';
import type { OperatorError } from '../../src/errors/operator-error.ts';
import type { KubeClient, WatchEvent } from '../../src/kube/kube-client.ts';
import { createWatchCache } from '../../src/kube/watch-cache.ts';
import { CONFIG_MAP, NAMESPACE } from '../../src/model/kinds.ts';
import type { KubeObject, ObjectRef, ResourceKind } from '../../src/model/kube-object.ts';
import { formatRight, type Right } from '../../src/model/right.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { settleAll } from '../../src/runtime/settle-all.ts';

/** An API server to hold a client against. */
export interface ContractWorld {
  /** As a user who may do everything. */
  readonly client: KubeClient;
  /** The same rights under another field manager. */
  readonly other: KubeClient;
  /** As a user who may do nothing. */
  readonly nobody: KubeClient;
  /** What can be done to the server; left out where it cannot be hurt. */
  readonly faults?: ContractFaults;
  stop(): Promise<void>;
}

export interface ContractFaults {
  down(on: boolean): void;
  slow(ms: number): void;
  hang(on: boolean): void;
  forbidden(on: boolean, scope?: { readonly user: string; readonly verb: string }): void;
  dropWatches(): void;
  expireWatches(): void;
}

const CRD: ResourceKind = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

const RBAC = 'rbac.authorization.k8s.io/v1';

function rbacKind(kind: 'Role' | 'RoleBinding'): ResourceKind {
  return { apiVersion: RBAC, kind, plural: `${kind.toLowerCase()}s`, namespaced: true };
}

const WIDGET: ResourceKind = {
  apiVersion: 'contract.shortcuts.liqo.io/v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
};

const WIDGET_DEFINITION: KubeObject = {
  apiVersion: CRD.apiVersion,
  kind: CRD.kind,
  metadata: { name: 'widgets.contract.shortcuts.liqo.io' },
  spec: {
    group: 'contract.shortcuts.liqo.io',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', minimum: 1 },
                  color: { type: 'string', default: 'red' },
                  parts: { type: 'array', items: { type: 'string' } },
                },
              },
              status: { type: 'object', properties: { phase: { type: 'string' } } },
            },
          },
        },
      },
    ],
  },
};

const signal = new AbortController().signal;

async function failureOf(promise: Promise<unknown>): Promise<OperatorError> {
  return promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error as OperatorError,
  );
}

/** What every implementation of the Kubernetes port does, whatever server is behind it. */
export function describeKubeClient(name: string, makeWorld: () => Promise<ContractWorld>): void {
  describe(`the Kubernetes port: ${name}`, function () {
    this.timeout(15_000);
    let world: ContractWorld;
    let client: KubeClient;
    let namespace: string;
    let tests = 0;

    before(async () => {
      world = await makeWorld();
      client = world.client;
      await client.apply(CRD, WIDGET_DEFINITION, { signal, force: true });
      // A kind that is new is served a moment later.
      for (;;) {
        const answer = await client.list(WIDGET, { signal }).catch((error: unknown) => error);
        if (!(answer instanceof NotFoundError)) break;
        await systemClock.sleep(50, { signal });
      }
    });

    after(() => world.stop());

    beforeEach(async () => {
      tests += 1;
      namespace = `contract-${process.pid}-${tests}`;
      const metadata = { name: namespace };
      await client.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata }, { signal });
    });

    afterEach(async () => {
      world.faults?.slow(0);
      world.faults?.hang(false);
      world.faults?.down(false);
      await client.delete({ kind: NAMESPACE, name: namespace }, { signal });
    });

    function configMap(name: string, over: object = {}, labels = {}): KubeObject {
      const metadata = { name, namespace, labels };
      return { apiVersion: 'v1', kind: 'ConfigMap', metadata, ...over };
    }

    function widget(name: string, spec: object, metadata: object = {}): KubeObject {
      return {
        apiVersion: WIDGET.apiVersion,
        kind: WIDGET.kind,
        metadata: { name, namespace, ...metadata },
        spec,
      };
    }

    function refTo(name: string, kind = CONFIG_MAP): ObjectRef {
      return { kind, namespace, name };
    }

    const force = { signal, force: true };
    const noForce = { signal, force: false };

    describe('create and get', () => {
      it('give back the object as stored', async () => {
        const created = await client.create(CONFIG_MAP, configMap('a', { data: { x: '1' } }), {
          signal,
        });

        expect(created).to.deep.include({ kind: 'ConfigMap', data: { x: '1' } });
        expect(created.metadata.uid).to.be.a('string');
        expect(created.metadata.resourceVersion).to.be.a('string');
        expect(await client.get(refTo('a'), { signal })).to.deep.equal(created);
      });

      it('fill in defaults', async () => {
        const created = await client.create(WIDGET, widget('a', { size: 1 }), { signal });

        expect(created['spec']).to.deep.equal({ size: 1, color: 'red' });
        expect(created.metadata.generation).to.equal(1);
      });

      it('tell what is there already', async () => {
        await client.create(CONFIG_MAP, configMap('a'), { signal });

        const again = client.create(CONFIG_MAP, configMap('a'), { signal });

        expect(await failureOf(again)).to.be.instanceOf(AlreadyExistsError);
      });

      it('tell a missing object from a missing kind', async () => {
        const object = await failureOf(client.get(refTo('none'), { signal }));
        const kind = { ...WIDGET, plural: 'gadgets', kind: 'Gadget' };
        const missingKind = await failureOf(client.get(refTo('a', kind), { signal }));

        expect(object).to.be.instanceOf(NotFoundError);
        expect(object.details).to.include({ kindMissing: false });
        expect(missingKind).to.be.instanceOf(NotFoundError);
        expect(missingKind.details).to.include({ kindMissing: true });
        expect(await failureOf(client.list(kind, { signal }))).to.be.instanceOf(NotFoundError);
      });

      it('tell a missing namespace', async () => {
        const object = configMap('a', { metadata: { name: 'a', namespace: 'contract-none' } });

        const error = await failureOf(client.create(CONFIG_MAP, object, { signal }));

        expect(error).to.be.instanceOf(NotFoundError);
        expect(error.details).to.include({ kindMissing: false });
      });

      for (const { name: what, spec } of [
        { name: 'a value out of range', spec: { size: 0 } },
        { name: 'a wrong type', spec: { size: 'big' } },
      ]) {
        it(`refuse ${what}, and name the field`, async () => {
          const error = await failureOf(client.create(WIDGET, widget('a', spec), { signal }));

          expect(error).to.be.instanceOf(RejectedByApiError);
          expect(error.details).to.include({ status: 422 });
          expect(error.details['fields']).to.match(/^spec\.size \(/);
        });
      }
    });

    describe('list', () => {
      beforeEach(async () => {
        await client.create(CONFIG_MAP, configMap('a', {}, { tier: 'x', env: 'one' }), { signal });
        await client.create(CONFIG_MAP, configMap('b', {}, { tier: 'y' }), { signal });
        await client.create(CONFIG_MAP, configMap('c'), { signal });
      });

      for (const { selector, want } of [
        { selector: 'tier=x', want: ['a'] },
        { selector: 'tier', want: ['a', 'b'] },
        { selector: 'tier!=x,tier', want: ['b'] },
        { selector: 'tier in (x,y),!env', want: ['b'] },
        { selector: 'tier=none', want: [] },
      ]) {
        it(`selects by ${selector}`, async () => {
          const list = await client.list(CONFIG_MAP, {
            namespace,
            labelSelector: selector,
            signal,
          });

          expect(list.items.map(({ metadata }) => metadata.name)).to.deep.equal(want);
          expect(list.resourceVersion).to.match(/./);
        });
      }

      it('gives items their kind, in one namespace or in all', async () => {
        const everywhere = await client.list(CONFIG_MAP, { labelSelector: 'tier=x', signal });

        expect(everywhere.items).to.deep.include(await client.get(refTo('a'), { signal }));
      });

      it('is complete where the server gives it in pages', async () => {
        const names = Array.from({ length: 501 }, (_, index) => `page-${index}`);
        await settleAll(names, 16, (page) =>
          client.create(CONFIG_MAP, configMap(page, {}, { paged: 'yes' }), { signal }),
        );

        const list = await client.list(CONFIG_MAP, {
          labelSelector: 'paged=yes',
          namespace,
          signal,
        });

        expect(list.items.map(({ metadata }) => metadata.name)).to.have.members(names);
      });
    });

    describe('apply', () => {
      it('creates, and changes nothing when it is done again', async () => {
        const first = await client.apply(WIDGET, widget('a', { size: 1 }), noForce);
        const second = await client.apply(WIDGET, widget('a', { size: 1 }), noForce);

        expect(second).to.deep.equal(first);
        expect(
          first.metadata.managedFields?.map(({ manager, operation }) => ({ manager, operation })),
        ).to.deep.equal([{ manager: 'liqo-shortcuts', operation: 'Apply' }]);
      });

      it('takes away what it no longer asks for, and nothing else', async () => {
        await client.apply(WIDGET, widget('a', { size: 1, parts: ['x'] }), noForce);
        await world.other.apply(WIDGET, widget('a', { color: 'blue' }), force);

        const after = await client.apply(WIDGET, widget('a', { size: 2 }), noForce);

        expect(after['spec']).to.deep.equal({ size: 2, color: 'blue' });
        expect(after.metadata.generation).to.equal(3);
      });

      it('leaves fields of others, unless it is forced', async () => {
        await world.other.apply(WIDGET, widget('a', { size: 1 }), noForce);

        const error = await failureOf(client.apply(WIDGET, widget('a', { size: 2 }), noForce));
        const forced = await client.apply(WIDGET, widget('a', { size: 2 }), force);

        expect(error).to.be.instanceOf(WriteConflictError);
        expect(error.details['fields']).to.match(/spec\.size/);
        expect(forced['spec']).to.include({ size: 2 });
      });

      it('holds to the UID that it was planned for', async () => {
        const { metadata } = await client.apply(WIDGET, widget('a', { size: 1 }), noForce);
        const { uid = '' } = metadata;

        const same = await client.apply(WIDGET, widget('a', { size: 2 }, { uid }), force);
        const another = client.apply(WIDGET, widget('a', { size: 3 }, { uid: `${uid}x` }), force);
        const absent = client.apply(WIDGET, widget('b', { size: 3 }, { uid }), force);

        expect(same['spec']).to.include({ size: 2 });
        expect(await failureOf(another)).to.be.instanceOf(WriteConflictError);
        expect(await failureOf(absent)).to.be.instanceOf(WriteConflictError);
      });

      for (const { name: what, spec, field } of [
        { name: 'a value out of range', spec: { size: 0 }, field: /spec\.size/ },
        { name: 'a wrong type', spec: { size: 'big' }, field: /spec\.size/ },
        { name: 'an unknown field', spec: { weight: 1 }, field: /spec\.weight/ },
      ]) {
        it(`refuses ${what} for good, and names the field`, async () => {
          const error = await failureOf(client.apply(WIDGET, widget('a', spec), force));

          expect(error).to.be.instanceOf(RejectedByApiError);
          expect(error.details['fields']).to.match(field);
        });
      }
    });

    describe('patch', () => {
      it('merges, and takes away what is null', async () => {
        await client.create(CONFIG_MAP, configMap('a', { data: { x: '1', y: '2' } }), { signal });

        const after = await client.patch(refTo('a'), { data: { x: null, z: '3' } }, { signal });

        expect(after['data']).to.deep.equal({ y: '2', z: '3' });
      });

      it('holds to the version and the UID that it was planned for', async () => {
        const { metadata } = await client.create(CONFIG_MAP, configMap('a'), { signal });
        const { uid = '', resourceVersion = '' } = metadata;
        await client.patch(
          refTo('a'),
          { metadata: { uid, resourceVersion }, data: { x: '1' } },
          { signal },
        );

        const old = client.patch(
          refTo('a'),
          { metadata: { resourceVersion }, data: { x: '2' } },
          { signal },
        );
        const another = client.patch(
          refTo('a'),
          { metadata: { uid: 'x' }, data: { x: '2' } },
          { signal },
        );

        expect(await failureOf(old)).to.be.instanceOf(WriteConflictError);
        expect(await failureOf(another)).to.be.instanceOf(WriteConflictError);
      });

      it('does not create', async () => {
        const error = await failureOf(client.patch(refTo('none'), { data: {} }, { signal }));

        expect(error).to.be.instanceOf(NotFoundError);
      });

      it('of the status leaves the spec alone, and the other way round', async () => {
        await client.apply(WIDGET, widget('a', { size: 1 }), noForce);
        const ref = refTo('a', WIDGET);
        const both = { spec: { size: 7 }, status: { phase: 'Up' } };

        const status = await client.patch(ref, both, { signal, subresource: 'status' });
        const spec = await client.patch(
          ref,
          { spec: { size: 8 }, status: { phase: 'Down' } },
          { signal },
        );

        expect(status).to.deep.include({
          spec: { size: 1, color: 'red' },
          status: { phase: 'Up' },
        });
        expect(status.metadata.generation).to.equal(1);
        expect(spec).to.deep.include({ spec: { size: 8, color: 'red' }, status: { phase: 'Up' } });
        expect(spec.metadata.generation).to.equal(2);
      });

      it('of the status can also be an apply', async () => {
        await client.apply(WIDGET, widget('a', { size: 1 }), noForce);
        const { apiVersion, kind, metadata } = widget('a', {});

        const after = await client.apply(
          WIDGET,
          { apiVersion, kind, metadata, status: { phase: 'Up' } },
          { ...force, subresource: 'status' },
        );

        expect(after).to.deep.include({ spec: { size: 1, color: 'red' }, status: { phase: 'Up' } });
      });
    });

    describe('delete', () => {
      it('deletes, and tells what is not there', async () => {
        await client.create(CONFIG_MAP, configMap('a'), { signal });

        await client.delete(refTo('a'), { signal });

        expect(await failureOf(client.get(refTo('a'), { signal }))).to.be.instanceOf(NotFoundError);
        expect(await failureOf(client.delete(refTo('a'), { signal }))).to.be.instanceOf(
          NotFoundError,
        );
      });

      it('holds to the UID and the version that it was planned for', async () => {
        const { metadata } = await client.create(CONFIG_MAP, configMap('a'), { signal });

        const another = client.delete(refTo('a'), { signal, uid: 'x' });
        const old = client.delete(refTo('a'), { signal, resourceVersion: '1' });

        expect(await failureOf(another)).to.be.instanceOf(WriteConflictError);
        expect(await failureOf(old)).to.be.instanceOf(WriteConflictError);
        const { uid = '', resourceVersion = '' } = metadata;
        await client.delete(refTo('a'), { signal, uid, resourceVersion });
        expect(await failureOf(client.get(refTo('a'), { signal }))).to.be.instanceOf(NotFoundError);
      });

      it('waits for finalizers', async () => {
        const finalizers = ['contract.shortcuts.liqo.io/hold'];
        await client.create(WIDGET, widget('a', {}, { finalizers }), { signal });
        const ref = refTo('a', WIDGET);

        await client.delete(ref, { signal, propagationPolicy: 'Background' });
        const held = await client.get(ref, { signal });
        await client.patch(ref, { metadata: { finalizers: null } }, { signal });

        expect(held.metadata.deletionTimestamp).to.be.a('string');
        expect(await failureOf(client.get(ref, { signal }))).to.be.instanceOf(NotFoundError);
      });
    });

    describe('watch', () => {
      /** A watch from now on. `next` gives events other than bookmarks. */
      async function aWatch(labelSelector?: string) {
        const { resourceVersion } = await client.list(CONFIG_MAP, { namespace, signal });
        const stop = new AbortController();
        const opened = Promise.withResolvers<undefined>();
        const events = client.watch(CONFIG_MAP, {
          namespace,
          resourceVersion,
          signal: stop.signal,
          onOpen: () => opened.resolve(undefined),
          ...(labelSelector !== undefined && { labelSelector }),
        });
        const iterator = events[Symbol.asyncIterator]();
        let ahead: Promise<IteratorResult<WatchEvent, unknown>> | undefined = iterator.next();
        ahead.catch(() => undefined);
        const next = async (): Promise<string> => {
          for (;;) {
            const item = await (ahead ?? iterator.next());
            ahead = undefined;
            if (item.done === true) return 'END';
            const event = item.value;
            if (event.type !== 'BOOKMARK') return `${event.type} ${event.object.metadata.name}`;
          }
        };
        return { stop, opened: opened.promise, next };
      }

      it('tells when it is open, before anything happens', async () => {
        const { stop, opened } = await aWatch();

        await opened;

        stop.abort();
      });

      it('tells of everything since the version, in order', async () => {
        const { stop, next } = await aWatch();
        await client.create(CONFIG_MAP, configMap('a'), { signal });
        await client.patch(refTo('a'), { data: { x: '1' } }, { signal });
        await client.delete(refTo('a'), { signal });

        expect([await next(), await next(), await next()]).to.deep.equal([
          'ADDED a',
          'MODIFIED a',
          'DELETED a',
        ]);
        stop.abort();
      });

      it('takes leaving the selection for going', async () => {
        await client.create(CONFIG_MAP, configMap('a', {}, { tier: 'x' }), { signal });
        const { stop, next } = await aWatch('tier=x');
        await client.create(CONFIG_MAP, configMap('b'), { signal });
        await client.patch(refTo('a'), { metadata: { labels: { tier: 'y' } } }, { signal });
        await client.patch(refTo('b'), { metadata: { labels: { tier: 'x' } } }, { signal });

        expect([await next(), await next()]).to.deep.equal(['DELETED a', 'ADDED b']);
        stop.abort();
      });

      it('ends quietly when it is called off', async () => {
        const { stop, opened, next } = await aWatch();
        await opened;

        stop.abort();

        expect(await failureOf(next())).to.have.property('name', 'AbortError');
      });
    });

    describe('a user without rights', () => {
      it('is refused everything', async () => {
        const { nobody } = world;
        const watch = nobody.watch(CONFIG_MAP, { resourceVersion: '1', signal });
        const calls = [
          nobody.get(refTo('a'), { signal }),
          nobody.list(CONFIG_MAP, { signal }),
          Array.fromAsync(watch),
          nobody.create(CONFIG_MAP, configMap('a'), { signal }),
          nobody.apply(CONFIG_MAP, configMap('a'), force),
          nobody.patch(refTo('a'), {}, { signal }),
          nobody.delete(refTo('a'), { signal }),
        ];

        const errors = await Promise.all(calls.map(failureOf));

        for (const error of errors) expect(error).to.be.instanceOf(ClusterForbiddenError);
      });
    });

    describe('a question for rights', () => {
      const rights: readonly Right[] = [
        { verb: 'list', kind: NAMESPACE },
        { verb: 'get', kind: NAMESPACE, namespace: 'default', name: 'default' },
        { verb: 'create', kind: WIDGET, namespace: 'default' },
        { verb: 'delete', kind: WIDGET },
      ];

      for (const right of rights) {
        it(`tells who may ${formatRight(right)}`, async () => {
          expect(await client.isAllowed(right, { signal })).to.equal(true);
          expect(await world.nobody.isAllowed(right, { signal })).to.equal(false);
        });
      }

      it('knows what was granted in one namespace only', async () => {
        const role = {
          apiVersion: RBAC,
          kind: 'Role',
          metadata: { name: 'reader', namespace },
          rules: [
            { apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['a'] },
          ],
        };
        await client.create(rbacKind('Role'), role, { signal });
        await client.create(
          rbacKind('RoleBinding'),
          {
            apiVersion: RBAC,
            kind: 'RoleBinding',
            metadata: { name: 'reader', namespace },
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
            subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'nobody' }],
          },
          { signal },
        );
        const granted: Right = { verb: 'get', kind: CONFIG_MAP, namespace, name: 'a' };
        // A real API server takes a grant into account a moment later.
        while (!(await world.nobody.isAllowed(granted, { signal }))) {
          await systemClock.sleep(20, { signal });
        }

        const others: readonly Right[] = [
          { ...granted, name: 'b' },
          { ...granted, namespace: 'default' },
          { ...granted, verb: 'list' },
          { verb: 'get', kind: CONFIG_MAP },
        ];
        for (const right of others) {
          expect(await world.nobody.isAllowed(right, { signal }), formatRight(right)).to.equal(
            false,
          );
        }
      });
    });

    it('does nothing once it is called off', async () => {
      const off = AbortSignal.abort();
      const calls = [
        client.create(CONFIG_MAP, configMap('off'), { signal: off }),
        client.list(CONFIG_MAP, { signal: off }),
        Array.fromAsync(client.watch(CONFIG_MAP, { resourceVersion: '1', signal: off })),
      ];

      const errors = await Promise.all(calls.map(failureOf));

      for (const error of errors) expect(error).to.have.property('name', 'AbortError');
      expect(await failureOf(client.get(refTo('off'), { signal }))).to.be.instanceOf(NotFoundError);
    });

    describe('when the server is hurt', () => {
      let faults: ContractFaults;

      before(function () {
        if (world.faults === undefined) this.skip();
        else faults = world.faults;
      });

      it('a slow answer is waited for', async () => {
        faults.slow(30);
        const list = client.list(CONFIG_MAP, { namespace, signal });

        expect((await list).items).to.be.an('array');
      });

      it('a right that is taken away is denied to whoever uses it, and to whoever asks for it', async () => {
        const right: Right = { verb: 'list', kind: CONFIG_MAP, namespace };
        faults.forbidden(true, { user: 'admin', verb: 'list' });
        const error = await failureOf(client.list(CONFIG_MAP, { namespace, signal }));
        const isAllowed = await client.isAllowed(right, { signal });
        const isOtherAllowed = await client.isAllowed({ ...right, verb: 'get' }, { signal });
        faults.forbidden(false);

        expect(error).to.be.instanceOf(ClusterForbiddenError);
        expect([isAllowed, isOtherAllowed]).to.deep.equal([false, true]);
        expect(await client.isAllowed(right, { signal })).to.equal(true);
      });

      it('an answer that never comes can be called off', async () => {
        faults.hang(true);
        const stop = new AbortController();
        const error = failureOf(client.list(CONFIG_MAP, { signal: stop.signal }));

        stop.abort();

        expect(await error).to.have.property('name', 'AbortError');
      });

      it('a server that is down is unreachable, and is found again', async () => {
        faults.down(true);
        const error = await failureOf(client.list(CONFIG_MAP, { signal }));
        faults.down(false);

        expect(error).to.be.instanceOf(ClusterUnreachableError);
        expect((await client.list(CONFIG_MAP, { namespace, signal })).items).to.be.an('array');
      });

      for (const { name: what, hurt, want } of [
        {
          name: 'whose connection breaks',
          hurt: () => faults.dropWatches(),
          want: ClusterUnreachableError,
        },
        { name: 'whose version expires', hurt: () => faults.expireWatches(), want: ExpiredError },
      ]) {
        it(`a watch ${what} throws`, async () => {
          const { resourceVersion } = await client.list(CONFIG_MAP, { namespace, signal });
          const opened = Promise.withResolvers<undefined>();
          const watch = client.watch(CONFIG_MAP, {
            namespace,
            resourceVersion,
            signal,
            onOpen: () => opened.resolve(undefined),
          });
          const error = failureOf(Array.fromAsync(watch));
          await opened.promise;

          hurt();

          expect(await error).to.be.instanceOf(want);
        });
      }

      it('a watch cache gets over all of it', async () => {
        const cache = createWatchCache({
          client,
          kind: CONFIG_MAP,
          namespace,
          cluster: 'contract',
          clock: systemClock,
          random: () => 0.1,
          logger: silentLogger,
        });
        const seen: string[] = [];
        const waiting = new Set<() => void>();
        const wake = () => {
          for (const check of waiting) check();
        };
        cache.onChange(({ type, object }) => {
          seen.push(`${type} ${object.metadata.name}`);
          wake();
        });
        cache.onState(wake);
        const until = async (isTrue: () => boolean) => {
          const { promise, resolve } = Promise.withResolvers<undefined>();
          const check = () => {
            if (isTrue()) resolve(undefined);
          };
          waiting.add(check);
          check();
          await promise;
          waiting.delete(check);
        };
        await client.create(CONFIG_MAP, configMap('first'), { signal });
        cache.start();
        await until(() => seen.includes('added first'));

        faults.dropWatches();
        await client.create(CONFIG_MAP, configMap('dropped'), { signal });
        await until(() => seen.includes('added dropped'));
        faults.expireWatches();
        await client.delete(refTo('first'), { signal });
        await until(() => seen.includes('deleted first'));
        faults.down(true);
        await until(() => cache.state().kind === 'failed');
        expect(cache.get(namespace, 'dropped')?.metadata.name).to.equal('dropped');
        faults.down(false);
        await until(() => cache.state().kind === 'synced');
        await client.create(CONFIG_MAP, configMap('last'), { signal });
        await until(() => seen.includes('added last'));

        expect(seen.filter((change) => change.endsWith('kube-root-ca.crt')).length).to.be.at.most(
          1,
        );
        expect(seen.filter((change) => !change.endsWith('kube-root-ca.crt'))).to.deep.equal([
          'added first',
          'added dropped',
          'deleted first',
          'added last',
        ]);
        await cache.stop();
      });
    });
  });
}
