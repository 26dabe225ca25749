package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in this JVM that form a cluster, each with a directory and ports of its own. */
@Timeout(120)
final class NodesTogetherTest {
  private static final int NODES = 3;

  @TempDir Path directory;
  private final List<Integer> clusterPorts = new ArrayList<>();
  private final Map<Integer, SampoNode> running = new HashMap<>();

  @BeforeEach
  void choosePorts() throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    }
    for (ServerSocket socket : sockets) {
      clusterPorts.add(socket.getLocalPort());
      socket.close();
    }
  }

  @AfterEach
  void stopAll() {
    running.values().forEach(SampoNode::close);
  }

  private String seeds() {
    return clusterPorts.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
  }

  private SampoNode start(int index, Map<String, String> more) throws Exception {
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

  private CompletableFuture<SampoNode> starting(int index, Map<String, String> more) {
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

  private void startTogether(Map<String, String> more, int... indexes) throws Exception {
    List<CompletableFuture<SampoNode>> starts =
        IntStream.of(indexes).mapToObj(index -> starting(index, more)).toList();
    for (int i = 0; i < indexes.length; i++) {
      running.put(indexes[i], starts.get(i).get(100, TimeUnit.SECONDS));
    }
  }

  private void found() throws Exception {
    startTogether(Map.of("sampo.cluster.initial-nodes", "3"), 0, 1, 2);
  }

  private void stop(int index) {
    SampoNode node = running.remove(index);
    if (node != null) {
      node.close();
    }
  }

  private List<String> logGroupsOf(int index) {
    SampoNode node = running.get(index);
    return node == null ? List.of() : List.copyOf(node.addresses().brokerPorts().keySet());
  }

  @Test
  void threeNodesFoundAClusterAndFindEachOtherAgainWithoutBeingToldHowMany() throws Exception {
    found();
    for (int i = 0; i < NODES; i++) {
      assertThat(logGroupsOf(i)).containsExactly("broker-0", "broker-1", "broker-2");
    }
    stop(0);
    stop(1);
    stop(2);

    startTogether(Map.of(), 2, 1, 0);

    assertThat(logGroupsOf(2)).containsExactly("broker-0", "broker-1", "broker-2");
  }

  @Test
  void whatWasAcknowledgedIsServedByTheOthersOnceItsNodeStops() throws Exception {
    found();
    for (int i = 0; i < NODES; i++) {
      try (RawClient client = client(i, "broker-" + i)) {
        assertThat(client.send("Orders", "kept").header()).contains("\"code\":0");
      }
    }

    stop(0);

    for (int i = 0; i < NODES; i++) {
      String broker = "broker-" + i;
      assertThat(lastAnswer(1, broker, client -> client.maxOffset("Orders")))
          .as(broker)
          .contains("\"offset\":\"1\"");
      assertThat(lastAnswer(2, broker, client -> client.send("Orders", "more").header()))
          .as(broker)
          .contains("\"code\":0");
    }
  }

  private interface Question {
    String ask(RawClient client) throws IOException;
  }

  private RawClient client(int index, String broker) throws IOException {
    SampoNode node = running.get(index);
    if (node == null) {
      throw new IllegalStateException("node " + index + " is not running");
    }
    return new RawClient(node.addresses().brokerPort(broker));
  }

  /** Asks until it succeeds, as clients do while a log group changes its leader. */
  private String lastAnswer(int index, String broker, Question question) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try (RawClient client = client(index, broker)) {
        String answer = question.ask(client);
        if (answer.contains("\"code\":0") || System.nanoTime() > deadline) {
          return answer;
        }
      }
    }
  }

  @Test
  void aMajorityIsEnoughToStartAgainWhicheverItIs() throws Exception {
    found();
    stop(2);
    stop(1);
    stop(0);

    startTogether(Map.of(), 0, 2); // the first choice for broker-1 is away

    assertThat(logGroupsOf(0)).containsExactly("broker-0", "broker-1", "broker-2");
    startTogether(Map.of(), 1);
    assertThat(logGroupsOf(1)).hasSize(3);
  }

  @Test
  void aNodeWithDataOfAnotherClusterIsRefusedAndHarmsNobody() throws Exception {
    Map<String, String> alone = Map.of("sampo.cluster.seeds", "");
    start(2, alone).close();
    startTogether(Map.of("sampo.cluster.initial-nodes", "2"), 0, 1);

    assertThatThrownBy(() -> start(2, Map.of("sampo.cluster.initial-nodes", "2")))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("this node's data is of the cluster");
    start(2, alone).close(); // its own cluster is as it was
  }

  @Test
  void aNodeOfAClusterDoesNotStartAsAClusterOfItsOwn() throws Exception {
    startTogether(Map.of("sampo.cluster.initial-nodes", "2"), 0, 1);
    stop(0);

    assertThatThrownBy(() -> start(0, Map.of("sampo.cluster.seeds", "")))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("sampo.cluster.seeds");
  }

  @Test
  void aNodeThatJoinsLaterLearnsThePlan() throws Exception {
    startTogether(Map.of("sampo.cluster.initial-nodes", "2"), 0, 1);

    startTogether(Map.of(), 2);

    assertThat(logGroupsOf(2)).containsExactly("broker-0", "broker-1");
  }

  @Test
  void oneNodeOfThreeDoesNotFoundACluster() throws Exception {
    CompletableFuture<SampoNode> first = starting(0, Map.of("sampo.cluster.initial-nodes", "3"));
    CompletableFuture<SampoNode> second = starting(1, Map.of("sampo.cluster.initial-nodes", "3"));
    assertThatThrownBy(() -> first.get(5, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);

    startTogether(Map.of("sampo.cluster.initial-nodes", "3"), 2);

    running.put(0, first.get(60, TimeUnit.SECONDS));
    running.put(1, second.get(60, TimeUnit.SECONDS));
    assertThat(logGroupsOf(0)).hasSize(3);
  }
}
