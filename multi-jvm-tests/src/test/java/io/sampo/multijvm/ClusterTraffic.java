package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.TestCluster;
import io.sampo.multijvm.history.AckedHistory.Promise;
import io.sampo.multijvm.history.HistoryRecorder;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.history.Place;
import io.sampo.multijvm.history.Sent.Outcome;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Steady sends to a topic on all log groups of a cluster, and a group that consumes them, recorded
 * from the first to the last. The clients know every node, send in no particular order and try
 * again as they do by default: what an application with a cluster does.
 */
final class ClusterTraffic implements AutoCloseable {
  private static final int BODY_BYTES = 512;
  private static final int SENDERS = 4;
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final ClientVersion version;
  private final TestCluster cluster;
  private final String topic = Names.fresh("Clustered");
  private final String group = Names.fresh("clustered");
  private final HistoryRecorder history = new HistoryRecorder(true);
  private final AtomicReference<@Nullable ClientFailed> failure = new AtomicReference<>();
  private final OfficialProducer producer;
  private final OfficialConsumer consumer;
  private final Deque<SendLoop> loops = new ArrayDeque<>();

  /**
   * Starts it; the first message has been acknowledged when this returns.
   *
   * @param perSecond how many messages are sent in a second, at most
   */
  static ClusterTraffic start(TestCluster cluster, ClientVersion version, int perSecond)
      throws ClientFailed {
    ClusterTraffic traffic = new ClusterTraffic(cluster, version);
    Duration pause = Duration.ofSeconds(SENDERS).dividedBy(perSecond);
    for (int i = 0; i < SENDERS; i++) {
      traffic.loops.add(
          SendLoop.start(traffic.topic + "-" + i, pause, () -> traffic.sendOne(traffic.producer)));
    }
    traffic.awaitMore(1);
    return traffic;
  }

  private ClusterTraffic(TestCluster cluster, ClientVersion version) throws ClientFailed {
    this.version = version;
    this.cluster = cluster;
    producer = version.client().startProducer(ProducerSpec.of(cluster.nameServers(), group));
    producer.createTopic(topic, AllFeaturesProducers.QUEUES);
    consumer =
        version
            .client()
            .startConsumer(
                ConsumerSpec.of(cluster.nameServers(), group, topic, Names.fresh("c")), this::take);
  }

  private void take(Delivery delivery) {
    history.received(
        group,
        Payload.key(delivery.body()),
        new Place(delivery.broker(), delivery.queueId(), delivery.queueOffset()));
  }

  private void sendOne(OfficialProducer by) throws ClientFailed {
    long key = history.newKey();
    long started = System.nanoTime();
    try {
      Receipt receipt = by.send(Outgoing.of(topic, Payload.of(key, BODY_BYTES)));
      history.acknowledged(
          key, new Place(receipt.broker(), receipt.queueId(), receipt.queueOffset()), started);
    } catch (ClientFailed e) {
      failure.compareAndSet(null, e);
      history.unknown(key, started);
      throw e;
    }
  }

  /** Sends so many messages by a client that knows this node alone. */
  void sendThrough(int node, int messages) throws ClientFailed {
    String nameServer = cluster.node(node).nameServer();
    try (OfficialProducer through =
        version.client().startProducer(ProducerSpec.of(nameServer, Names.fresh("through")))) {
      for (int i = 0; i < messages; i++) {
        sendOne(through);
      }
    }
  }

  /** Waits until so many more messages are acknowledged than now. */
  void awaitMore(int messages) {
    int goal = history.acknowledgedCount() + messages;
    Await.until(
        () -> goal + " acknowledged; there are " + seen(),
        LIMIT,
        () -> history.acknowledgedCount() >= goal);
  }

  /** Waits until so many more messages are delivered than now. */
  void awaitMoreDelivered(int messages) {
    int goal = history.receivedCount() + messages;
    Await.until(
        () -> goal + " delivered; there are " + seen(),
        LIMIT,
        () -> history.receivedCount() >= goal);
  }

  private String seen() {
    return version
        + ": "
        + history.acknowledgedCount()
        + " acknowledged, "
        + history.receivedCount()
        + " delivered, "
        + history.missingCount()
        + " missing, first failure "
        + failure.get()
        + "; "
        + cluster.outputTails();
  }

  ClientVersion version() {
    return version;
  }

  String topic() {
    return topic;
  }

  String group() {
    return group;
  }

  /** Of how many log groups acknowledgements came. */
  int logGroups() {
    return history.brokerCount();
  }

  /** How many sends were acknowledged. */
  long acknowledgedCount() {
    return history.acknowledgedCount();
  }

  /** How many sends the client gave up. */
  long failedCount() {
    return history.count(Outcome.UNKNOWN);
  }

  /** The first failed send, for a failure's message. */
  @Nullable ClientFailed firstFailure() {
    return failure.get();
  }

  /** The longest time without an acknowledged send so far. */
  Duration longestSilence() {
    return history.longestSilence();
  }

  /** The longest time for which a log group acknowledged nothing so far. */
  Duration longestSilenceOfALogGroup() {
    return history.longestSilenceOfABroker();
  }

  /** Ends the sends, waits until everything came that was acknowledged, and judges it all. */
  void finish() throws InterruptedException {
    stop();
    boolean allCame = Await.isTrueWithin(LIMIT, () -> history.missingCount() == 0);
    assertThat(history.violations(Promise.AT_LEAST_ONCE)).as(seen()).isEmpty();
    assertThat(allCame).isTrue();
  }

  private void stop() throws InterruptedException {
    while (!loops.isEmpty()) {
      loops.removeFirst().stop();
    }
  }

  @Override
  public void close() throws InterruptedException {
    try {
      stop();
    } finally {
      consumer.close();
      producer.close();
    }
  }
}
