package io.sampo.routing.boot;

import com.typesafe.config.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Nodes of one cluster in this JVM, each with a directory and ports of its own. */
final class NodesInJvm implements AutoCloseable {
  private final Path directory;
  private final int count;
  private final List<Integer> clusterPorts = new ArrayList<>();
  private final Map<Integer, SampoNode> running = new HashMap<>();

  /** Chooses ports; no node is started. */
  NodesInJvm(Path directory, int count) throws IOException {
    this.directory = directory;
    this.count = count;
    List<ServerSocket> sockets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    }
    for (ServerSocket socket : sockets) {
      clusterPorts.add(socket.getLocalPort());
      socket.close();
    }
  }

  private String seeds() {
    return clusterPorts.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
  }

  /** A node that isn't closed by this. */
  SampoNode start(int index, Map<String, String> more) throws Exception {
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "sampo.data-dir", directory.resolve("node-" + index).toString(),
                "sampo.node.name", "n" + index,
                "sampo.name-server.port", "0",
                "sampo.broker.port", "0",
                "sampo.cluster.port", clusterPorts.get(index).toString(),
                "sampo.replication.port", "0",
                "sampo.management.port", "0",
                "sampo.cluster.seeds", seeds(),
                "sampo.cluster.leaders-wait", "2 s",
                "sampo.log.segment-size", "1 MiB"));
    settings.putAll(more);
    Config config = NodeConfig.load(null, settings);
    return SampoNode.start(SampoSettings.from(config, directory), config);
  }

  /** The same, on a thread of its own. */
  CompletableFuture<SampoNode> starting(int index, Map<String, String> more) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return start(index, more);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        },
        command -> new Thread(command, "start-" + index).start());
  }

  void startTogether(Map<String, String> more, int... indexes) throws Exception {
    List<CompletableFuture<SampoNode>> starts =
        IntStream.of(indexes).mapToObj(index -> starting(index, more)).toList();
    for (int i = 0; i < indexes.length; i++) {
      entered(indexes[i], starts.get(i).get(100, TimeUnit.SECONDS));
    }
  }

  /** Takes over a node that was started. */
  void entered(int index, SampoNode node) {
    running.put(index, node);
  }

  /** Starts all for the first time. */
  void found() throws Exception {
    startTogether(
        Map.of("sampo.cluster.initial-nodes", Integer.toString(count)),
        IntStream.range(0, count).toArray());
  }

  void stop(int index) {
    SampoNode node = running.remove(index);
    if (node != null) {
      node.close();
    }
  }

  /** A node that runs. */
  SampoNode node(int index) {
    SampoNode node = running.get(index);
    if (node == null) {
      throw new IllegalStateException("node " + index + " is not running");
    }
    return node;
  }

  @Override
  public void close() {
    running.values().forEach(SampoNode::close);
    running.clear();
  }
}
