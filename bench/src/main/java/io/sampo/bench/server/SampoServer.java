package io.sampo.bench.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Sampo as a user starts it: through its launcher, with the launcher's heap and flags. The
 * launcher's own time is part of the start; building is not, so the program must be built. One node
 * by itself, or several that found a cluster, each log group on up to three of them.
 */
public final class SampoServer implements Server {
  private static final String HEAP = "512m";
  private static final String HOST = "127.0.0.1";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final int REPLICAS_MAX = 3;

  /** What is switched off that costs a send anything though it isn't used. */
  private static final List<String> PLAIN = List.of("-Dsampo.deduplication.enabled=off");

  private final Path root;
  private final String name;
  private final int nodes;
  private final List<String> more;

  private SampoServer(Path root, String name, int nodes, List<String> more) {
    this.root = root;
    this.name = name;
    this.nodes = nodes;
    this.more = more;
  }

  /**
   * One node by itself.
   *
   * @param root the directory that bin/sampo lies in
   */
  public static SampoServer oneNode(Path root) {
    return new SampoServer(root, "sampo", 1, List.of());
  }

  /** One node without what a plain send doesn't need. */
  public static SampoServer plain(Path root) {
    return new SampoServer(root, "sampo-plain", 1, PLAIN);
  }

  /** Several that found a cluster. */
  public static SampoServer cluster(Path root, int nodes) {
    return new SampoServer(root, "sampo-" + nodes, nodes, List.of());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String settings() {
    return "Sampo: bin/sampo server, -Xmx"
        + HEAP
        + " and the launcher's flags; sampo.log.flush and sampo.topic.default-queues as the"
        + " workload says, else defaults"
        + (nodes == 1 ? "" : "; " + nodes + " nodes on this one machine")
        + (more.isEmpty() ? "" : "; " + String.join(" ", more));
  }

  /** The ports of a node; those of its log groups are ten apart. */
  private record Ports(int nameServer, int broker, int cluster, int replication, int management) {
    static Ports find(int logGroups) throws IOException {
      int[] distances = IntStream.range(1, logGroups).map(i -> 10 * i).toArray();
      return new Ports(
          FreePorts.find(),
          FreePorts.find(distances),
          FreePorts.find(),
          FreePorts.find(),
          FreePorts.find());
    }
  }

  @Override
  public RunningServer start(ServerOptions options, Path directory)
      throws IOException, InterruptedException {
    List<Ports> ports = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      ports.add(Ports.find(nodes));
    }
    String seeds = join(ports, ",", Ports::cluster);
    long began = System.nanoTime();
    long deadline = began + START_TIMEOUT.toNanos();
    List<ServerProcess> processes = new ArrayList<>();
    try {
      for (int i = 0; i < nodes; i++) {
        Path home = Files.createDirectories(directory.resolve("node-" + i));
        processes.add(startNode(options, home, ports.get(i), seeds));
      }
      for (int i = 0; i < nodes; i++) {
        FirstMessage.awaitAccepted(
            ports.get(i).nameServer(), ports.get(i).broker(), processes.get(i), deadline);
      }
      long startMillis = (System.nanoTime() - began) / 1_000_000;
      return new RunningServer(
          join(ports, ";", Ports::nameServer),
          nodes == 1 ? List.of() : ports.stream().map(Ports::management).toList(),
          processes,
          startMillis);
    } catch (IOException | InterruptedException | RuntimeException e) {
      processes.forEach(ServerProcess::close);
      throw e;
    }
  }

  private ServerProcess startNode(ServerOptions options, Path home, Ports ports, String seeds)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                root.resolve("bin/sampo").toString(),
                "server",
                "-Dsampo.node.host=" + HOST,
                "-Dsampo.data-dir=" + home.resolve("data"),
                "-Dsampo.name-server.port=" + ports.nameServer(),
                "-Dsampo.broker.port=" + ports.broker(),
                "-Dsampo.cluster.port=" + ports.cluster(),
                "-Dsampo.replication.port=" + ports.replication(),
                "-Dsampo.management.port=" + ports.management(),
                "-Dsampo.log.flush=" + options.flush().key(),
                "-Dsampo.topic.auto-create=true",
                "-Dsampo.topic.default-queues=" + options.queuesPerTopic()));
    command.addAll(more);
    if (nodes > 1) {
      command.add("-Dsampo.cluster.seeds=" + seeds);
      command.add("-Dsampo.cluster.initial-nodes=" + nodes);
      command.add("-Dsampo.cluster.replicas=" + Math.min(nodes, REPLICAS_MAX));
    }
    Map<String, String> environment =
        Map.of(
            "JAVA_HOME", System.getProperty("java.home"),
            "SAMPO_HEAP", HEAP,
            "SAMPO_OPTS", String.join(" ", options.jvmOptions()));
    return ServerProcess.start(command, environment, home, home.resolve("sampo.out"));
  }

  private static String join(List<Ports> ports, String separator, ToIntFunction<Ports> port) {
    return ports.stream()
        .map(node -> HOST + ":" + port.applyAsInt(node))
        .collect(Collectors.joining(separator));
  }
}
