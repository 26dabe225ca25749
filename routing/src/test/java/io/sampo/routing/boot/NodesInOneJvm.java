package io.sampo.routing.boot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Whole nodes of one cluster in this JVM, n0, n1, …, each with a directory and ports of its own.
 * The first three are the seeds.
 */
final class NodesInOneJvm implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SEEDS = 3;

  private final Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Integer> clusterPorts = new ArrayList<>();
  private final Map<Integer, SampoNode> running = new HashMap<>();

  NodesInOneJvm(Path directory, int nodes) throws IOException {
    this.directory = directory;
    clusterPorts.addAll(freePorts(nodes));
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      sockets.add(socket);
      ports.add(socket.getLocalPort());
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return ports;
  }

  /** A node that isn't closed by this. */
  SampoNode startNow(int index, Map<String, String> more) throws Exception {
    String seeds =
        clusterPorts.stream()
            .limit(SEEDS)
            .map(port -> "127.0.0.1:" + port)
            .collect(Collectors.joining(","));
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "sampo.data-dir", directoryOf(index).toString(),
                "sampo.node.name", "n" + index,
                "sampo.name-server.port", "0",
                "sampo.broker.port", "0",
                "sampo.cluster.port", clusterPorts.get(index).toString(),
                "sampo.replication.port", "0",
                "sampo.management.port", "0",
                "sampo.cluster.seeds", seeds,
                "sampo.cluster.leaders-wait", "2 s",
                "sampo.log.segment-size", "1 MiB"));
    settings.put("sampo.management.read-only", "off");
    settings.putAll(more);
    Config config = NodeConfig.load(null, settings);
    return SampoNode.start(SampoSettings.from(config, directory), config);
  }

  /** The same, on a thread of its own. */
  CompletableFuture<SampoNode> starting(int index, Map<String, String> more) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return startNow(index, more);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        },
        command -> new Thread(command, "start-" + index).start());
  }

  /** Starts some at once, and waits until they serve clients. */
  void start(Map<String, String> more, int... indexes) throws Exception {
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

  void found() throws Exception {
    start(Map.of("sampo.cluster.initial-nodes", "3"), 0, 1, 2);
  }

  void stop(int index) {
    SampoNode node = running.remove(index);
    if (node != null) {
      node.close();
    }
  }

  /** Waits until a node has stopped by itself. */
  void awaitEnd(int index) throws InterruptedException {
    node(index).awaitStop();
    running.remove(index);
  }

  SampoNode node(int index) {
    SampoNode node = running.get(index);
    if (node == null) {
      throw new IllegalStateException("node " + index + " is not running");
    }
    return node;
  }

  Path directoryOf(int index) {
    return directory.resolve("node-" + index);
  }

  /** Takes away all that a node had on its disk. */
  void emptyDisk(int index) throws IOException {
    try (Stream<Path> files = Files.walk(directoryOf(index))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Has a node listen for the others at another port from its next start on. */
  void moveTo(int index) throws IOException {
    clusterPorts.set(index, freePorts(1).get(0));
  }

  RawClient client(int index, String broker) throws IOException {
    return new RawClient(node(index).addresses().brokerPort(broker));
  }

  /** What a node says of all log groups. */
  JsonNode logGroups(int index) throws Exception {
    return JSON.readTree(http.send(to(index, "/sampo/log-groups").build(), asText()).body());
  }

  /** What a node says of its traffic with other copies. */
  JsonNode replication(int index) throws Exception {
    return JSON.readTree(http.send(to(index, "/sampo/replication").build(), asText()).body());
  }

  /** Orders something of a node by way of another; returns the status. */
  int order(int by, String method, String path) throws Exception {
    return http.send(
            to(by, path).method(method, HttpRequest.BodyPublishers.noBody()).build(), asText())
        .statusCode();
  }

  private HttpRequest.Builder to(int index, String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + node(index).addresses().managementPort() + path));
  }

  private static HttpResponse.BodyHandler<String> asText() {
    return HttpResponse.BodyHandlers.ofString();
  }

  @Override
  public void close() {
    running.values().forEach(SampoNode::close);
  }
}
