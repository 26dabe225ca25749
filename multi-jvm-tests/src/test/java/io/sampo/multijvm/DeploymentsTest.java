package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.harness.TestCluster;
import io.sampo.multijvm.history.AckedHistory;
import io.sampo.multijvm.history.HistoryRecorder;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.history.Place;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The files under {@code conf/}, each deployment started once as it is but for ports and
 * directories: official clients send and consume, a node is killed with -9, and what
 * docs/deployment.md says of that is true.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DeploymentsTest {
  private static final Path CONF = Path.of("..", "conf");
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final Duration ROUTE_LIMIT = Duration.ofSeconds(60);
  private static final int EACH = 10;
  private static final String OK = "SEND_OK";
  private static final Set<String> NOT_ON_ALL =
      Set.of("SLAVE_NOT_AVAILABLE", "FLUSH_SLAVE_TIMEOUT");

  @Test
  void aSingleMasterHasEverythingWhenItIsBack() throws Exception {
    try (Deployment deployment = Deployment.start("single-master", ClientVersion.V4)) {
      deployment.sendUntil(deployment.brokers(), OK);
      NodeProcess node = deployment.cluster.node(0);
      node.kill();
      node.start();
      deployment.sendUntil(deployment.brokers(), OK);
      deployment.assertAllCame();
    }
  }

  @Test
  @Tag("long")
  void ofSeveralMastersTheOthersTakeMessagesAndTheKilledOneHasItsOwnWhenItIsBack()
      throws Exception {
    try (Deployment deployment = Deployment.start("several-masters", ClientVersion.V5)) {
      deployment.sendUntil(deployment.brokers(), OK);
      int killed = deployment.killLeader(1);
      deployment.sendUntil(Set.of("broker-0"), OK);
      deployment.cluster.node(killed).start();
      deployment.sendUntil(deployment.brokers(), OK);
      deployment.assertAllCame();
    }
  }

  @Test
  @Tag("long")
  void inThePlaceOfAnAsynchronousMasterAnotherNodeTakesOver() throws Exception {
    try (Deployment deployment =
        Deployment.start("two-masters-two-slaves-async", ClientVersion.V5)) {
      deployment.sendUntil(deployment.brokers(), OK);
      deployment.assertAllCame(); // so a majority has it; what only the leader has may be lost
      deployment.killLeader(1);
      deployment.sendUntil(deployment.brokers(), OK);
      deployment.assertAllCame();
    }
  }

  @Test
  @Tag("long")
  void synchronousDoubleWriteSaysWhichMessagesMissACopyAndLosesNothing() throws Exception {
    try (Deployment deployment = Deployment.start("synchronous-double-write", ClientVersion.V4)) {
      deployment.sendUntil(deployment.brokers(), OK);
      int killed = deployment.killLeader(1);
      Set<String> statuses = deployment.sendUntilAnswered(deployment.brokers());
      assertThat(statuses).containsAnyElementsOf(NOT_ON_ALL);
      deployment.assertAllCame();
      deployment.cluster.node(killed).start();
      deployment.sendUntil(deployment.brokers(), OK);
      deployment.assertAllCame();
    }
  }

  @Test
  void ofThreeReplicasAnyOneMayDieAndNothingAcknowledgedIsLost() throws Exception {
    try (Deployment deployment = Deployment.start("three-replicas", ClientVersion.V5)) {
      deployment.sendUntil(deployment.brokers(), OK);
      deployment.killLeader(0);
      deployment.sendUntil(deployment.brokers(), OK);
      deployment.assertAllCame();
    }
  }

  /** The nodes of one folder, a producer and a consumer. */
  private static final class Deployment implements AutoCloseable {
    final TestCluster cluster;
    private final String topic = Names.fresh("Deployed");
    private final HistoryRecorder history = new HistoryRecorder(true);
    private final OfficialProducer producer;
    private final OfficialConsumer consumer;

    private Deployment(TestCluster cluster, ClientVersion version) throws ClientFailed {
      this.cluster = cluster;
      String group = Names.fresh("deployed");
      producer =
          version
              .client()
              .startProducer(
                  ProducerSpec.of(cluster.nameServers(), group)
                      .with("pollNameServerInterval", "1000"));
      producer.createTopic(topic, 4);
      consumer =
          version
              .client()
              .startConsumer(
                  ConsumerSpec.of(cluster.nameServers(), group, topic, group),
                  delivery ->
                      history.received(
                          group,
                          Payload.key(delivery.body()),
                          new Place(
                              delivery.broker(), delivery.queueId(), delivery.queueOffset())));
    }

    static Deployment start(String folder, ClientVersion version) throws ClientFailed {
      TestCluster cluster = TestCluster.startWithFiles(folder, files(folder));
      try {
        return new Deployment(cluster, version);
      } catch (ClientFailed | RuntimeException | Error e) {
        cluster.close();
        throw e;
      }
    }

    private static List<Path> files(String folder) {
      try (Stream<Path> files = Files.list(CONF.resolve(folder))) {
        return files.sorted().toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** One log group begins on each node. */
    Set<String> brokers() {
      return IntStream.range(0, cluster.nodes().size())
          .mapToObj(i -> "broker-" + i)
          .collect(Collectors.toSet());
    }

    /** Kills the node that leads a log group; returns its index. */
    int killLeader(int logGroup) {
      int leader = cluster.awaitLeader(topic, logGroup, 0, -1);
      cluster.node(leader).kill();
      return leader;
    }

    /** Sends until each of the brokers has answered some sends with this status. */
    void sendUntil(Set<String> brokers, String status) {
      for (int i = 0; i < EACH; i++) {
        send(brokers, Set.of(status));
      }
    }

    /** Sends until each of the brokers has stored some; returns what it said of them. */
    Set<String> sendUntilAnswered(Set<String> brokers) {
      Set<String> statuses = new HashSet<>();
      Set<String> any = new HashSet<>(NOT_ON_ALL);
      any.add(OK);
      for (int i = 0; i < EACH; i++) {
        statuses.addAll(send(brokers, any));
      }
      return statuses;
    }

    private Set<String> send(Set<String> brokers, Set<String> wanted) {
      Set<String> missing = new HashSet<>(brokers);
      Set<String> statuses = new HashSet<>();
      Await.until(
          () -> wanted + " from " + missing + ", got " + statuses + "; " + cluster.outputTails(),
          ROUTE_LIMIT,
          () -> {
            Receipt receipt = sendOne();
            if (receipt != null) {
              statuses.add(receipt.status());
              if (wanted.contains(receipt.status())) {
                missing.remove(receipt.broker());
              }
            }
            return missing.isEmpty();
          });
      return statuses;
    }

    private @Nullable Receipt sendOne() {
      long key = history.newKey();
      long started = System.nanoTime();
      try {
        Receipt receipt = producer.send(Outgoing.of(topic, Payload.of(key, 1024)));
        history.acknowledged(
            key, new Place(receipt.broker(), receipt.queueId(), receipt.queueOffset()), started);
        return receipt;
      } catch (ClientFailed e) {
        history.unknown(key, started);
        return null;
      }
    }

    /** Waits until the consumer has had everything that was acknowledged. */
    void assertAllCame() {
      Await.until(
          () -> "all delivered; missing " + history.missingCount() + "; " + cluster.outputTails(),
          LIMIT,
          () -> history.missingCount() == 0);
      assertThat(history.violations(AckedHistory.Promise.AT_LEAST_ONCE)).isEmpty();
    }

    @Override
    public void close() {
      consumer.close();
      producer.close();
      cluster.close();
    }
  }
}
