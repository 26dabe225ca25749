package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import java.io.IOException;
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
import java.util.function.Predicate;
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
    clusterPorts.addAll(FreePorts.find(nodes));
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
    settings.put("sampo.cluster.lead-after", "1 s"); // no test needs cold nodes spared
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
    awaitAll(starts);
    for (int i = 0; i < indexes.length; i++) {
      entered(indexes[i], starts.get(i).join());
    }
  }

  /** Waits for all of them, or for the first that fails: the others may wait for it in vain. */
  private static void awaitAll(List<CompletableFuture<SampoNode>> starts) throws Exception {
    CompletableFuture<Void> failed = new CompletableFuture<>();
    for (CompletableFuture<SampoNode> start : starts) {
      start.whenComplete(
          (node, failure) -> {
            if (failure != null) {
              failed.completeExceptionally(failure);
            }
          });
    }
    CompletableFuture<Void> all = CompletableFuture.allOf(starts.toArray(CompletableFuture[]::new));
    CompletableFuture.anyOf(all, failed).get(100, TimeUnit.SECONDS);
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
  SampoNode.Ending awaitEnd(int index) throws InterruptedException {
    SampoNode.Ending ending = node(index).awaitStop();
    running.remove(index);
    return ending;
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
    clusterPorts.set(index, FreePorts.find(1).get(0));
  }

  RawClient client(int index, String broker) throws IOException {
    return new RawClient(node(index).addresses().brokerPort(broker));
  }

  /** What a node says of all log groups. */
  JsonNode logGroups(int index) throws Exception {
    return JSON.readTree(http.send(to(index, "/sampo/log-groups").build(), asText()).body());
  }

  /** Waits until a node says of all log groups what is wanted. */
  void awaitLogGroups(int by, Predicate<JsonNode> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    JsonNode last = logGroups(by);
    while (!condition.test(last)) {
      assertThat(System.nanoTime()).as("still %s", last.toPrettyString()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(100);
      last = logGroups(by);
    }
  }

  /** What a client asks. */
  interface Question {
    String ask(RawClient client) throws IOException;
  }

  /** Asks until it succeeds, as clients do while a log group changes its leader. */
  String answer(int by, String broker, Question question) throws IOException {
    return answer(by, broker, question, refusal -> false);
  }

  /** The same, or until it is refused for what it is. */
  String answer(int by, String broker, Question question, Predicate<String> isFinal)
      throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try (RawClient client = client(by, broker)) {
        String answer = question.ask(client);
        if (answer.contains("\"code\":0") || isFinal.test(answer) || System.nanoTime() > deadline) {
          return answer;
        }
      }
    }
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
