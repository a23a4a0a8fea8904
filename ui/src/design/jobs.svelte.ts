import { getContext, setContext } from 'svelte';
import type { AppError, Backend, Progress } from '../backend/backend';
import { Pace } from './pace';

/** Long work of the window, whichever screen began it. */
export class Job {
  progress = $state.raw<Progress | null>(null);
  stopping = $state(false);
  readonly pace = new Pace();

  constructor(
    readonly number: number,
    /** The command that the core carries out: `import_chats`. */
    readonly work: string,
    /** The screen on which it began; null for work that was found running. */
    readonly from: string | null,
  ) {}
}

/** Work that ended while the person was elsewhere. */
export interface Ended {
  job: number;
  work: string;
  error: AppError | null;
}

/** All long work that runs, and what ended out of sight. One for the window. */
export class Jobs {
  running = $state.raw<Job[]>([]);
  ended = $state.raw<Ended[]>([]);
  /** The page before this one died. */
  afterDeath = $state(false);

  /** Ended before the list of what runs was here. Not shown anywhere, so not reactive. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  #gone = new Set<number>();

  /** `screen` gives where the person is; `onended` after each job. */
  constructor(
    private backend: Backend,
    private screen: () => string,
    private onended: () => void,
  ) {}

  /** Listens until the returned function is called. */
  listen(): () => void {
    return this.backend.watchJobs({
      resumed: (running, afterDeath) => {
        this.afterDeath = afterDeath;
        const still = running.filter(({ job }) => !this.#gone.has(job));
        for (const { job, work, progress } of still) this.#add(job, work, null).progress = progress;
      },
      began: (job, work) => void this.#add(job, work, this.screen()),
      told: (job, progress) => this.#told(job, progress),
      ended: (job, error) => this.#ended(job, error),
    });
  }

  /** Whether work of this sort runs, whoever began it. */
  runs(work: string): boolean {
    return this.running.some((one) => one.work === work);
  }

  stop(job: Job): void {
    job.stopping = true;
    this.backend.stopJob(job.number);
  }

  dismiss(ended: Ended): void {
    this.ended = this.ended.filter((one) => one !== ended);
  }

  #add(number: number, work: string, from: string | null): Job {
    const known = this.running.find((one) => one.number === number);
    if (known) return known;
    const job = new Job(number, work, from);
    this.running = [...this.running, job];
    return job;
  }

  #told(number: number, progress: Progress): void {
    const job = this.running.find((one) => one.number === number);
    if (!job) return;
    job.pace.tell(progress);
    job.progress = progress;
  }

  #ended(number: number, error: AppError | null): void {
    const job = this.running.find((one) => one.number === number);
    this.#gone.add(number);
    if (!job) return;
    this.running = this.running.filter((one) => one !== job);
    // Who is where it began sees it there.
    if (job.from !== this.screen()) this.ended = [...this.ended, { job: number, work: job.work, error }];
    this.onended();
  }
}

const JOBS = Symbol('jobs');

export function provideJobs(jobs: Jobs): void {
  setContext(JOBS, jobs);
}

/** The window's work; null where a screen is shown by itself. */
export function useJobs(): Jobs | null {
  return getContext<Jobs | undefined>(JOBS) ?? null;
}
