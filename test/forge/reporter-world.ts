import { createReporter, type Reporter, type ReportedPass } from '../../src/forge/reporter.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { Shortcut, ShortcutStatus } from '../../src/model/shortcut.ts';
import type { LeafCluster } from '../../src/model/leaf-cluster.ts';
import { ANNOTATION_REVISION, LABEL_SOURCE } from '../../src/model/names.ts';
import type { Logger } from '../../src/runtime/logger.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { aShortcut } from '../support/builders/a-shortcut.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { FakeForge } from '../support/fake-forges/fake-forge.ts';
import { eventually } from '../support/scenario-wait.ts';
import { createTestForge, type TestForge } from './create-test-forge.ts';

/** The full id of a commit that is told by one digit. */
export function commitId(digit: string): string {
  return digit.repeat(40);
}

export function revisionOf(digit: string): string {
  return `main@sha1:${commitId(digit)}`;
}

/** A Shortcut from Git whose Ready has this reason. */
export function aMirrored(
  digit: string,
  name: string,
  reason = 'Connected',
  message = '',
): Shortcut {
  const status = reason === 'Connected' ? 'True' : 'False';
  const ready = {
    type: 'Ready',
    status,
    reason,
    message,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  return aShortcut({
    metadata: {
      name,
      generation: 1,
      labels: { [LABEL_SOURCE]: 'git' },
      annotations: { [ANNOTATION_REVISION]: revisionOf(digit) },
    },
    status: { observedGeneration: 1, conditions: [ready] } as ShortcutStatus,
  });
}

export interface PassOptions {
  readonly problems?: readonly Problem[];
  readonly guards?: ReportedPass['report']['plan']['guards'];
  readonly removed?: readonly string[];
}

/** A reporter whose time, world and forge a test owns. */
export class ReporterWorld {
  readonly clock = new FakeClock();
  shortcuts: readonly Shortcut[] = [];
  leafClusters: readonly LeafCluster[] = [];
  isMainLost = false;
  readonly fake: FakeForge;
  readonly logger: Logger;
  readonly comment: boolean;
  #running: { readonly reporter: Reporter; readonly test: TestForge } | undefined;

  constructor(
    fake: FakeForge,
    { logger = silentLogger, comment = true }: { logger?: Logger; comment?: boolean } = {},
  ) {
    this.fake = fake;
    this.logger = logger;
    this.comment = comment;
  }

  get reporter(): Reporter {
    return this.#running!.reporter;
  }

  /** A service that begins to lead. */
  async start(installation = 'torino'): Promise<void> {
    const { fake, clock } = this;
    const test = await createTestForge(fake, { clock, context: `liqo-shortcuts/${installation}` });
    const reporter = createReporter({
      ...{ ...test, kind: fake.kind, repository: fake.repository, comment: this.comment, clock },
      publicUrl: 'https://shortcuts.example',
      installation: () => installation,
      picture: () =>
        this.isMainLost
          ? undefined
          : { shortcuts: this.shortcuts, leafClusters: this.leafClusters },
      onChange: () => undefined,
      random: () => 0,
      logger: this.logger,
    });
    this.#running = { reporter, test };
    reporter.start();
    await this.#settle();
  }

  async stop(): Promise<void> {
    const { reporter } = this;
    this.#running = undefined;
    await reporter.stop();
  }

  /** A pass of stage one by which a commit is applied. */
  applied(digit: string, { problems = [], guards = [], removed = [] }: PassOptions = {}): void {
    const revision = revisionOf(digit);
    this.reporter.passed({
      report: { revision, desired: { problems }, plan: { held: [], guards } },
      source: { revisionAttempted: revision, revisionApplied: revision },
      removed,
    });
  }

  /** Lets seconds pass, one by one, each with all the requests that it brings. */
  async seconds(count: number): Promise<void> {
    for (let second = 0; second < count; second += 1) {
      await this.clock.advance(1_000);
      await this.#settle();
    }
  }

  /** Nothing is under way: the queue sleeps until the next tick. */
  async #settle(): Promise<void> {
    await eventually('the reporter rests', () =>
      Promise.resolve(
        this.clock.sleeping > 0 ? { done: true } : { seen: this.fake.requests.length },
      ),
    );
  }
}
