package io.sampo.bench.failover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Three nodes with three replicas of each log group, each in a network of its own; node i is to
 * lead the log group broker-i.
 */
public final class FaultyCluster implements AutoCloseable {
  /** How many nodes there are, and log groups. */
  public static final int NODES = 3;

  private static final int NAME_SERVER_PORT = 9876;
  private static final int CLUSTER_PORT = 25520;

  private final Cables cables;
  private final List<ClusterNode> nodes = new ArrayList<>();

  private FaultyCluster(Cables cables) {
    this.cables = cables;
  }

  /**
   * Starts the nodes and doesn't wait for them.
   *
   * @param root the directory that bin/sampo lies in
   * @param directory in which each node gets one
   */
  public static FaultyCluster start(Path root, Path directory)
      throws IOException, InterruptedException {
    FaultyCluster cluster = new FaultyCluster(Cables.of(NODES));
    try {
      for (int i = 0; i < NODES; i++) {
        Path home = Files.createDirectories(directory.resolve("node-" + i));
        ClusterNode node = new ClusterNode(cluster.command(root, home, i), home);
        cluster.nodes.add(node);
        node.start();
      }
      return cluster;
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private List<String> command(Path root, Path home, int node) {
    List<String> command = new ArrayList<>(cables.launcher(node));
    command.add(root.resolve("bin/sampo").toString());
    command.add("server");
    command.add("-Dsampo.node.host=" + cables.host(node));
    command.add("-Dsampo.node.name=node-" + node);
    command.add("-Dsampo.data-dir=" + home.resolve("data"));
    command.add("-Dsampo.cluster.seeds=" + addresses(CLUSTER_PORT, ","));
    command.add("-Dsampo.cluster.initial-nodes=" + NODES);
    return command;
  }

  private String addresses(int port, String separator) {
    return IntStream.range(0, NODES)
        .mapToObj(node -> cables.host(node) + ":" + port)
        .collect(Collectors.joining(separator));
  }

  /** What clients are told. */
  public String nameServers() {
    return addresses(NAME_SERVER_PORT, ";");
  }

  static String logGroup(int node) {
    return "broker-" + node;
  }

  /** When the node began to lead its own log group, for the last time. */
  long ledNanos(int node) {
    return nodes.get(node).ledNanos(logGroup(node));
  }

  /** When another node began to lead a node's log group, for the last time. */
  long successorNanos(int node) {
    return IntStream.range(0, NODES)
        .filter(other -> other != node)
        .mapToLong(other -> nodes.get(other).ledNanos(logGroup(node)))
        .max()
        .orElse(Long.MIN_VALUE);
  }

  void strike(Fault fault, int node) throws IOException, InterruptedException {
    switch (fault) {
      case KILL -> nodes.get(node).kill();
      case STOP -> nodes.get(node).stop();
      case PAUSE -> nodes.get(node).signal("STOP");
      case CUT -> cables.isolate(node);
    }
  }

  void mend(Fault fault, int node) throws IOException, InterruptedException {
    switch (fault) {
      case KILL, STOP -> nodes.get(node).start();
      case PAUSE -> nodes.get(node).signal("CONT");
      case CUT -> cables.heal();
    }
  }

  @Override
  public void close() {
    nodes.forEach(ClusterNode::close);
    cables.close();
  }
}
