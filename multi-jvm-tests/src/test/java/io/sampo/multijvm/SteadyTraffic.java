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

/**
 * A well-behaved client that sends and receives all the time, to notice what others do to the node.
 * One sends, one receives, one message after the other.
 */
final class SteadyTraffic implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final HistoryRecorder history = new HistoryRecorder();
  private final OfficialProducer producer;
  private final OfficialConsumer consumer;
  private final Sender sender;

  private SteadyTraffic(NodeProcess node, ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Steady");
    String group = Names.fresh("steady");
    producer = version.client().startProducer(ProducerSpec.of(node.nameServer(), group));
    sender = Sender.start(producer, topic, history);
    consumer =
        version
            .client()
            .startConsumer(
                ConsumerSpec.of(node.nameServer(), group, topic, group),
                Sender.recording(group, history));
  }

  /** Starts the traffic and returns when it flows. */
  static SteadyTraffic start(NodeProcess node, ClientVersion version) throws ClientFailed {
    SteadyTraffic traffic = new SteadyTraffic(node, version);
    traffic.assertUnharmed();
    return traffic;
  }

  /** Fails unless every send so far succeeded and new messages still come through. */
  void assertUnharmed() {
    int received = history.receivedCount();
    sender.awaitMore(20);
    Await.until("new messages received", LIMIT, () -> history.receivedCount() >= received + 20);
    assertThat(sender.firstFailure()).as("a send of the well-behaved client").isNull();
  }

  /** Stops sending and fails unless all came once and in order. */
  void assertNothingLost() throws InterruptedException {
    sender.stop();
    Await.until(
        () -> "all delivered; missing " + history.missingCount(),
        LIMIT,
        () -> history.missingCount() == 0);
    assertThat(history.violations(AckedHistory.Promise.EXACTLY_ONCE)).isEmpty();
  }

  @Override
  public void close() throws InterruptedException {
    sender.close();
    consumer.close();
    producer.close();
  }
}
