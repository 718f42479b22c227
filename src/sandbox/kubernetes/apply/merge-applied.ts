import { type FieldSet, type Part, partsOf } from './field-set.ts';
import { isJsonObject } from '../json.ts';
import type { Schema } from '../schema/schema.ts';

/**
 * Lays an applied configuration over the live value (structured-merge-diff's `Merge`): objects member by member,
 * sets and keyed lists item by item, everything else as a whole.
 */
export function mergeApplied(live: unknown, applied: unknown, schema: Schema): unknown {
  const liveParts = partsOf(live, schema);
  const appliedParts = partsOf(applied, schema);
  if (liveParts === undefined || appliedParts === undefined) return applied;
  if (Array.isArray(applied)) {
    return Array.isArray(live) ? mergeItems(liveParts, appliedParts) : applied;
  }
  if (!isJsonObject(live)) return applied;
  return Object.fromEntries(
    byEdge([...liveParts, ...appliedParts]).map((edge) => [
      edge.slice(2),
      mergePart(find(liveParts, edge), find(appliedParts, edge)),
    ]),
  );
}

function byEdge(parts: readonly Part[]): readonly string[] {
  return [...new Set(parts.map((part) => part.edge))];
}

function find(parts: readonly Part[], edge: string): Part | undefined {
  return parts.find((part) => part.edge === edge);
}

function mergePart(live: Part | undefined, applied: Part | undefined): unknown {
  if (applied === undefined) return live?.value;
  return live === undefined
    ? applied.value
    : mergeApplied(live.value, applied.value, applied.schema);
}

/** The applied order wins among items that both have; items only the live list has stay where they were met. */
function mergeItems(live: readonly Part[], applied: readonly Part[]): readonly unknown[] {
  const inLive = new Set(byEdge(live));
  const inApplied = new Set(byEdge(applied));
  const merged: unknown[] = [];
  let left = 0;
  for (let right = 0; left < live.length || right < applied.length;) {
    const kept = live[left];
    const wanted = applied[right];
    const nextShared = applied.slice(right).find(({ edge }) => inLive.has(edge));
    if (kept !== undefined && !inApplied.has(kept.edge)) {
      merged.push(kept.value);
      left += 1;
    } else if (kept !== undefined && kept.edge !== nextShared?.edge) {
      left += 1;
    } else {
      if (wanted !== undefined) merged.push(mergePart(find(live, wanted.edge), wanted));
      right += 1;
    }
  }
  return merged;
}

/** The value without the given paths. */
export function removePaths(value: unknown, paths: FieldSet, schema: Schema): unknown {
  const parts = partsOf(value, schema);
  if (parts === undefined || paths.children.size === 0) return value;
  const kept = parts.flatMap((part) => {
    const below = paths.children.get(part.edge);
    if (below === undefined) return [part];
    return below.present ? [] : [{ ...part, value: removePaths(part.value, below, part.schema) }];
  });
  return Array.isArray(value)
    ? kept.map((part) => part.value)
    : Object.fromEntries(kept.map((part) => [part.edge.slice(2), part.value]));
}
