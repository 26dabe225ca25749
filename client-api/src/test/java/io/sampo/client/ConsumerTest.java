package io.sampo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConsumerTest {
  private final TestCluster cluster = TestCluster.of(2).topic("T", 2);
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Map<TopicQueue, List<Long>> offsets = new ConcurrentHashMap<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
    cluster.close();
  }

  private <T extends AutoCloseable> T open(T one) {
    opened.add(0, one);
    return one;
  }

  private Producer producer() {
    return open(Producer.builder(cluster.nameServers(), "PG").build());
  }

  private Consumer.Builder consumer() {
    return Consumer.builder(cluster.nameServers(), "G").consumeFrom(ConsumeFrom.FIRST);
  }

  private void record(ReceivedMessage message) {
    offsets
        .computeIfAbsent(message.queue(), queue -> Collections.synchronizedList(new ArrayList<>()))
        .add(message.queueOffset());
    bodies.add(new String(message.body(), StandardCharsets.UTF_8));
  }

  private static void send(Producer producer, String topic, int from, int end) throws Exception {
    for (int i = from; i < end; i++) {
      producer.sendAndWait(Message.of(topic, ("m" + i).getBytes(StandardCharsets.UTF_8)));
    }
  }

  private long committed(String topic) {
    long sum = 0;
    for (TestBroker broker : cluster.brokers) {
      for (int queue = 0; queue < 4; queue++) {
        sum += Math.max(0, cluster.offset("G", new TopicQueue(topic, broker.name(), queue)));
      }
    }
    return sum;
  }

  @Test
  void everyMessageIsConsumedOnceAndInTheOrderOfItsQueue() throws Exception {
    Producer producer = producer();
    send(producer, "T", 0, 100);
    Consumer consumer = consumer().subscribe("T", "*", this::record).start();
    Await.until("the old ones are consumed", () -> bodies.size() == 100);
    send(producer, "T", 100, 150);
    Await.until("the new ones are consumed", () -> bodies.size() == 150);

    assertThat(new HashSet<>(bodies)).hasSize(150);
    assertThat(offsets).hasSize(4);
    offsets.values().forEach(list -> assertThat(list).isSorted());
    consumer.close();
    assertThat(committed("T")).isEqualTo(150);
    assertThat(cluster.members("G")).isZero();
  }

  @Test
  void aConsumerGoesOnWhereItsGroupWas() throws Exception {
    Producer producer = producer();
    send(producer, "T", 0, 20);
    try (Consumer first = consumer().subscribe("T", "*", this::record).start()) {
      Await.until("the first ones are consumed", () -> bodies.size() == 20);
      assertThat(first.assignedQueues()).hasSize(4);
    }
    send(producer, "T", 20, 40);
    open(consumer().subscribe("T", "*", this::record).start());
    Await.until("the others are consumed", () -> bodies.size() >= 40);

    assertThat(bodies).doesNotHaveDuplicates().hasSize(40);
  }

  @Test
  void aNewGroupStartsAtTheEndUnlessToldOtherwise() throws Exception {
    Producer producer = producer();
    send(producer, "T", 0, 20);
    Consumer consumer =
        open(
            Consumer.builder(cluster.nameServers(), "G").subscribe("T", "*", this::record).start());
    Await.until(
        "all queues are pulled",
        () ->
            consumer.assignedQueues().size() == 4
                && cluster.broker(0).received(RequestCode.PULL_MESSAGE) > 1
                && cluster.broker(1).received(RequestCode.PULL_MESSAGE) > 1);
    send(producer, "T", 20, 30);
    Await.until("the new ones are consumed", () -> bodies.size() >= 10);

    assertThat(bodies).hasSize(10).contains("m20").doesNotContain("m19");
  }

  @Test
  void onlyTheTagsAskedForArriveAndTheOffsetPassesTheOthers() throws Exception {
    Producer producer = producer();
    // "Aa" and "BB" have one hash: the broker lets both pass, the client doesn't.
    for (String tag : List.of("Aa", "BB", "C", "D")) {
      for (int i = 0; i < 10; i++) {
        producer.sendAndWait(
            Message.to("T").tag(tag).body(tag.getBytes(StandardCharsets.UTF_8)).build());
      }
    }
    producer.sendAndWait(Message.of("T", new byte[1]));
    Consumer consumer = consumer().subscribe("T", "Aa || C", this::record).start();
    Await.until("they are consumed", () -> bodies.size() >= 20);
    Await.until(
        "the rest is passed over",
        () ->
            cluster.brokers.stream()
                .allMatch(broker -> broker.received(RequestCode.PULL_MESSAGE) >= 4));
    consumer.close();

    assertThat(bodies).hasSize(20).containsOnly("Aa", "C");
    assertThat(committed("T")).isEqualTo(41);
  }

  @Test
  void aFailedMessageIsTriedAgainAndHoldsItsQueueMeanwhile() throws Exception {
    cluster.topic("one", 1);
    Producer producer = producer();
    send(producer, "one", 0, 6);
    AtomicInteger failures = new AtomicInteger();
    List<Long> tried = Collections.synchronizedList(new ArrayList<>());
    Consumer consumer =
        consumer()
            .subscribe(
                "one",
                "*",
                message -> {
                  if (message.queue().brokerName().equals("broker-0")) {
                    tried.add(message.queueOffset());
                    if (message.queueOffset() == 1 && failures.getAndIncrement() < 1) {
                      throw new IllegalStateException("not yet");
                    }
                  }
                  record(message);
                })
            .start();
    Await.until("all are consumed", () -> bodies.size() == 6);
    consumer.close();

    assertThat(tried).containsExactly(0L, 1L, 1L, 2L);
    assertThat(committed("one")).isEqualTo(6);
  }

  @Test
  void theOffsetDoesNotPassAMessageThatIsNotDone() throws Exception {
    cluster.topic("one", 1);
    Producer producer = producer();
    send(producer, "one", 0, 6);
    AtomicBoolean failing = new AtomicBoolean(true);
    Consumer consumer =
        consumer()
            .concurrencyPerQueue(2)
            .subscribe(
                "one",
                "*",
                message -> {
                  if (message.queueOffset() == 1 && failing.get()) {
                    throw new IllegalStateException("never");
                  }
                  record(message);
                })
            .start();
    Await.until("the others are consumed", () -> bodies.size() == 4);
    consumer.close();

    for (TestBroker broker : cluster.brokers) {
      assertThat(cluster.offset("G", new TopicQueue("one", broker.name(), 0))).isEqualTo(1);
    }
    failing.set(false);
    open(consumer().subscribe("one", "*", this::record).start());
    Await.until("they come again", () -> new HashSet<>(bodies).size() == 6);
  }

  @Test
  void membersShareTheQueuesAndTakeOverFromOneThatLeaves() throws Exception {
    Producer producer = producer();
    Consumer first = open(consumer().subscribe("T", "*", this::record).start());
    Await.until("the first has all queues", () -> first.assignedQueues().size() == 4);
    Consumer second = open(consumer().subscribe("T", "*", this::record).start());
    Consumer third = open(consumer().subscribe("T", "*", this::record).start());
    Await.until(
        "they share",
        () ->
            Stream.of(first, second, third)
                    .map(consumer -> consumer.assignedQueues().size())
                    .sorted()
                    .toList()
                    .equals(List.of(1, 1, 2))
                && allQueues(first, second, third) == 4);
    send(producer, "T", 0, 60);
    Await.until("all is consumed", () -> new HashSet<>(bodies).size() == 60);

    second.close();
    third.close();
    Await.until("the first has all again", () -> first.assignedQueues().size() == 4);
    send(producer, "T", 60, 100);
    Await.until("all is consumed", () -> new HashSet<>(bodies).size() == 100);
  }

  private static int allQueues(Consumer... consumers) {
    Set<TopicQueue> all = new HashSet<>();
    for (Consumer consumer : consumers) {
      all.addAll(consumer.assignedQueues());
    }
    return all.size();
  }

  @Test
  void brokersThatGoAndComeBackAreConsumedFromAgain() throws Exception {
    Producer producer = producer();
    Consumer consumer = open(consumer().subscribe("T", "*", this::record).start());
    send(producer, "T", 0, 20);
    Await.until("all is consumed", () -> bodies.size() == 20);

    cluster.brokers.forEach(TestBroker::dropConnections);
    Await.until("it is a member again", () -> cluster.members("G") == 1);
    send(producer, "T", 20, 40);
    Await.until("all is consumed", () -> new HashSet<>(bodies).size() == 40);

    cluster.broker(1).goAway();
    cluster.broker(1).comeBack();
    send(producer, "T", 40, 60);
    Await.until("all is consumed", () -> new HashSet<>(bodies).size() == 60);
    assertThat(consumer.assignedQueues()).hasSize(4);
    assertThat(bodies).doesNotHaveDuplicates();
  }

  @Test
  void anOffsetOutsideOfTheQueueIsCorrectedByTheBroker() throws Exception {
    cluster.topic("one", 1);
    Producer producer = producer();
    send(producer, "one", 0, 20);
    cluster.offsets.put("G" + new TopicQueue("one", "broker-0", 0), 0L);
    cluster.offsets.put("G" + new TopicQueue("one", "broker-1", 0), 500L);
    cluster.broker(0).trim("one", 0, 7);
    Consumer consumer = consumer().subscribe("one", "*", this::record).start();
    Await.until("the rest of the one is consumed", () -> bodies.size() == 3);
    send(producer, "one", 20, 22);
    Await.until("new ones of both are consumed", () -> bodies.size() == 5);
    consumer.close();

    assertThat(offsets.get(new TopicQueue("one", "broker-0", 0))).containsExactly(7L, 8L, 9L, 10L);
    assertThat(offsets.get(new TopicQueue("one", "broker-1", 0))).containsExactly(10L);
    assertThat(committed("one")).isEqualTo(22);
  }

  @Test
  void refusalsAreWaitedOut() throws Exception {
    Producer producer = producer();
    send(producer, "T", 0, 8);
    for (TestBroker broker : cluster.brokers) {
      broker.refuse(RequestCode.QUERY_CONSUMER_OFFSET, ResponseCode.SYSTEM_ERROR, 1);
      broker.refuse(RequestCode.PULL_MESSAGE, ResponseCode.SUBSCRIPTION_NOT_EXIST, 1);
      broker.refuse(RequestCode.GET_CONSUMER_LIST_BY_GROUP, ResponseCode.SYSTEM_ERROR, 1);
    }
    open(consumer().subscribe("T", "*", this::record).start());

    Await.until("all is consumed", () -> bodies.size() == 8);
  }

  @Test
  void aBrokerHearsOfTheGroupBeforeAnythingElse() throws Exception {
    Producer producer = producer();
    open(consumer().subscribe("T", "*", this::record).start());
    send(producer, "T", 0, 8);
    Await.until("all is consumed", () -> bodies.size() == 8);
    TestBroker broker = cluster.broker(1); // the other one is asked for routes, too

    for (int times = 0; times < 10; times++) {
      int before = broker.received(RequestCode.PULL_MESSAGE);
      broker.dropConnections();
      Await.until(
          "it has heard of the group, and is pulled from again",
          () ->
              broker.firstCodes().contains(RequestCode.HEART_BEAT)
                  && broker.received(RequestCode.PULL_MESSAGE) > before);
      assertThat(broker.firstCodes()).doesNotContain(RequestCode.PULL_MESSAGE);
    }
  }

  @Test
  void aBrokerThatDoesNotKnowTheGroupIsToldAndAskedAgainAtOnce() throws Exception {
    cluster.topic("one", 1);
    send(producer(), "one", 0, 2);
    Consumer consumer = open(consumer().subscribe("one", "*", this::record).start());
    TestBroker broker = cluster.broker(0);
    Await.until("it waits for more", () -> bodies.size() == 2 && broker.waiting() == 1);
    Producer producer = producer();
    send(producer, "one", 2, 4); // so that it is connected
    Await.until("it waits for more", () -> bodies.size() == 4 && broker.waiting() == 1);
    broker.refuse(RequestCode.PULL_MESSAGE, ResponseCode.SUBSCRIPTION_NOT_EXIST, 1);
    int beats = broker.received(RequestCode.HEART_BEAT);
    long beforeNanos = System.nanoTime();
    send(producer, "one", 4, 6); // ends the pull that waits; the next one is refused
    Await.until("it waits for more", () -> bodies.size() == 6 && broker.waiting() == 1);

    assertThat(System.nanoTime() - beforeNanos)
        .as("without the pause after a failure")
        .isLessThan(Duration.ofMillis(900).toNanos());
    assertThat(broker.received(RequestCode.HEART_BEAT)).isGreaterThan(beats);
    assertThat(consumer.assignedQueues()).hasSize(2);
  }

  @Test
  void aSlowListenerStopsThePulls() throws Exception {
    cluster.topic("one", 1);
    Producer producer = producer();
    send(producer, "one", 0, 200);
    CountDownLatch go = new CountDownLatch(1);
    open(
        consumer()
            .queueWindow(20, 1 << 20)
            .pullMessagesMax(10)
            .subscribe(
                "one",
                "*",
                message -> {
                  go.await();
                  record(message);
                })
            .start());
    Await.until(
        "the windows are full",
        () -> cluster.brokers.stream().allMatch(b -> b.received(RequestCode.PULL_MESSAGE) == 2));
    assertThat(bodies).isEmpty();
    go.countDown();
    Await.until("all is consumed", () -> bodies.size() == 200);

    offsets.values().forEach(list -> assertThat(list).isSorted().doesNotHaveDuplicates());
  }

  @Test
  void aTopicThatComesToExistLaterIsFound() throws Exception {
    open(consumer().subscribe("later", "*", this::record).start());
    Await.until(
        "the route was asked for",
        () -> cluster.broker(0).received(RequestCode.GET_ROUTEINFO_BY_TOPIC) > 0);
    send(producer(), "later", 0, 10);

    Await.until("all is consumed", () -> bodies.size() == 10);
  }

  @Test
  void closingInterruptsAListenerThatDoesNotEndAndItsMessageComesAgain() throws Exception {
    cluster.topic("one", 1);
    send(producer(), "one", 0, 2);
    CountDownLatch interrupted = new CountDownLatch(2);
    CountDownLatch running = new CountDownLatch(2);
    Consumer consumer =
        consumer()
            .closeTimeout(Duration.ofMillis(200))
            .subscribe(
                "one",
                "*",
                message -> {
                  running.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw e;
                  }
                })
            .start();
    running.await();
    consumer.close();
    interrupted.await();

    open(consumer().subscribe("one", "*", this::record).start());
    Await.until("they come again", () -> bodies.size() == 2);
  }

  @Test
  void mistakesAreToldAtOnce() throws Exception {
    assertThatThrownBy(() -> consumer().start()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> consumer().concurrencyPerQueue(0))
        .isInstanceOf(IllegalArgumentException.class);
    SampoClient client = open(SampoClient.builder(cluster.nameServers()).build());
    open(client.newConsumer("G").subscribe("T", "*", this::record).start());
    assertThatThrownBy(() -> client.newConsumer("G").subscribe("T", "*", this::record).start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("already");
  }

  @Test
  void aListenerThatClosesItsConsumerGetsAnErrorAndNoDeadlock() throws Exception {
    send(producer(), "T", 0, 1);
    List<Consumer> self = Collections.synchronizedList(new ArrayList<>());
    AtomicBoolean refused = new AtomicBoolean();
    CountDownLatch known = new CountDownLatch(1);
    Consumer consumer =
        open(
            consumer()
                .subscribe(
                    "T",
                    "*",
                    message -> {
                      known.await();
                      try {
                        self.get(0).close();
                      } catch (IllegalStateException e) {
                        refused.set(true);
                      }
                    })
                .start());
    self.add(consumer);
    known.countDown();

    Await.until("it was refused", refused::get);
  }
}
