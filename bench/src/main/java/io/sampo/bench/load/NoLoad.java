package io.sampo.bench.load;

/** Nothing: the start of the server, which every run measures, is all that is wanted. */
record NoLoad() implements Load {
  @Override
  public void run(LoadRun run) throws Exception {
    run.begin(0);
    run.end(0);
  }
}
