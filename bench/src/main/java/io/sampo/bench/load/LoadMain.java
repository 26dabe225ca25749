package io.sampo.bench.load;

import java.nio.file.Path;

/**
 * The load process: reads what to do, does it, writes what it found, and exits, even if a client
 * left threads behind. Exit status 1 with a stack trace when the load couldn't be run at all.
 */
public final class LoadMain {
  private LoadMain() {}

  /**
   * @param args the specification's file and the result's file
   */
  @SuppressWarnings("SystemExitOutsideMain") // it is main; a client's threads must not hold it
  public static void main(String[] args) throws Exception {
    LoadSpec spec = LoadSpec.read(Path.of(args[0]));
    Workload workload = Workloads.named(spec.workload());
    try (LoadClient client = LoadClients.open(spec.client(), spec.nameServer());
        ServerProbe probe = new ServerProbe(spec.serverPids())) {
      if (workload.mayAttach()) {
        probe.attach();
      }
      LoadRun run = new LoadRun(workload, spec.amount(), client, probe);
      workload.load().run(run);
      run.result().write(Path.of(args[1]));
    }
    System.exit(0);
  }
}
