package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.AckedHistory;
import io.sampo.multijvm.history.HistoryRecorder;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.history.Place;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.ProducerSpec;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
    OrderedInbox inbox = new OrderedInbox();
    try (OfficialProducer producer =
            version
                .client()
                .startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("producers")));
        Sender sender = Sender.startPaced(producer, topic, inbox.history, SEND_PAUSE);
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
          () -> "all delivered; missing " + inbox.history.missingCount() + "; " + node.outputTail(),
          LIMIT,
          () -> inbox.history.missingCount() == 0);
    }
    assertThat(inbox.violations).isEmpty();
    assertThat(inbox.history.violations(AckedHistory.Promise.AT_LEAST_ONCE)).isEmpty();
    assertThat(inbox.suspended).as("queues that were suspended").isEqualTo(ALL_QUEUES);
  }

  private static OfficialConsumer consumer(
      ClientVersion version, String topic, OrderedInbox inbox, String name) throws ClientFailed {
    ConsumerSpec spec =
        ConsumerSpec.of(node.nameServer(), topic + "-group", topic, Names.fresh(name));
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

  /**
   * What all consumers of the group together get. Of each queue the next message must come, or the
   * last one again: when the queue was suspended, or went to another consumer before the offset was
   * committed. Each message takes a moment, so that two at once would meet.
   */
  private static final class OrderedInbox {
    /** Messages of a queue; the client lets a suspended one rest for 1 s. */
    private static final int SUSPEND_EVERY = 100;

    private static final Duration WORK = Duration.ofMillis(1);

    private final HistoryRecorder history = new HistoryRecorder();
    private final Map<Integer, Delivery> inWork = new ConcurrentHashMap<>();
    private final Map<Integer, Long> lastOffsets = new ConcurrentHashMap<>();
    private final Set<Long> suspendedKeys = ConcurrentHashMap.newKeySet();
    private final Set<Integer> suspended = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();

    boolean take(Delivery delivery) {
      int queueId = delivery.queueId();
      Delivery other = inWork.putIfAbsent(queueId, delivery);
      if (other != null) {
        violations.add("two at once in " + place(delivery) + " and " + place(other));
        return true;
      }
      try {
        Long last = lastOffsets.put(queueId, delivery.queueOffset());
        long step = last == null ? 1 : delivery.queueOffset() - last;
        if (step != 0 && step != 1) {
          violations.add(place(delivery) + " after " + last);
        }
        long key = Payload.key(delivery.body());
        history.received("group", key, place(delivery));
        Await.breathe(WORK);
        boolean suspend = key / ALL_QUEUES.size() % SUSPEND_EVERY == 0 && suspendedKeys.add(key);
        if (suspend) {
          suspended.add(queueId);
        }
        return !suspend;
      } finally {
        inWork.remove(queueId, delivery);
      }
    }

    private static Place place(Delivery delivery) {
      return new Place(delivery.queueId(), delivery.queueOffset());
    }
  }
}
