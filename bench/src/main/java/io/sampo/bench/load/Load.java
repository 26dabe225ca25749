package io.sampo.bench.load;

/** What is done to a server; the measured stretch is marked through the run. */
interface Load {
  /** Runs to its end, checks itself, and leaves what it found in the run. */
  void run(LoadRun run) throws Exception;
}
