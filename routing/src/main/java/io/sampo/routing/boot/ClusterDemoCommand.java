package io.sampo.routing.boot;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;

/** Shows a cluster: three nodes on this machine, one of which is killed while messages flow. */
@Command(
    name = "cluster-demo",
    description =
        "Starts three nodes on this machine, sends and consumes, kills one of them with -9 in the"
            + " middle, starts it again, and sums up. Ends by itself and leaves nothing behind.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class ClusterDemoCommand implements Callable<Integer> {
  private static final int NODES = 3;
  private static final int PORTS_EACH = 4;
  private static final String HOST = "127.0.0.1";
  private static final long READY_SECONDS = 90;
  private static final long STEP_MS = 4000;
  private static final long ARRIVAL_MS = 60_000;
  private static final long LOOK_MS = 100;

  private final PrintStream out = System.out;
  private final List<DemoNode> nodes = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException, StartFailedException {
    Path directory = Files.createTempDirectory("sampo-cluster-demo-");
    Thread tidying = new Thread(() -> tidyUp(directory), "tidy-up");
    Runtime.getRuntime().addShutdownHook(tidying); // for an end by Ctrl-C
    try {
      return run(directory) ? 0 : Main.EXIT_FAILED;
    } finally {
      tidyUp(directory);
    }
  }

  private boolean run(Path directory)
      throws IOException, InterruptedException, StartFailedException {
    List<Integer> ports = FreePorts.find(NODES * PORTS_EACH);
    String nameServers = startNodes(directory, ports);
    try (DemoTraffic traffic = new DemoTraffic(nameServers)) {
      out.println("Sending one message after the other, and consuming them ...");
      Thread.sleep(STEP_MS);
      out.printf(
          Locale.ROOT,
          "  %,d acknowledged, the longest wait for one was %s%n",
          traffic.acknowledged(),
          millis(traffic.gapMaxSinceLast()));

      DemoNode victim = nodes.get(1);
      out.println("Killing " + victim.name() + " with -9 ...");
      int before = traffic.acknowledged();
      victim.kill();
      Thread.sleep(2 * STEP_MS);
      int meanwhile = traffic.acknowledged() - before;
      Duration gap = traffic.gapMaxSinceLast();
      out.printf(
          Locale.ROOT,
          "  without it: %,d more acknowledged, the longest time without one was %s%n",
          meanwhile,
          millis(gap));

      out.println("Starting " + victim.name() + " again ...");
      victim.start();
      awaitReady(List.of(victim));
      Thread.sleep(STEP_MS);
      traffic.stopSending();
      awaitArrivals(traffic);
      return tell(traffic, gap);
    }
  }

  private String startNodes(Path directory, List<Integer> ports)
      throws IOException, InterruptedException, StartFailedException {
    List<String> seeds = new ArrayList<>();
    List<String> nameServers = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      seeds.add(HOST + ":" + ports.get(PORTS_EACH * i));
      nameServers.add(HOST + ":" + ports.get(PORTS_EACH * i + 1));
    }
    out.println("Starting three nodes that found a cluster ...");
    for (int i = 0; i < NODES; i++) {
      Map<String, String> settings = new LinkedHashMap<>();
      settings.put("sampo.cluster.seeds", String.join(",", seeds));
      settings.put("sampo.cluster.initial-nodes", Integer.toString(NODES));
      settings.put("sampo.cluster.port", ports.get(PORTS_EACH * i).toString());
      settings.put("sampo.name-server.port", ports.get(PORTS_EACH * i + 1).toString());
      settings.put("sampo.replication.port", ports.get(PORTS_EACH * i + 2).toString());
      settings.put("sampo.management.port", ports.get(PORTS_EACH * i + 3).toString());
      settings.put("sampo.broker.port", "0");
      settings.put("sampo.log.segment-size", "64 MiB");
      String name = "node-" + (char) ('a' + i);
      DemoNode node = new DemoNode(name, directory.resolve(name), settings);
      synchronized (nodes) {
        nodes.add(node);
      }
      node.start();
    }
    awaitReady(nodes);
    out.println("  they are ready; clients would set namesrvAddr=" + String.join(";", nameServers));
    return String.join(";", nameServers);
  }

  private static void awaitReady(List<DemoNode> starting)
      throws InterruptedException, StartFailedException {
    for (DemoNode node : starting) {
      CompletableFuture<Boolean> ready = node.ready();
      try {
        if (ready.get(READY_SECONDS, TimeUnit.SECONDS)) {
          continue;
        }
      } catch (TimeoutException | ExecutionException e) {
        // told below, with what the node said itself
      }
      throw new StartFailedException(
          node.name()
              + " did not get ready; it said last:"
              + System.lineSeparator()
              + node.lastLines());
    }
  }

  private static void awaitArrivals(DemoTraffic traffic) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ARRIVAL_MS);
    while (traffic.missing() > 0 && System.nanoTime() < deadline) {
      Thread.sleep(LOOK_MS);
    }
  }

  private boolean tell(DemoTraffic traffic, Duration gap) {
    int missing = traffic.missing();
    boolean works = missing == 0 && traffic.acknowledged() > 0;
    out.println();
    out.printf(
        Locale.ROOT,
        "%s: %,d acknowledged, %,d lost, %,d sends failed, %,d messages arrived again; longest"
            + " time without an acknowledgement %s.%n",
        works ? "It works" : "It does not work",
        traffic.acknowledged(),
        missing,
        traffic.failed(),
        traffic.repeated(),
        millis(gap));
    String failure = traffic.lastFailure();
    if (failure != null) {
      out.println("The last send that failed: " + failure);
    }
    return works;
  }

  private static String millis(Duration time) {
    return String.format(Locale.ROOT, "%,d ms", time.toMillis());
  }

  /** Ends all nodes and removes their data; again, it does nothing. */
  private synchronized void tidyUp(Path directory) {
    List<DemoNode> all;
    synchronized (nodes) {
      all = List.copyOf(nodes);
    }
    all.parallelStream().forEach(DemoNode::close);
    Scratch.delete(directory);
  }
}
