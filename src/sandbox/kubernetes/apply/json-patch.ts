import { ApiStatusError, badRequest } from '../api-status-error.ts';
import { isJsonObject, jsonEqual, jsonKind, textOrEmpty } from '../json.ts';

type Container = Record<string, unknown> | unknown[];

function isContainer(value: unknown): value is Container {
  return isJsonObject(value) || Array.isArray(value);
}

/** The API server does not say what is wrong with a patch that does not fit. */
function cannot(): ApiStatusError {
  const message = 'the server rejected our request due to an error in our request';
  return new ApiStatusError(422, 'Invalid', message, {});
}

/** A JSON pointer (RFC 6901) as its tokens. */
function tokens(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The object or list that holds what a pointer names, and the last token. */
function locate(
  document: Container,
  pointer: string,
): { readonly holder: Container; readonly token: string } {
  const path = [...tokens(pointer)];
  const token = path.pop() ?? '';
  let holder: unknown = document;
  for (const step of path) holder = isContainer(holder) ? Reflect.get(holder, step) : undefined;
  if (!isContainer(holder)) throw cannot();
  return { holder, token };
}

function read(document: Container, pointer: string): unknown {
  const { holder, token } = locate(document, pointer);
  if (!Object.hasOwn(holder, token)) throw cannot();
  return Reflect.get(holder, token);
}

function add(document: Container, pointer: string, value: unknown): void {
  const { holder, token } = locate(document, pointer);
  if (!Array.isArray(holder)) {
    holder[token] = value;
    return;
  }
  const index = token === '-' ? holder.length : Number(token);
  if (!Number.isInteger(index) || index < 0 || index > holder.length) {
    throw cannot();
  }
  holder.splice(index, 0, value);
}

function remove(document: Container, pointer: string): unknown {
  const value = read(document, pointer);
  const { holder, token } = locate(document, pointer);
  if (Array.isArray(holder)) holder.splice(Number(token), 1);
  else Reflect.deleteProperty(holder, token);
  return value;
}

/** A member that is missing is added, where the RFC knows an error. */
function replace(document: Container, pointer: string, value: unknown): void {
  const { holder, token } = locate(document, pointer);
  if (Array.isArray(holder)) {
    remove(document, pointer);
    add(document, pointer, value);
  } else {
    holder[token] = value;
  }
}

function carryOut(document: Container, operation: Readonly<Record<string, unknown>>): void {
  const path = textOrEmpty(operation['path']);
  const from = textOrEmpty(operation['from']);
  switch (operation['op']) {
    case 'add':
      add(document, path, operation['value']);
      return;
    case 'remove':
      remove(document, path);
      return;
    case 'replace':
      replace(document, path, operation['value']);
      return;
    case 'move':
      add(document, path, remove(document, from));
      return;
    case 'copy':
      add(document, path, structuredClone(read(document, from)));
      return;
    case 'test':
      if (jsonEqual(read(document, path), operation['value'])) return;
      throw cannot();
    default:
      throw cannot();
  }
}

/** JSON patch (RFC 6902). Throws 400 when it is none, 422 when it does not fit the value. */
export function jsonPatch(value: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonKind(patch)} into Go value of type []handlers.jsonPatchOp`,
    );
  }
  const document = structuredClone(value);
  if (!isContainer(document)) throw badRequest('error decoding patch: nothing to patch');
  for (const operation of patch) {
    if (!isJsonObject(operation)) throw badRequest('error decoding patch: not an operation');
    carryOut(document, operation);
  }
  return document;
}
