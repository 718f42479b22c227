import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DesiredState } from '../../src/manifests/desired-state.ts';
import { parseManifests } from '../../src/manifests/parse-manifests.ts';
import { PROBLEM_CODES, type ProblemCode } from '../../src/model/problem.ts';
import { places } from './parse-texts.ts';
import { readTree } from './read-tree.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/problems');

/** What each fixture gives: one line a problem. */
const FIXTURE_PROBLEMS: Readonly<Partial<Record<ProblemCode, readonly string[]>>> = {
  'yaml-parse-error': ['broken.yaml:7:1 yaml-parse-error '],
  'duplicate-key': ['broken.yaml:8:3 duplicate-key /spec/suspend'],
  'yaml-alias': [
    'broken.yaml:6:17 yaml-alias /spec/clusters/0',
    'broken.yaml:7:11 yaml-alias /spec/server',
  ],
  'schema-violation': [
    'broken.yaml:8:10 schema-violation /spec/gateway/mtu',
    'broken.yaml:9:5 schema-violation /spec/gateway/portt',
  ],
  'unknown-kind': ['broken.yaml:2:7 unknown-kind /kind'],
  'unknown-api-version': ['broken.yaml:1:13 unknown-api-version /apiVersion'],
  'missing-name': ['broken.yaml:4:3 missing-name /metadata'],
  'invalid-name': ['broken.yaml:4:9 invalid-name /metadata/name'],
  'duplicate-resource': ['second.yaml:4:9 duplicate-resource /metadata/name'],
  'duplicate-pair': ['second.yaml:6:13 duplicate-pair /spec/clusters'],
  'duplicate-node-port': ['second.yaml:9:15 duplicate-node-port /spec/gateway/nodePort'],
  'self-link': ['broken.yaml:6:13 self-link /spec/clusters'],
  'unknown-leaf': ['broken.yaml:6:20 unknown-leaf /spec/clusters/1'],
  'unsupported-server': ['broken.yaml:7:11 unsupported-server /spec/server'],
  'cidr-conflict': ['rome.yaml:9:11 cidr-conflict /spec/cidrs/pod/0'],
  'inline-credential': [
    'broken.yaml:2:1 inline-credential /kind',
    'broken.yaml:6:3 inline-credential /stringData/kubeconfig',
  ],
  'symlink-ignored': ['linked.yaml:1:1 symlink-ignored '],
  'file-too-large': ['broken.yaml:1:1 file-too-large '],
  'not-utf8': ['broken.yaml:1:1 not-utf8 '],
  'empty-source': ['.:1:1 empty-source '],
};

function parseFixture(code: string): DesiredState {
  return parseManifests(readTree(join(FIXTURES, code)), { path: '.', namespace: 'liqo-shortcuts' });
}

describe('problems', () => {
  for (const [code, want] of Object.entries(FIXTURE_PROBLEMS)) {
    it(`reports ${code} with its place, and only that`, () => {
      const state = parseFixture(code);

      expect(places(state)).to.deep.equal(want);
    });
  }

  it('has a fixture for every code that files can show', () => {
    const made = ['too-many-files', 'path-not-found'];
    const wanted = PROBLEM_CODES.filter((code) => !made.includes(code));

    expect(Object.keys(FIXTURE_PROBLEMS)).to.have.members(wanted);
    for (const code of wanted) expect(existsSync(join(FIXTURES, code)), code).to.be.true;
  });

  it('lets the good files beside a broken one through', () => {
    for (const code of Object.keys(FIXTURE_PROBLEMS).filter((name) => name !== 'empty-source')) {
      const names = parseFixture(code).resources.map(({ object }) => object.metadata.name);

      expect(names, code).to.include.members(['milan', 'naples']);
      if (code !== 'cidr-conflict') expect(names, code).to.include.members(['rome', 'rome-milan']);
    }
  });

  it('is complete only without an error', () => {
    for (const code of Object.keys(FIXTURE_PROBLEMS)) {
      expect(parseFixture(code).complete, code).to.equal(code === 'symlink-ignored');
    }
  });
});
