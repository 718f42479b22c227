import type { KubeObject, ResourceKind } from '../../../src/model/kube-object.ts';

/** A kind of our own for tests, with one of everything that schemas can say. */
export const WIDGET: ResourceKind = {
  apiVersion: 'example.org/v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
};

export const CRD: ResourceKind = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

const PROPERTIES = {
  size: { type: 'integer', format: 'int32', minimum: 1, maximum: 10 },
  ratio: { type: 'number', exclusiveMinimum: true, minimum: 0, exclusiveMaximum: true, maximum: 1 },
  color: { type: 'string', enum: ['red', 'green'], default: 'red' },
  title: { type: 'string', minLength: 2, maxLength: 5, pattern: '^[a-z]+$' },
  on: { type: 'boolean' },
  port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
  range: { type: 'string', format: 'cidr' },
  when: { type: 'string', format: 'date-time', nullable: true },
  tags: {
    type: 'array',
    maxItems: 9,
    'x-kubernetes-list-type': 'set',
    items: { type: 'string', maxLength: 20 },
  },
  steps: { type: 'array', minItems: 1, maxItems: 2, items: { type: 'string' } },
  parts: {
    type: 'array',
    maxItems: 9,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string' },
        count: { type: 'integer' },
        kept: {
          type: 'string',
          maxLength: 20,
          'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'kept is immutable' }],
        },
      },
    },
  },
  whole: {
    type: 'object',
    'x-kubernetes-map-type': 'atomic',
    additionalProperties: { type: 'string' },
  },
  notes: {
    type: 'object',
    minProperties: 1,
    maxProperties: 2,
    additionalProperties: { type: 'string' },
  },
  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  nested: {
    type: 'object',
    required: ['must'],
    properties: { must: { type: 'string' }, level: { type: 'integer', default: 3 } },
  },
  one: {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string' } },
    oneOf: [{ required: ['a'] }, { required: ['b'] }],
    not: { required: ['a', 'b'] },
    allOf: [{ minProperties: 1 }],
  },
  fixed: {
    type: 'string',
    'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed is immutable' }],
  },
};

/** The definition of Widget; changes are laid over its one version. */
export function widgetDefinition(version: object = {}): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', shortNames: ['wd'], categories: ['toys'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: 'Color', type: 'string', jsonPath: '.spec.color' },
            {
              name: 'Ready',
              type: 'string',
              jsonPath: '.status.conditions[?(@.type=="Ready")].status',
            },
            { name: 'Since', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: PROPERTIES,
                  'x-kubernetes-validations': [
                    {
                      rule: '!has(self.size) || !has(self.tags) || size(self.tags) <= self.size',
                      messageExpression:
                        "'no more than ' + (self.size == 1 ? '1' : 'size') + ' tags'",
                      fieldPath: '.tags',
                    },
                  ],
                },
                status: {
                  type: 'object',
                  properties: {
                    seen: { type: 'integer' },
                    conditions: {
                      type: 'array',
                      'x-kubernetes-list-type': 'map',
                      'x-kubernetes-list-map-keys': ['type'],
                      items: {
                        type: 'object',
                        required: ['type'],
                        properties: { type: { type: 'string' }, status: { type: 'string' } },
                      },
                    },
                  },
                },
              },
            },
          },
          ...version,
        },
      ],
    },
  };
}

/** A Widget called `w` in the namespace `toys`. */
export function aWidget(spec: object = {}, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'example.org/v1',
    kind: 'Widget',
    metadata: { name: 'w', namespace: 'toys', ...metadata },
    spec,
  };
}

export const WIDGET_REF = { kind: WIDGET, namespace: 'toys', name: 'w' };
