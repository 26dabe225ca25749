package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.AckedHistory;
import io.sampo.multijvm.history.HistoryRecorder;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.ProducerSpec;
import java.time.Duration;

/**
 * One producer with several threads and one consumer that reads in order, from the first message of
 * a topic to the last: sends until a number of messages is acknowledged, waits until each of them
 * has come, and has the history judged. Between the two a test may do to the node what it likes.
 */
final class Flow {
  private static final int THREADS = 8;

  private Flow() {}

  /** What happens to the node while messages flow. */
  interface Trouble {
    /** Nothing happens. */
    Trouble NONE = (node, history) -> {};

    /** Called once, when the first messages have been sent; returns when the trouble is over. */
    void strike(NodeProcess node, HistoryRecorder history) throws Exception;
  }

  /**
   * Runs until this many messages are acknowledged and received.
   *
   * @param limit what the whole may take
   */
  static void run(
      NodeProcess node,
      ClientVersion version,
      int messages,
      AckedHistory.Promise promise,
      Duration limit,
      Trouble trouble)
      throws Exception {
    String topic = Names.fresh("Flow");
    String group = Names.fresh("flowing");
    HistoryRecorder history = new HistoryRecorder();
    boolean allCame;
    try (OfficialProducer producer =
            version
                .client()
                .startProducer(
                    ProducerSpec.of(node.nameServer(), group)
                        .with("sendMsgTimeout", "15000")); // on a busy machine
        Sender sender = Sender.start(producer, topic, history, messages, THREADS);
        OfficialConsumer consumer =
            version
                .client()
                .startConsumer(
                    ConsumerSpec.of(node.nameServer(), group, topic, group),
                    Sender.recording(group, history))) {
      trouble.strike(node, history);
      sender.awaitEnd(limit);
      allCame = Await.isTrueWithin(limit, () -> history.missingCount() == 0);
      assertThat(consumer.assignedQueues(topic)).containsExactlyInAnyOrder(0, 1, 2, 3);
      if (promise == AckedHistory.Promise.EXACTLY_ONCE) {
        assertThat(sender.firstFailure()).isNull();
      }
    }
    assertThat(history.violations(promise)) // when some never came, it says which
        .as(node.outputTail())
        .isEmpty();
    assertThat(allCame).isTrue();
  }
}
