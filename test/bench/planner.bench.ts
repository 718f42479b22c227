import type { Shortcut } from '../../src/model/shortcut.ts';
import { planShortcut } from '../../src/plan/plan-shortcut.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { INSTALLATION, ModelWorld } from '../support/model-world.ts';
import { type Figure, timed } from './figure.ts';

const COUNT = 10_000;

/** Planning 10,000 shortcuts that are up (an unchanged world) and 10,000 that are new. Pure: no I/O, one thread. */
export function benchPlanner(): readonly Figure[] {
  const shortcut: Shortcut = aShortcut();
  const fresh = new ModelWorld();
  const settled = new ModelWorld();
  settled.run(shortcut);
  return [...measure('new', fresh, shortcut), ...measure('up', settled, shortcut)];
}

function measure(name: string, world: ModelWorld, shortcut: Shortcut): readonly Figure[] {
  const sides = world.observe(shortcut);
  const { ms, value } = timed(() => {
    let actions = 0;
    for (let index = 0; index < COUNT; index += 1) {
      actions += planShortcut({ shortcut, sides, installation: INSTALLATION }).actions.length;
    }
    return actions;
  });
  return [
    { name: `${name}: plans`, value: COUNT, unit: '' },
    { name: `${name}: actions planned`, value, unit: '' },
    { name: `${name}: wall time`, value: ms, unit: 'ms' },
    { name: `${name}: per plan`, value: (ms * 1000) / COUNT, unit: 'µs' },
  ];
}
