package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.raw.Pops;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What push consumers of the official 5.x client get that pop: the broker says so, by group. */
class PopConsumerTest {
  private static final int MESSAGES = 20_000;
  private static final int BATCH = 100;
  private static final long MINUTE = 60_000;
  private static final long SHORTEST = 5_000;

  /** The client asks for its queues when it starts and each 20 s; its first back-off is 10 s. */
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final NodeProcess node = NodeProcess.start("pop-consumer");
  private final String topic = Names.fresh("Popping");
  private final String group = Names.fresh("popping");
  private final Set<String> pulled = ConcurrentHashMap.newKeySet();
  private final Map<Long, AtomicInteger> deliveries = new ConcurrentHashMap<>();

  @AfterEach
  void end() {
    node.close();
    assertThat(pulled).as("messages that were not popped").isEmpty();
  }

  @Test
  void severalConsumersGetEveryMessageOnce() throws Exception {
    send(0, MESSAGES);
    pop();
    Set<String> receivers = ConcurrentHashMap.newKeySet();
    List<OfficialConsumer> consumers = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        String name = Names.fresh("popper");
        consumers.add(
            consumer(
                name,
                MINUTE,
                delivery -> {
                  receivers.add(name);
                  return take(delivery) > 0;
                }));
      }
      awaitDelivered(MESSAGES);
      awaitCommitted(MESSAGES);
    } finally {
      for (OfficialConsumer consumer : consumers) {
        consumer.close();
      }
    }
    assertThat(deliveredMoreThanOnce()).isEmpty();
    assertThat(receivers).hasSize(3);
  }

  @Test
  void aMessageThatIsToComeLaterComesLater() throws Exception {
    send(0, 40);
    pop();
    try (OfficialConsumer consumer =
        consumer(
            "picky",
            MINUTE,
            delivery -> {
              long key = Payload.key(delivery.body());
              return take(delivery) > 1 || key % 10 != 0;
            })) {
      awaitDelivered(40);
      awaitCommitted(40);
    }
    for (long key = 0; key < 40; key++) {
      assertThat(count(key)).as("key %s", key).isEqualTo(key % 10 == 0 ? 2 : 1);
    }
  }

  @Test
  @Tag("long")
  void messagesOfAConsumerThatHangsComeToAnother() throws Exception {
    send(0, 40);
    pop();
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Set<Long> hung = ConcurrentHashMap.newKeySet();
    OfficialConsumer first =
        consumer(
            "hanging",
            SHORTEST,
            delivery -> {
              hung.add(Payload.key(delivery.body()));
              hanging.countDown();
              await(end);
              return false;
            });
    try {
      await(hanging);
      try (OfficialConsumer second = consumer("other", MINUTE, delivery -> take(delivery) > 0)) {
        awaitDelivered(40);
      }
    } finally {
      end.countDown();
      first.close();
    }
    assertThat(hung).isNotEmpty();
    assertThat(deliveries.keySet()).containsAll(hung);
  }

  @Test
  void aKilledNodeLosesNothingAndBringsNothingAgainThatWasAcknowledged() throws Exception {
    send(0, 2_000);
    pop();
    Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
    try (OfficialConsumer consumer = consumer("steady", SHORTEST, delivery -> take(delivery) > 0)) {
      awaitDelivered(2_000);
      awaitCommitted(2_000);
      acknowledged.addAll(deliveries.keySet());
      send(2_000, 4_000);
      awaitDelivered(2_500); // the others are on their way, and some of these unacknowledged

      node.kill();
      node.start();

      awaitDelivered(6_000);
      awaitCommitted(6_000);
    }
    assertThat(acknowledged).hasSize(2_000).allMatch(key -> count(key) == 1);
  }

  private int take(Delivery delivery) {
    if (!delivery.properties().containsKey("POP_CK")) {
      pulled.add(delivery.msgId());
    }
    return deliveries
        .computeIfAbsent(Payload.key(delivery.body()), key -> new AtomicInteger())
        .incrementAndGet();
  }

  private OfficialConsumer consumer(String name, long invisibleMillis, Predicate<Delivery> listener)
      throws ClientFailed {
    return ClientVersion.V5
        .client()
        .startPopConsumer(
            ConsumerSpec.of(node.nameServer(), group, topic, Names.fresh(name)).withThreads(8),
            invisibleMillis,
            listener);
  }

  private void pop() {
    try (RawConnection admin = RawConnection.open(node.brokerPort())) {
      assertThat(
              admin
                  .call(Pops.SET_MESSAGE_REQUEST_MODE, Map.of(), Pops.popMode(group, topic))
                  .code())
          .isEqualTo(Requests.SUCCESS);
    }
  }

  private void send(long firstKey, int count) throws ClientFailed {
    try (OfficialProducer producer =
        ClientVersion.V5
            .client()
            .startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("producers")))) {
      for (long key = firstKey; key < firstKey + count; key += BATCH) {
        List<Outgoing> batch = new ArrayList<>();
        for (long one = key; one < Math.min(key + BATCH, firstKey + count); one++) {
          batch.add(Outgoing.of(topic, Payload.of(one, 100)));
        }
        producer.sendBatch(batch);
      }
    }
  }

  private void awaitDelivered(int count) {
    Await.until(
        () -> count + " delivered; there are " + deliveries.size() + "; " + node.outputTail(),
        LIMIT,
        () -> deliveries.size() >= count);
  }

  /** Everything is acknowledged: the offsets that the group committed are the queues' ends. */
  private void awaitCommitted(long count) {
    try (RawConnection asking = RawConnection.open(node.brokerPort())) {
      Await.until(
          () -> count + " acknowledged; there are " + committed(asking),
          LIMIT,
          () -> committed(asking) == count);
    }
  }

  private long committed(RawConnection asking) {
    long sum = 0;
    for (int queueId = 0; queueId < 4; queueId++) {
      sum +=
          asking
              .call(Requests.QUERY_CONSUMER_OFFSET, Requests.groupQueue(group, topic, queueId))
              .number("offset");
    }
    return sum;
  }

  private int count(long key) {
    AtomicInteger count = deliveries.get(key);
    return count == null ? 0 : count.get();
  }

  private List<Long> deliveredMoreThanOnce() {
    return deliveries.entrySet().stream()
        .filter(entry -> entry.getValue().get() > 1)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
