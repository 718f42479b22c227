import { ClusterUnreachableError, TimeoutError } from '../errors/errors.ts';
import { OperatorError } from '../errors/operator-error.ts';
import { type CallContext, messageOf } from './map-error.ts';

/**
 * What a call that got no proper answer throws. Errors of the library are not kept as `cause`: their texts quote headers
 * and bodies. What remains of them is a code (`ECONNREFUSED`) in `details.transport`.
 */
export function toTransportError(error: unknown, context: CallContext): OperatorError {
  if (error instanceof OperatorError) return error;
  const { cluster, action } = context;
  const transport = transportCode(error);
  const details = { cluster, action, ...(transport !== undefined && { transport }) };
  if (transport === 'UND_ERR_HEADERS_TIMEOUT') {
    return new TimeoutError(messageOf(context, 'no answer in time'), { details });
  }
  if (transport === 'UND_ERR_BODY_TIMEOUT') {
    return new ClusterUnreachableError(messageOf(context, 'the connection fell silent'), {
      details,
    });
  }
  const cause = `no connection (${transport ?? 'broken off'})`;
  return new ClusterUnreachableError(messageOf(context, cause), { details });
}

/** The first error code on the way down the causes. */
function transportCode(error: unknown): string | undefined {
  for (let at = error; at !== undefined; at = propertyOf(at, 'cause')) {
    const code = propertyOf(at, 'code');
    if (typeof code === 'string' && /^[A-Z0-9_]+$/.test(code)) return code;
  }
  return undefined;
}

function propertyOf(value: unknown, key: string): unknown {
  return value instanceof Error ? (value as unknown as Record<string, unknown>)[key] : undefined;
}
