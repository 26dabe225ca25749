package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.group.LogGroup;
import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.TestCluster;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.raw.RawConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A group whose consumers, of both versions, each know two nodes, and none the same two: they share
 * all queues of all log groups, each queue has one of them, and so it stays when the leader that
 * has the group dies.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class SharedGroupTest {
  private static final List<ClientVersion> VERSIONS =
      List.copyOf(EnumSet.allOf(ClientVersion.class));
  private static final int NODES = 3;
  private static final int QUEUES = 4;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int GET_CONSUMER_LIST = 38;

  private final String topic = Names.fresh("Everywhere");
  private final String group = groupAt("broker-0");

  /** By broker and queue: who got messages of it since it was cleared. */
  private final ConcurrentMap<String, Set<Integer>> owners = new ConcurrentHashMap<>();

  private TestCluster cluster;

  @BeforeEach
  void form() {
    cluster =
        TestCluster.start(
            "shared-group",
            NODES,
            NodeOptions.defaults().withHeapMegabytes(256).with("sampo.cluster.replicas", "3"));
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  private static String groupAt(String logGroup) {
    List<String> logGroups = IntStream.range(0, NODES).mapToObj(i -> "broker-" + i).toList();
    String name = Names.fresh("sharing");
    return IntStream.range(0, 1000)
        .mapToObj(i -> name + "-" + i)
        .filter(candidate -> LogGroup.groupHome(candidate, logGroups).equals(logGroup))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void consumersShareAllQueuesAlsoWhenTheLeaderOfTheirGroupHasDied() throws Exception {
    List<OfficialConsumer> consumers = new ArrayList<>();
    try (OfficialProducer producer =
        VERSIONS
            .get(0)
            .client()
            .startProducer(ProducerSpec.of(cluster.nameServers(), Names.fresh("sharing")))) {
      producer.createTopic(topic, QUEUES);
      for (int i = 0; i < NODES; i++) {
        consumers.add(startConsumer(i));
      }
      awaitShares(producer, "at first");
      List<String> members = members(0);
      assertThat(members).hasSize(NODES);
      for (int node = 1; node < NODES; node++) {
        assertThat(members(node)).as("by node %d", node).isEqualTo(members);
      }

      int leader = cluster.awaitLeader(topic, 0, 1, -1);
      cluster.node(leader).kill();
      int witness = (leader + 1) % NODES;
      cluster.awaitLeader(topic, 0, witness, leader);

      awaitShares(producer, "after the leader's death");
      for (int node = 0; node < NODES; node++) {
        if (node != leader) {
          assertThat(members(node)).as("by node %d", node).isEqualTo(members);
        }
      }
    } finally {
      for (OfficialConsumer consumer : consumers) {
        consumer.close();
      }
    }
  }

  private OfficialConsumer startConsumer(int index) throws ClientFailed {
    ClientVersion version = VERSIONS.get(index % VERSIONS.size());
    return version
        .client()
        .startConsumer(
            ConsumerSpec.of(
                cluster.node(index).nameServer()
                    + ";"
                    + cluster.node((index + 1) % NODES).nameServer(),
                group,
                topic,
                Names.fresh("c" + index)),
            delivery -> take(index, delivery));
  }

  private void take(int consumer, Delivery delivery) {
    owners
        .computeIfAbsent(
            delivery.broker() + "/" + delivery.queueId(), queue -> ConcurrentHashMap.newKeySet())
        .add(consumer);
  }

  /** Waits until each queue has one consumer, and looks that it is so once more. */
  private void awaitShares(OfficialProducer producer, String when) {
    int[] inARow = {0};
    Await.until(
        () -> when + ": a consumer for each queue; last seen: " + owners,
        LIMIT,
        () -> {
          inARow[0] = isShared(producer) ? inARow[0] + 1 : 0;
          return inARow[0] == 2;
        });
  }

  private boolean isShared(OfficialProducer producer) {
    owners.clear();
    try {
      for (int i = 0; i < 3 * NODES * QUEUES; i++) {
        producer.send(Outgoing.of(topic, ("m" + i).getBytes(StandardCharsets.UTF_8)));
      }
    } catch (ClientFailed e) {
      return false; // the next round tells
    }
    Await.isTrueWithin(Duration.ofSeconds(2), () -> owners.size() == NODES * QUEUES);
    Set<Integer> consumers = new HashSet<>();
    owners.values().forEach(consumers::addAll);
    return owners.size() == NODES * QUEUES
        && consumers.size() == NODES
        && owners.values().stream().allMatch(each -> each.size() == 1);
  }

  private List<String> members(int node) {
    try (RawConnection connection =
        RawConnection.open(cluster.node(node).host(), cluster.node(node).brokerPort())) {
      String body =
          new String(
              connection.call(GET_CONSUMER_LIST, Map.of("consumerGroup", group)).body(),
              StandardCharsets.UTF_8);
      return List.of(body.replaceAll(".*\\[(.*)].*", "$1").split(","));
    }
  }
}
