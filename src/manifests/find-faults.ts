import { isAlias, isScalar, type YAMLError } from 'yaml';
import { type Finding, type Manifest, type Place, pointerAt } from './manifest.ts';
import { codePointName } from './wording.ts';

/** Controls, format characters (bidirectional overrides, zero-width ones), line separators, half characters. */
const INVISIBLE = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * What makes a document unfit to be looked at as data: broken YAML, duplicate keys, tags, anchors and aliases, merge
 * keys, invisible characters.
 */
export function findFaults(manifest: Manifest): readonly Finding[] {
  const { errors, warnings } = manifest.document;
  const all = [...errors, ...warnings].map((error) => yamlFinding(manifest, error));
  const duplicates = all.filter(({ code }) => code === 'duplicate-key');
  // One mistake makes a trail of parse errors; the first tells where it is.
  const broken = all.filter(({ code }) => code === 'yaml-parse-error').slice(0, 1);
  return [...duplicates, ...broken, ...manifest.places.flatMap(faultsOf)];
}

function yamlFinding(manifest: Manifest, { code, message, pos: [offset] }: YAMLError): Finding {
  if (code === 'DUPLICATE_KEY') {
    const pointer = pointerAt(manifest, offset);
    return { code: 'duplicate-key', message: 'this key is given twice', pointer, offset };
  }
  // What follows a colon is text of the file. Where in it is told by line and column alone: in broken YAML a value may
  // pass for a key, which a pointer would show.
  const what = message.replace(/: .*$/s, '');
  return { code: 'yaml-parse-error', message: `not valid YAML: ${what}`, pointer: '', offset };
}

function faultsOf({ node, pointer, isKey }: Place): readonly Finding[] {
  const place = { pointer, offset: node.range[0] };
  if (isAlias(node) || node.anchor !== undefined) {
    return [
      { code: 'yaml-alias', message: 'anchors and aliases are refused: write it out', ...place },
    ];
  }
  const text = isScalar(node) ? String(node.value) : '';
  if (isKey && text === '<<') {
    return [
      { code: 'yaml-alias', message: 'merge keys are refused: write the fields out', ...place },
    ];
  }
  const [character] = INVISIBLE.exec(text) ?? [];
  if (character === undefined) return [];
  const message = `holds the invisible character ${codePointName(character)}: take it out`;
  return [{ code: 'schema-violation', message, ...place }];
}
