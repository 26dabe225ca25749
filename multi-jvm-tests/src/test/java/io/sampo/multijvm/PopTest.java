package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.raw.Pops;
import io.sampo.multijvm.raw.Pops.PoppedMessage;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawResponse;
import io.sampo.multijvm.raw.Requests;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Popping, seen on the wire: handles that are good, old or made up, time, order, and crashes. */
class PopTest {
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration NOT_YET = Duration.ofMillis(300);
  private static final int LONG = 3_600_000;
  private static final int SHORT = 1_000;

  private final String topic = Names.fresh("Popped");
  private final String group = Names.fresh("poppers");
  private NodeProcess node = NodeProcess.start("pop");
  private RawConnection client = RawConnection.open(node.brokerPort());

  @BeforeEach
  void makeTopic() {
    send(1); // offset 0 of queue 0
  }

  @AfterEach
  void end() {
    client.close();
    node.close();
  }

  @Test
  void onlyTheHandleOfTheLastDeliveryCounts() {
    PoppedMessage first = popOne(SHORT, ANSWER);
    assertThat(first.reconsumeTimes()).isZero();
    PoppedMessage second = popOne(LONG, ANSWER); // waits until the first is visible again
    assertThat(second.offset()).isEqualTo(first.offset());
    assertThat(second.reconsumeTimes()).isEqualTo(1);
    String popTime = Long.toString(second.popTime());

    for (String wrong :
        List.of(
            first.handle(),
            second.handle().replace(popTime, Long.toString(second.popTime() + 1)),
            second.handle().substring(0, second.handle().length() - 1) + "7")) {
      Map<String, String> forged = Pops.delivery(group, topic, second);
      forged.put("extraInfo", wrong);
      assertThat(client.call(Pops.ACK_MESSAGE, forged).code()).as(wrong).isEqualTo(Pops.NO_MESSAGE);
      forged.put("invisibleTime", "0");
      assertThat(client.call(Pops.CHANGE_INVISIBLE, forged).code()).isEqualTo(Pops.NO_MESSAGE);
    }
    for (String wrong : List.of("", "x", "1 2 3", second.handle().replace(" ", "  "))) {
      Map<String, String> forged = Pops.delivery(group, topic, second);
      forged.put("extraInfo", wrong);
      assertThat(client.call(Pops.ACK_MESSAGE, forged).code())
          .isEqualTo(Requests.INVALID_PARAMETER);
    }
    assertThat(committed()).isZero();
    assertThat(pop(0, LONG, 0).code()).isEqualTo(Pops.POLLING_TIMEOUT);

    assertThat(ack(second)).isEqualTo(Requests.SUCCESS);
    assertThat(ack(second)).isEqualTo(Pops.NO_MESSAGE);
    awaitCommitted(1);
  }

  @Test
  void aPopWaitsForAMessage() {
    assertThat(ack(popOne(LONG, ANSWER))).isEqualTo(Requests.SUCCESS);
    client.send(Pops.POP_MESSAGE, Pops.pop(group, topic, -1, 32, LONG, 15_000), new byte[0]);
    assertThat(client.read(NOT_YET)).isEmpty();

    try (RawConnection producer = RawConnection.open(node.brokerPort())) {
      producer.call(Requests.SEND_MESSAGE_V2, Requests.send(topic, 2, ""), new byte[10]);
    }

    assertThat(Pops.messages(client.read(ANSWER).orElseThrow()))
        .singleElement()
        .returns(2, PoppedMessage::queueId);
    RawResponse nothing = pop(-1, LONG, 100);
    assertThat(nothing.code()).isEqualTo(Pops.POLLING_TIMEOUT);
    assertThat(nothing.fields()).containsKeys("popTime", "invisibleTime", "reviveQid", "restNum");
  }

  @Test
  void anotherInvisibleTimeHasAnotherHandle() {
    PoppedMessage popped = popOne(LONG, ANSWER);
    Map<String, String> change = Pops.delivery(group, topic, popped);
    change.put("invisibleTime", Integer.toString(SHORT));

    RawResponse changed = client.call(Pops.CHANGE_INVISIBLE, change);

    assertThat(changed.code()).isEqualTo(Requests.SUCCESS);
    assertThat(changed.number("popTime")).isGreaterThan(popped.popTime());
    assertThat(changed.number("invisibleTime")).isEqualTo(SHORT);
    assertThat(ack(popped)).isEqualTo(Pops.NO_MESSAGE);
    assertThat(popOne(LONG, ANSWER).offset()).isEqualTo(popped.offset());
  }

  @Test
  void severalAreAcknowledgedAtOnce() {
    send(3);
    List<PoppedMessage> popped = Pops.messages(pop(0, LONG, 1_000));
    assertThat(popped).extracting(PoppedMessage::offset).containsExactly(0L, 1L, 2L, 3L);
    BitSet bits = new BitSet();
    bits.set(0);
    bits.set(1);
    bits.set(3);

    assertThat(batchAck(popped.get(0), bits)).isEqualTo(Requests.SUCCESS);

    awaitCommitted(2);
    assertThat(batchAck(popped.get(0), bits)).isEqualTo(Pops.NO_MESSAGE);
    assertThat(ack(popped.get(2))).isEqualTo(Requests.SUCCESS);
    awaitCommitted(4);
  }

  @Test
  void whatFailsMoreOftenThanItMayBecomesADeadLetter() {
    String config =
        "{\"groupName\":\"%s\",\"consumeEnable\":true,\"retryQueueNums\":1,\"retryMaxTimes\":1}"
            .formatted(group);
    assertThat(
            client
                .call(Pops.UPDATE_GROUP, Map.of(), config.getBytes(StandardCharsets.UTF_8))
                .code())
        .isEqualTo(Requests.SUCCESS);
    assertThat(popOne(SHORT, ANSWER).reconsumeTimes()).isZero();
    assertThat(popOne(SHORT, ANSWER).reconsumeTimes()).isEqualTo(1);

    assertThat(pop(0, LONG, 5_000).code()).isEqualTo(Pops.POLLING_TIMEOUT);

    awaitCommitted(1);
    Map<String, String> letters = Requests.groupQueue(group, "%DLQ%" + group, 0);
    assertThat(client.call(Requests.GET_MAX_OFFSET, letters).number("offset")).isEqualTo(1);
  }

  @Test
  void anOrderedQueueHasOneReceiverAtATime() {
    send(2);
    Map<String, String> inOrder = Pops.pop(group, topic, 0, 1, LONG, 0);
    inOrder.put("order", "true");
    inOrder.put("attemptId", "first");
    RawResponse answer = client.call(Pops.POP_MESSAGE, inOrder);
    assertThat(answer.number("reviveQid")).isEqualTo(999);
    RawResponse repeated = client.call(Pops.POP_MESSAGE, inOrder);
    assertThat(Pops.messages(repeated))
        .extracting(PoppedMessage::offset)
        .as("the same attempt")
        .containsExactly(0L);
    inOrder.put("attemptId", "second");
    assertThat(client.call(Pops.POP_MESSAGE, inOrder).code()).isEqualTo(Pops.POLLING_TIMEOUT);

    assertThat(ack(Pops.messages(repeated).get(0))).isEqualTo(Requests.SUCCESS);

    assertThat(Pops.messages(client.call(Pops.POP_MESSAGE, inOrder)))
        .extracting(PoppedMessage::offset)
        .containsExactly(1L);
  }

  @Test
  void aNotificationTakesNothing() {
    Map<String, String> fields = Requests.groupQueue(group, topic, -1);
    fields.put("pollTime", "0");
    fields.put("bornTime", "0");
    assertThat(client.call(Pops.NOTIFICATION, fields).fields()).containsEntry("hasMsg", "true");
    popOne(LONG, ANSWER);
    assertThat(client.call(Pops.NOTIFICATION, fields).fields()).containsEntry("hasMsg", "false");
  }

  @Test
  void badRequestsAreRefused() {
    assertThat(client.call(Pops.POP_MESSAGE, Pops.pop(group, topic, 0, 33, LONG, 0)).code())
        .isEqualTo(Requests.INVALID_PARAMETER);
    assertThat(pop(0, -1, 0).code()).isEqualTo(Requests.INVALID_PARAMETER);
    assertThat(pop(99, LONG, 0).code()).isEqualTo(Requests.INVALID_PARAMETER);
    assertThat(
            client.call(Pops.POP_MESSAGE, Pops.pop(group, topic + "-none", 0, 1, LONG, 0)).code())
        .isEqualTo(Requests.TOPIC_NOT_EXIST);
    for (int code : new int[] {Pops.BATCH_ACK_MESSAGE, Pops.SET_MESSAGE_REQUEST_MODE, 400}) {
      assertThat(client.call(code, Map.of(), new byte[] {'{', '}'}).code())
          .isIn(Requests.SUCCESS, Requests.SYSTEM_ERROR);
    }
    assertThat(
            client
                .call(
                    Pops.SET_MESSAGE_REQUEST_MODE, Map.of(), Pops.popMode(group, "%RETRY%" + group))
                .code())
        .isEqualTo(16);
  }

  @Test
  void aCrashForgetsNeitherPopsNorAcknowledgements() {
    send(9);
    List<PoppedMessage> popped = Pops.messages(pop(0, LONG, 1_000));
    assertThat(popped).hasSize(10);
    assertThat(ack(popped.get(3))).isEqualTo(Requests.SUCCESS);
    assertThat(ack(popped.get(0))).isEqualTo(Requests.SUCCESS);

    client.close();
    node.kill();
    node.start();
    client = RawConnection.open(node.brokerPort());

    assertThat(ack(popped.get(3))).as("already acknowledged").isEqualTo(Pops.NO_MESSAGE);
    assertThat(pop(0, LONG, 0).code()).as("still invisible").isEqualTo(Pops.POLLING_TIMEOUT);
    assertThat(ack(popped.get(1))).as("a handle from before").isEqualTo(Requests.SUCCESS);
    awaitCommitted(2);
    TreeSet<Long> again = new TreeSet<>();
    for (PoppedMessage message : popped) {
      Map<String, String> change = Pops.delivery(group, topic, message);
      change.put("invisibleTime", "0");
      client.call(Pops.CHANGE_INVISIBLE, change);
    }
    List<PoppedMessage> second = Pops.messages(pop(0, LONG, 1_000));
    second.forEach(message -> again.add(message.offset()));
    assertThat(again).containsExactly(2L, 4L, 5L, 6L, 7L, 8L, 9L);
  }

  private void send(int count) {
    for (int i = 0; i < count; i++) {
      RawResponse answer =
          client.call(Requests.SEND_MESSAGE_V2, Requests.send(topic, 0, ""), new byte[10]);
      assertThat(answer.code()).isEqualTo(Requests.SUCCESS);
    }
  }

  private RawResponse pop(int queueId, long invisibleMs, long pollMs) {
    return client.call(Pops.POP_MESSAGE, Pops.pop(group, topic, queueId, 32, invisibleMs, pollMs));
  }

  private PoppedMessage popOne(long invisibleMs, Duration limit) {
    client.send(Pops.POP_MESSAGE, Pops.pop(group, topic, 0, 1, invisibleMs, 15_000), new byte[0]);
    List<PoppedMessage> messages = new ArrayList<>();
    client.read(limit).ifPresent(answer -> messages.addAll(Pops.messages(answer)));
    assertThat(messages).hasSize(1);
    return messages.get(0);
  }

  private int ack(PoppedMessage message) {
    return client.call(Pops.ACK_MESSAGE, Pops.delivery(group, topic, message)).code();
  }

  private int batchAck(PoppedMessage first, BitSet bits) {
    String body =
        "{\"brokerName\":\"broker-0\",\"acks\":[{\"c\":\"%s\",\"t\":\"%s\",\"r\":\"0\",\"so\":%d,\"q\":%d,\"rq\":0,\"pt\":%s,\"it\":60000,\"b\":\"%s\"}]}"
            .formatted(
                group,
                topic,
                first.offset(),
                first.queueId(),
                first.popTime(),
                Base64.getEncoder().encodeToString(bits.toByteArray()));
    return client
        .call(Pops.BATCH_ACK_MESSAGE, Map.of(), body.getBytes(StandardCharsets.UTF_8))
        .code();
  }

  private long committed() {
    RawResponse answer =
        client.call(Requests.QUERY_CONSUMER_OFFSET, Requests.groupQueue(group, topic, 0));
    assertThat(answer.code()).isEqualTo(Requests.SUCCESS);
    return answer.number("offset");
  }

  private void awaitCommitted(long offset) {
    Await.until("the group is at " + offset, ANSWER, () -> committed() == offset);
  }
}
