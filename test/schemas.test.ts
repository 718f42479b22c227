import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { generatedFiles, staleFiles } from '../schemas/generate.ts';
import type { JsonSchema } from '../schemas/generator/json-schema.ts';
import { PROBLEM_CODES } from '../src/model/problem.ts';
import { readTree } from './manifests/read-tree.ts';

const ROOT = join(import.meta.dirname, '..');
const NAMES = ['shortcut', 'leaf-cluster', 'report', 'import-report'];

function readSchema(name: string): JsonSchema {
  return JSON.parse(readFileSync(join(ROOT, `schemas/${name}.schema.json`), 'utf8')) as JsonSchema;
}

/** Every schema inside a schema, with where it stands. */
function subschemas(value: unknown, path = ''): readonly (readonly [string, JsonSchema])[] {
  if (typeof value !== 'object' || value === null) return [];
  const children = Object.entries(value)
    .filter(([key]) => !['examples', 'x-crd', 'default', 'enum'].includes(key))
    .flatMap(([key, child]) => subschemas(child, `${path}/${key}`));
  return [[path, value as JsonSchema], ...children];
}

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    allErrors: true,
    formats: { cidr: true },
    keywords: [
      'x-expected',
      'x-crd',
      'x-kubernetes-validations',
      'x-kubernetes-list-type',
      'x-kubernetes-list-map-keys',
      'patternErrorMessage',
    ],
  });
  addFormats.default(ajv);
  return ajv;
}

describe('schemas', () => {
  it('and what is derived from them are up to date: npm run generate', async () => {
    expect(await staleFiles(await generatedFiles())).to.deep.equal([]);
  }).timeout(60_000);

  it('are derived once each', async () => {
    const paths = (await generatedFiles()).map(({ path }) => path);

    expect(paths).to.have.length(new Set(paths).size);
  }).timeout(60_000);

  it('notices a derived file that is not up to date', async () => {
    const files = [
      { path: 'deploy/crds/none.yaml', content: '' },
      { path: 'README.md', content: '?' },
    ];

    expect(await staleFiles(files)).to.deep.equal(['deploy/crds/none.yaml', 'README.md']);
  });

  for (const name of NAMES) {
    describe(name, () => {
      const schema = readSchema(name);

      it('is a valid schema, and its examples and defaults are valid', () => {
        const ajv = createAjv();
        const validate = ajv.compile(schema);
        for (const example of schema.examples ?? []) {
          expect(validate(example), JSON.stringify(validate.errors)).to.be.true;
        }

        for (const [path, part] of subschemas(schema).slice(1)) {
          const values = [...(part.examples ?? []), ...('default' in part ? [part.default] : [])];
          if (values.length === 0) continue;
          const check = ajv.compile({ ...part, $defs: schema.$defs ?? {} });
          for (const value of values) {
            expect(check(value), `${path}: ${ajv.errorsText(check.errors)}`).to.be.true;
          }
        }
      });

      it('describes every property and gives an example of it', () => {
        const properties = subschemas(schema).filter(([path]) => /\/properties\/[^/]+$/.test(path));

        for (const [path, property] of properties) {
          const target = property.$ref?.replace('#/$defs/', '');
          const all = { ...schema.$defs?.[target ?? ''], ...property };
          expect(all.description, path).to.be.a('string').and.not.empty;
          expect(all.examples, path).to.be.an('array').and.not.empty;
        }
      });

      it('lets an editor say what we say, not a pattern', () => {
        for (const [path, part] of subschemas(schema)) {
          const { 'x-expected': expected, pattern, patternErrorMessage } = part;
          if (pattern === undefined) continue;
          expect(patternErrorMessage, path).to.equal(`Must be ${String(expected)}.`);
        }
      });

      it('is closed', () => {
        for (const [path, part] of subschemas(schema)) {
          if (part.type !== 'object') continue;
          expect(part.additionalProperties, path).to.not.be.oneOf([undefined, true]);
        }
      });
    });
  }

  it('know the same problem codes as the program', () => {
    const code = readSchema('report').$defs?.['problem']?.properties?.['code'];

    expect(code?.enum).to.deep.equal(PROBLEM_CODES);
  });

  for (const { kind, name } of [
    { kind: 'Shortcut', name: 'shortcut' },
    { kind: 'LeafCluster', name: 'leaf-cluster' },
  ]) {
    it(`take every ${kind} of the examples`, () => {
      const validate = createAjv().compile(readSchema(name));
      const objects = readTree(join(ROOT, 'examples'))
        .filter(({ path }) => path.endsWith('.yaml'))
        .map(({ bytes }): unknown => parse(new TextDecoder().decode(bytes)))
        .filter((object) => (object as { kind: string }).kind === kind);

      expect(objects).to.not.be.empty;
      for (const object of objects) {
        expect(validate(object), JSON.stringify(validate.errors)).to.be.true;
      }
    });
  }
});

/** Keywords of a structural schema (Kubernetes, CustomResourceDefinition) that we may use. */
const STRUCTURAL = new Set(
  `type description properties required items enum default format pattern minimum maximum minLength maxLength
  minItems maxItems maxProperties additionalProperties x-kubernetes-validations x-kubernetes-list-type
  x-kubernetes-list-map-keys`.split(/\s+/),
);

interface Crd {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly names: Readonly<Record<string, unknown>>;
    readonly versions: readonly [
      {
        readonly subresources: unknown;
        readonly additionalPrinterColumns: readonly {
          readonly name: string;
          readonly priority?: number;
        }[];
        readonly schema: { readonly openAPIV3Schema: JsonSchema };
      },
    ];
  };
}

function readCrd(plural: string): Crd {
  const text = readFileSync(join(ROOT, `deploy/crds/${plural}.shortcuts.liqo.io.yaml`), 'utf8');
  return parse(text) as Crd;
}

describe('CRDs', () => {
  for (const { plural, kind, short, columns } of [
    {
      plural: 'shortcuts',
      kind: 'Shortcut',
      short: 'sc',
      columns: [
        'Clusters',
        'Ready',
        'Reason',
        'Latency',
        'Age',
        'Server (wide)',
        'First seen as (wide)',
        'Second seen as (wide)',
        'Revision (wide)',
      ],
    },
    {
      plural: 'leafclusters',
      kind: 'LeafCluster',
      short: 'leaf',
      columns: ['Cluster ID', 'Ready', 'Reason', 'Liqo', 'Shortcuts', 'Age', 'Pod CIDRs (wide)'],
    },
  ]) {
    it(`give ${kind} its names, columns and status subresource`, () => {
      const { metadata, spec } = readCrd(plural);
      const [version] = spec.versions;

      expect(metadata.name).to.equal(`${plural}.shortcuts.liqo.io`);
      expect(spec.names).to.deep.include({
        kind,
        plural,
        shortNames: [short],
        categories: ['liqo'],
      });
      expect(version.subresources).to.deep.equal({ status: {} });
      const shown = version.additionalPrinterColumns.map(
        ({ name, priority }) => `${name}${priority === 1 ? ' (wide)' : ''}`,
      );
      expect(shown).to.deep.equal(columns);
    });

    it(`give ${kind} a structural schema`, () => {
      const root = readCrd(plural).spec.versions[0].schema.openAPIV3Schema;
      const parts = subschemas(root).filter(([path]) =>
        /(^|\/properties\/[^/]+|\/items|\/additionalProperties)$/.test(path),
      );

      expect(parts).to.have.length.above(20);
      for (const [path, part] of parts) {
        expect(part.type, path).to.be.a('string');
        expect(
          Object.keys(part).filter((keyword) => !STRUCTURAL.has(keyword)),
          path,
        ).to.deep.equal([]);
      }
    });
  }

  it('let the API server itself refuse equal clusters and a server that is no side', () => {
    const { spec } = readCrd('shortcuts').spec.versions[0].schema.openAPIV3Schema.properties ?? {};

    const rules = spec?.['x-kubernetes-validations'] as readonly { readonly rule: string }[];
    expect(rules.map(({ rule }) => rule)).to.deep.equal([
      'size(self.clusters) != 2 || self.clusters[0] != self.clusters[1]',
      'self.clusters.all(name, name in oldSelf.clusters)',
      "!has(self.server) || self.server == 'auto' || self.server in self.clusters",
    ]);
  });
});
