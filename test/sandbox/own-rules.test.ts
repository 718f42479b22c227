import { expect } from 'chai';
import { RejectedByApiError } from '../../src/errors/errors.ts';
import { SHORTCUT } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { createMainServer } from '../reconcile/main-server.ts';

describe('the rules of our CRDs, at the API server', () => {
  const signal = new AbortController().signal;

  async function apply(...shortcuts: readonly KubeObject[]): Promise<unknown> {
    const client = (await createMainServer()).client();
    for (const shortcut of shortcuts) {
      try {
        await client.apply(SHORTCUT, shortcut, { force: true, signal });
      } catch (error) {
        return error;
      }
    }
    return undefined;
  }

  function wish(clusters: readonly [string, string], server = 'auto'): KubeObject {
    return {
      apiVersion: SHORTCUT.apiVersion,
      kind: 'Shortcut',
      metadata: { name: 'tunnel', namespace: 'default' },
      spec: { ...aShortcut().spec, clusters, server },
    };
  }

  const cases: readonly { name: string; writes: readonly KubeObject[]; refused: boolean }[] = [
    { name: 'takes two leaves', writes: [wish(['rome', 'milan'])], refused: false },
    { name: 'refuses the same leaf twice', writes: [wish(['rome', 'rome'])], refused: true },
    {
      name: 'takes one of the two as server',
      writes: [wish(['rome', 'milan'], 'milan')],
      refused: false,
    },
    {
      name: 'refuses a third as server',
      writes: [wish(['rome', 'milan'], 'turin')],
      refused: true,
    },
    {
      name: 'takes the same leaves in another order',
      writes: [wish(['rome', 'milan']), wish(['milan', 'rome'])],
      refused: false,
    },
    {
      name: 'refuses other leaves than before',
      writes: [wish(['rome', 'milan']), wish(['rome', 'naples'])],
      refused: true,
    },
  ];
  for (const { name, writes, refused } of cases) {
    it(name, async () => {
      const error = await apply(...writes);

      if (refused) expect(error).to.be.instanceOf(RejectedByApiError);
      else expect(error).to.equal(undefined);
    });
  }
});
