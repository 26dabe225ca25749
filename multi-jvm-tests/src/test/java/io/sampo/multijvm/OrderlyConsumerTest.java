package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.AckedHistory;
import io.sampo.multijvm.history.HistoryRecorder;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.ProducerSpec;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What consumers of ordered messages of each official version get from a node. */
class OrderlyConsumerTest {
  private static final Set<Integer> ALL_QUEUES = Set.of(0, 1, 2, 3);

  /** A client that can't lock a queue yet may try again only in its next round, 20 s later. */
  private static final Duration SHARED = Duration.ofSeconds(60);

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** At most 50/s for each queue, of which the consumers manage 100/s; see SUSPEND_EVERY. */
  private static final Duration SEND_PAUSE = Duration.ofMillis(5);

  private static final int CRASHES = 2;

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start("orderly-consumer");
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void queuesAreConsumedInOrderByOneAtATimeWhileConsumersComeAndGo(ClientVersion version)
      throws Exception {
    String topic = Names.fresh("Orderly");
    HistoryRecorder history = new HistoryRecorder();
    OrderedInbox inbox = new OrderedInbox(history, false);
    try (OfficialProducer producer =
            version
                .client()
                .startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("producers")));
        Sender sender = Sender.startPaced(producer, topic, history, SEND_PAUSE);
        OfficialConsumer one = consumer(version, topic, inbox, "one");
        OfficialConsumer two = consumer(version, topic, inbox, "two")) {
      awaitShares(topic, one, two);
      sender.awaitMore(100);
      try (OfficialConsumer three = consumer(version, topic, inbox, "three")) {
        awaitShares(topic, one, two, three);
        sender.awaitMore(100);
      }
      awaitShares(topic, one, two);
      sender.awaitMore(100);
      sender.stop();
      Await.until(
          () -> "all delivered; missing " + history.missingCount() + "; " + node.outputTail(),
          LIMIT,
          () -> history.missingCount() == 0);
    }
    assertThat(inbox.violations()).isEmpty();
    assertThat(history.violations(AckedHistory.Promise.AT_LEAST_ONCE)).isEmpty();
    assertThat(inbox.suspendedQueues()).as("queues that were suspended").isEqualTo(ALL_QUEUES);
  }

  /** The locks are kept in the log, so the holders go on and nobody else gets a queue meanwhile. */
  /** Older clients wait half a minute for their timers. */
  @Test
  @Tag("long")
  @Timeout(value = 4, unit = TimeUnit.MINUTES) // a 4.9 client may rest 30 s after each crash
  void queuesStayLockedWhileTheNodeIsKilledAndStartedAgainWith49() throws Exception {
    queuesStayLockedWhileTheNodeIsKilledAndStartedAgain(ClientVersion.V4);
  }

  @ParameterizedTest
  @EnumSource(names = "V5")
  @Timeout(value = 4, unit = TimeUnit.MINUTES) // a 4.9 client may rest 30 s after each crash
  void queuesStayLockedWhileTheNodeIsKilledAndStartedAgain(ClientVersion version) throws Exception {
    String topic = Names.fresh("OrderlyCrash");
    HistoryRecorder history = new HistoryRecorder();
    OrderedInbox inbox = new OrderedInbox(history, true);
    try (NodeProcess killed = NodeProcess.start("orderly-crash");
        OfficialProducer producer =
            version
                .client()
                .startProducer(ProducerSpec.of(killed.nameServer(), Names.fresh("producers")));
        Sender sender = Sender.startPaced(producer, topic, history, SEND_PAUSE);
        OfficialConsumer one = consumer(version, killed, topic, inbox, "one");
        OfficialConsumer two = consumer(version, killed, topic, inbox, "two")) {
      awaitShares(topic, one, two);
      for (int crash = 0; crash < CRASHES; crash++) {
        int received = history.receivedCount();
        sender.awaitMore(100);
        Await.until("deliveries", LIMIT, () -> history.receivedCount() > received + 50);
        killed.kill();
        killed.start();
      }
      sender.awaitMore(100);
      sender.stop();
      Await.until(
          () -> "all delivered; missing " + history.missingCount() + "; " + killed.outputTail(),
          LIMIT,
          () -> history.missingCount() == 0);
    }
    assertThat(inbox.violations()).isEmpty();
    assertThat(history.violations(AckedHistory.Promise.AT_LEAST_ONCE)).isEmpty();
  }

  private static OfficialConsumer consumer(
      ClientVersion version, String topic, OrderedInbox inbox, String name) throws ClientFailed {
    return consumer(version, node, topic, inbox, name);
  }

  private static OfficialConsumer consumer(
      ClientVersion version, NodeProcess at, String topic, OrderedInbox inbox, String name)
      throws ClientFailed {
    ConsumerSpec spec =
        ConsumerSpec.of(at.nameServer(), topic + "-group", topic, Names.fresh(name));
    return version.client().startOrderlyConsumer(spec.withThreads(4), inbox::take);
  }

  /** Waits until the consumers together have every queue, none of them twice, each at least one. */
  private static void awaitShares(String topic, OfficialConsumer... consumers) {
    Await.until(
        "queues shared by " + consumers.length,
        SHARED,
        () -> {
          Set<Integer> all = new HashSet<>();
          int assigned = 0;
          for (OfficialConsumer consumer : consumers) {
            Set<Integer> own = consumer.assignedQueues(topic);
            if (own.isEmpty()) {
              return false;
            }
            assigned += own.size();
            all.addAll(own);
          }
          return all.equals(ALL_QUEUES) && assigned == ALL_QUEUES.size();
        });
  }
}
