import type { ManagedFieldsEntry } from '../../../model/kube-object.ts';
import { ApiStatusError, type StatusCause } from '../api-status-error.ts';
import { type FieldSet, formatPath, pathsOf } from './field-set.ts';

/** Somebody, and what of an object is his. */
export interface Owner {
  readonly entry: ManagedFieldsEntry;
  readonly fields: FieldSet;
}

function describe(entry: ManagedFieldsEntry): string {
  const through = entry.subresource === undefined ? '' : ` with subresource "${entry.subresource}"`;
  const using = entry.operation === 'Update' ? ` using ${entry.apiVersion ?? ''}` : '';
  return `"${entry.manager ?? ''}"${through}${using}`;
}

/** 409, with one cause for each field that belongs to somebody else. */
export function applyConflict(conflicts: readonly Owner[]): ApiStatusError {
  const causes: StatusCause[] = [];
  const lines: string[] = [];
  for (const { entry, fields } of conflicts) {
    lines.push(`conflicts with ${describe(entry)}:`);
    for (const path of pathsOf(fields)) {
      const field = formatPath(path);
      lines.push(`- ${field}`);
      causes.push({
        reason: 'FieldManagerConflict',
        message: `conflict with ${describe(entry)}`,
        field,
      });
    }
  }
  const [first] = causes;
  const message =
    causes.length === 1 && first !== undefined
      ? `Apply failed with 1 conflict: ${first.message}: ${first.field ?? ''}`
      : `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`;
  return new ApiStatusError(409, 'Conflict', message, { causes });
}
