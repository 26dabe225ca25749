package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawResponse;
import io.sampo.multijvm.raw.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** That a pull with nothing to read waits at the node, and how it ends, seen on the wire. */
class LongPollTest {
  private static final byte[] BODY = new byte[100];
  private static final Duration NOT_YET = Duration.ofMillis(300);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start("long-poll");
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @Test
  void aPullWaitsUntilAMessageComesAndIsThenAnsweredWithinATenthOfASecond() {
    String topic = Names.fresh("Parked");
    List<Long> millis = new ArrayList<>();
    try (RawConnection producer = RawConnection.open(node.brokerPort());
        RawConnection consumer = RawConnection.open(node.brokerPort())) {
      long offset = send(producer, topic, 0) + 1;
      for (int i = 0; i < 8; i++, offset++) {
        pull(consumer, topic, offset, 15_000);
        assertThat(consumer.read(NOT_YET)).as("an answer before there is a message").isEmpty();
        long started = System.nanoTime();
        assertThat(send(producer, topic, 0)).isEqualTo(offset);
        RawResponse answer = consumer.read(ANSWER).orElseThrow();
        millis.add((System.nanoTime() - started) / 1_000_000);
        assertThat(answer.code()).isEqualTo(Requests.SUCCESS);
        assertThat(answer.number("nextBeginOffset")).isEqualTo(offset + 1);
        assertThat(answer.body()).hasSizeGreaterThan(BODY.length);
      }
    }
    millis.sort(null);
    assertThat(millis.get(millis.size() / 2)).as("of %s ms", millis).isLessThan(100);
  }

  @Test
  void aMessageInAnotherQueueDoesNotWakeAPull() {
    String topic = Names.fresh("Asleep");
    try (RawConnection producer = RawConnection.open(node.brokerPort());
        RawConnection consumer = RawConnection.open(node.brokerPort())) {
      long offset = send(producer, topic, 0) + 1;
      pull(consumer, topic, offset, 15_000);
      send(producer, topic, 1);
      assertThat(consumer.read(NOT_YET)).isEmpty();
      send(producer, topic, 0);
      assertThat(consumer.read(ANSWER).orElseThrow().code()).isEqualTo(Requests.SUCCESS);
    }
  }

  @Test
  void aPullThatMayNotWaitIsAnsweredAtOnceWithNothing() {
    String topic = Names.fresh("Hurried");
    try (RawConnection producer = RawConnection.open(node.brokerPort())) {
      long offset = send(producer, topic, 0) + 1;
      RawResponse answer =
          producer.call(Requests.PULL_MESSAGE, Requests.pull("raw-consumer", topic, 0, offset, 0));
      assertThat(answer.code()).isEqualTo(Requests.PULL_NOT_FOUND);
      assertThat(answer.number("nextBeginOffset")).isEqualTo(offset);
      assertThat(answer.number("minOffset")).isZero();
      assertThat(answer.number("maxOffset")).isEqualTo(offset);
    }
  }

  @Test
  void aPullWhoseWaitEndsIsAnsweredWithNothing() {
    String topic = Names.fresh("Patient");
    try (RawConnection producer = RawConnection.open(node.brokerPort());
        RawConnection consumer = RawConnection.open(node.brokerPort())) {
      long offset = send(producer, topic, 0) + 1;
      long started = System.nanoTime();
      pull(consumer, topic, offset, 1_000);
      RawResponse answer = consumer.read(ANSWER).orElseThrow();
      assertThat(answer.code()).isEqualTo(Requests.PULL_NOT_FOUND);
      assertThat(answer.number("nextBeginOffset")).isEqualTo(offset);
      assertThat(System.nanoTime() - started).isGreaterThan(Duration.ofMillis(900).toNanos());
    }
  }

  private static long send(RawConnection producer, String topic, int queue) {
    RawResponse answer =
        producer.call(Requests.SEND_MESSAGE_V2, Requests.send(topic, queue, ""), BODY);
    assertThat(answer.code()).as(answer.remark()).isEqualTo(Requests.SUCCESS);
    return answer.number("queueOffset");
  }

  private static void pull(RawConnection consumer, String topic, long offset, long suspendMillis) {
    consumer.send(
        Requests.PULL_MESSAGE,
        Requests.pull("raw-consumer", topic, 0, offset, suspendMillis),
        new byte[0]);
  }
}
