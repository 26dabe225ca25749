package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Delay;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.OfficialProducer.DelayedReceipt;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Messages that are delivered later. That none is early is seen by when the broker stored it in its
 * queue, which is by the same clock as the test's.
 */
class DelayedMessagesTest {
  private static final int ILLEGAL = 13;
  private static final int ILLEGAL_OPERATION = 604;

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node =
        NodeProcess.start(
            "delayed", NodeOptions.defaults().with("sampo.schedule.delay-levels", "1s 2s 1500s"));
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  private static OfficialProducer producer(ClientVersion version) throws ClientFailed {
    return version.client().startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("later")));
  }

  private static OfficialConsumer consumer(ClientVersion version, String topic, Inbox inbox)
      throws ClientFailed {
    String group = Names.fresh("waiting");
    return version
        .client()
        .startConsumer(ConsumerSpec.of(node.nameServer(), group, topic, group), inbox);
  }

  @ParameterizedTest
  @EnumSource
  void comeWhenTheirTimeHasComeAndNotBefore(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Later");
    Inbox inbox = new Inbox();
    Map<Long, Long> dueMs = new HashMap<>();
    try (OfficialProducer producer = producer(version);
        OfficialConsumer consumer = consumer(version, topic, inbox)) {
      producer.send(Outgoing.of(topic, Payload.of(0, 64)));
      long now = System.currentTimeMillis();
      List<Delay> delays =
          List.of(Delay.level(1), Delay.level(2), Delay.millis(1234), Delay.until(now + 1777));
      for (int i = 0; i < 40; i++) {
        Delay delay = delays.get(i % delays.size());
        long sentAt = System.currentTimeMillis();
        producer.sendDelayed(Outgoing.of(topic, Payload.of(1 + i, 64)).withTag("late"), delay);
        dueMs.put(
            1L + i,
            switch (delay.kind()) {
              case LEVEL -> sentAt + 1000 * delay.value();
              case DELAY_MS -> sentAt + delay.value();
              case DELIVER_MS -> delay.value();
            });
      }
      inbox.awaitCount(41);
    }
    assertThat(inbox.keys())
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 41).boxed().toList());
    for (Delivery delivery : inbox.deliveries()) {
      long key = Payload.key(delivery.body());
      if (key > 0) {
        assertThat(delivery.storedAt()).as("key %d", key).isGreaterThanOrEqualTo(dueMs.get(key));
        assertThat(delivery.topic()).isEqualTo(topic);
        assertThat(delivery.tags()).isEqualTo("late");
        assertThat(delivery.properties()).doesNotContainKeys("DELAY", "REAL_TOPIC");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void surviveThatTheNodeIsKilledAndComeOnce(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Survivors");
    Inbox inbox = new Inbox();
    long dueMs = System.currentTimeMillis() + 4000;
    try (OfficialProducer producer = producer(version)) {
      for (int i = 0; i < 300; i++) {
        // A third is due around the time of the kill, a third while the node is down or soon after.
        Delay delay = i % 3 == 0 ? Delay.level(1) : Delay.until(dueMs + i);
        producer.sendDelayed(Outgoing.of(topic, Payload.of(i, 64)), delay);
      }
    }
    node.kill();
    node.start();
    try (OfficialConsumer consumer = consumer(version, topic, inbox);
        OfficialProducer producer = producer(version)) {
      inbox.awaitCount(300);
      // Behind it nothing of the others can come any more.
      DelayedReceipt last =
          producer.sendDelayed(Outgoing.of(topic, Payload.of(300, 64)), Delay.level(2));
      assertThat(last.receipt().status()).isEqualTo("SEND_OK");
      inbox.awaitCount(301);
    }
    assertThat(inbox.keys())
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(0, 300).boxed().toList());
    for (Delivery delivery : inbox.deliveries()) {
      long key = Payload.key(delivery.body());
      if (key < 300 && key % 3 != 0) {
        assertThat(delivery.storedAt()).as("key %d", key).isGreaterThanOrEqualTo(dueMs + key);
      }
    }
  }

  @Test
  void areRecalledWithTheHandleOfTheSend() throws ClientFailed {
    String topic = Names.fresh("Recalled");
    Inbox inbox = new Inbox();
    try (OfficialProducer producer = producer(ClientVersion.V5);
        OfficialConsumer consumer = consumer(ClientVersion.V5, topic, inbox)) {
      producer.send(Outgoing.of(topic, Payload.of(0, 64)));
      DelayedReceipt recalled =
          producer.sendDelayed(Outgoing.of(topic, Payload.of(1, 64)), Delay.millis(2500));
      producer.sendDelayed(Outgoing.of(topic, Payload.of(2, 64)), Delay.millis(3000));
      assertThat(recalled.recallHandle()).isNotEmpty();

      assertThat(producer.recall(topic, recalled.recallHandle()))
          .isEqualTo(recalled.receipt().msgId());
      assertThatThrownBy(() -> producer.recall(topic, recalled.recallHandle()))
          .isInstanceOfSatisfying(
              ClientFailed.class, failed -> assertThat(failed.code()).isEqualTo(ILLEGAL_OPERATION));
      inbox.awaitCount(2);
    }
    assertThat(inbox.keys()).containsExactly(0L, 2L);
  }

  @ParameterizedTest
  @EnumSource
  void areRefusedBeyondAYear(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("TooLate");
    try (OfficialProducer producer = producer(version)) {
      Outgoing message = Outgoing.of(topic, Payload.of(0, 64));
      long year = Duration.ofDays(365).toMillis();
      assertThat(producer.sendDelayed(message, Delay.millis(year - 60_000)).receipt().status())
          .isEqualTo("SEND_OK");
      assertThatThrownBy(() -> producer.sendDelayed(message, Delay.millis(year + 60_000)))
          .isInstanceOfSatisfying(
              ClientFailed.class, failed -> assertThat(failed.code()).isEqualTo(ILLEGAL));
    }
  }
}
