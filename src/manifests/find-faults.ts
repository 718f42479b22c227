import { isAlias, isScalar, type YAMLError } from 'yaml';
import type { Finding, Manifest, Place } from './manifest.ts';
import { codePointName } from './wording.ts';

/** Controls, format characters (bidirectional overrides, zero-width ones), line separators, half characters. */
const INVISIBLE = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * What makes a document unfit to be looked at as data: broken YAML, duplicate keys, tags, anchors and aliases, merge
 * keys, invisible characters.
 */
export function findFaults({ document, places }: Manifest): readonly Finding[] {
  const duplicates = document.errors.filter(isDuplicateKey);
  // One mistake makes a trail of parse errors; the first tells where it is.
  const others = [...document.errors, ...document.warnings].filter(
    (error) => !isDuplicateKey(error),
  );
  return [...duplicates, ...others.slice(0, 1)].map(toFinding).concat(places.flatMap(faultsOf));
}

function isDuplicateKey(error: YAMLError): boolean {
  return error.code === 'DUPLICATE_KEY';
}

function toFinding(error: YAMLError): Finding {
  const code = isDuplicateKey(error) ? 'duplicate-key' : 'yaml-parse-error';
  // What follows the colon is text of the file.
  const [message = ''] = error.message.split(': ');
  return { code, message, pointer: '', offset: error.pos[0] };
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
