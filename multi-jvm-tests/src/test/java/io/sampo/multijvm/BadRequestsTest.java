package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawFrame;
import io.sampo.multijvm.raw.RawResponse;
import io.sampo.multijvm.raw.Requests;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Well-formed frames that ask for what can't be had: each is answered with its code, on a
 * connection that goes on working.
 */
class BadRequestsTest extends HostileTest {
  private static final int BODY_MAX = 4 * 1024 * 1024;
  private static final int PROPERTIES_MAX = 32_767;
  private static final byte[] BODY = {1, 2, 3};

  /** Codes by which a client knows that the same send can never succeed. */
  private static final Set<Integer> NEVER =
      Set.of(Requests.SYSTEM_ERROR, Requests.MESSAGE_ILLEGAL, Requests.INVALID_PARAMETER);

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 9_999, 65_535, Integer.MAX_VALUE, -1})
  void anUnknownRequestCodeIsAnsweredAsNotSupported(int code) {
    for (int port : new int[] {node().brokerPort(), node().nameServerPort()}) {
      try (RawConnection connection = RawConnection.open(port)) {
        RawResponse answer = connection.call(code, Map.of("any", "thing"), BODY);
        assertThat(answer.code()).isEqualTo(Requests.REQUEST_CODE_NOT_SUPPORTED);
        assertThat(answer.flag() & 1).as("marked as a response").isOne();
        assertStillAnswers(connection);
      }
    }
  }

  @Test
  void anUnknownOneWayRequestIsNotAnswered() {
    try (RawConnection connection = RawConnection.open(node().brokerPort())) {
      connection.write(RawFrame.request(9_999, 77, 2, Map.of(), BODY));
      assertStillAnswers(connection); // and what is answered is the next request
    }
  }

  @Test
  void anAnswerThatNobodyAskedForIsIgnored() {
    try (RawConnection connection = RawConnection.open(node().brokerPort())) {
      connection.write(RawFrame.request(0, 123_456, 1, Map.of(), BODY));
      assertStillAnswers(connection);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "with space", "slash/es", "Ünïcode", "$sampo/journal/catalog", "a:b"})
  void anIllegalTopicNameIsRefused(String topic) {
    assertSendRefused(Requests.send(topic, 0, ""), BODY, NEVER);
  }

  @Test
  void aTopicNameThatIsTooLongIsRefused() {
    assertSendRefused(Requests.send("t".repeat(128), 0, ""), BODY, NEVER);
    assertSendRefused(Requests.send("t".repeat(100_000), 0, ""), BODY, NEVER);
  }

  @Test
  void aBodyOfTheGreatestSizeIsTakenAndOneByteMoreRefused() {
    String topic = Names.fresh("Sized");
    try (RawConnection connection = RawConnection.open(node().brokerPort())) {
      RawResponse taken =
          connection.call(
              Requests.SEND_MESSAGE_V2, Requests.send(topic, 0, ""), new byte[BODY_MAX]);
      assertThat(taken.code()).as(taken.remark()).isEqualTo(Requests.SUCCESS);
    }
    assertSendRefused(
        Requests.send(topic, 0, ""), new byte[BODY_MAX + 1], Set.of(Requests.MESSAGE_ILLEGAL));
  }

  @Test
  void propertiesThatNoRecordCanHoldAreRefused() {
    String topic = Names.fresh("Propertied");
    String tooLong = "k\u0001" + "v".repeat(PROPERTIES_MAX - 2);
    assertSendRefused(
        Requests.send(topic, 0, tooLong + "v"), BODY, Set.of(Requests.MESSAGE_ILLEGAL));
  }

  @Test
  void aSendThatLeavesOutWhatItNeedsIsRefused() {
    for (String field : new String[] {"b", "e", "f"}) {
      Map<String, String> fields = Requests.send(Names.fresh("Partial"), 0, "");
      fields.remove(field);
      assertSendRefused(fields, BODY, NEVER);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "99999999999999999999", "1.5"})
  void aNumberThatIsNoneIsRefused(String number) {
    Map<String, String> fields = Requests.send(Names.fresh("Unnumbered"), 0, "");
    fields.put("e", number);
    assertSendRefused(fields, BODY, NEVER);
  }

  @Test
  void aBatchThatIsNoneIsRefusedWhole() {
    String topic = Names.fresh("Unbatched");
    Map<String, String> fields = Requests.send(topic, 0, "");
    fields.put("m", "true");
    for (byte[] garbage :
        new byte[][] {
          {1}, {0, 0, 0, 100, 0, 0, 0, 0}, {-1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0}
        }) {
      try (RawConnection connection = RawConnection.open(node().brokerPort())) {
        RawResponse answer = connection.call(Requests.SEND_BATCH_MESSAGE, fields, garbage);
        assertThat(answer.code()).as(answer.remark()).isIn(NEVER);
        assertStillAnswers(connection);
      }
    }
  }

  @Test
  void aSendToAQueueThatIsNotThereIsRefusedOrGoesToOneThatIs() {
    String topic = Names.fresh("Queued");
    try (RawConnection connection = RawConnection.open(node().brokerPort())) {
      assertThat(sendCode(connection, topic, 0)).isEqualTo(Requests.SUCCESS);
      for (int queue : new int[] {4, 1_000, Integer.MAX_VALUE}) {
        RawResponse answer =
            connection.call(Requests.SEND_MESSAGE_V2, Requests.send(topic, queue, ""), BODY);
        if (answer.code() == Requests.SUCCESS) {
          assertThat(answer.number("queueId")).isBetween(0L, 3L);
        } else {
          assertThat(answer.code()).isIn(NEVER);
        }
      }
    }
  }

  @Test
  void aPullFromAQueueThatIsNotThereIsRefused() {
    String topic = Names.fresh("Unqueued");
    try (RawConnection connection = RawConnection.open(node().brokerPort())) {
      assertThat(sendCode(connection, topic, 0)).isEqualTo(Requests.SUCCESS);
      for (int queue : new int[] {4, Integer.MAX_VALUE, -1}) {
        assertThat(pull(connection, topic, queue, 0).code())
            .isIn(Requests.SYSTEM_ERROR, Requests.INVALID_PARAMETER);
      }
    }
  }

  @Test
  void aPullFromATopicThatIsNotThereIsAnsweredSo() {
    try (RawConnection connection = RawConnection.open(node().brokerPort())) {
      for (String topic : new String[] {Names.fresh("Nobody"), "$sampo/journal/catalog"}) {
        assertThat(pull(connection, topic, 0, 0).code()).isEqualTo(Requests.TOPIC_NOT_EXIST);
      }
    }
  }

  @Test
  void aPullBelowOrBeyondTheLogIsToldWhereItIs() {
    String topic = Names.fresh("Bounded");
    try (RawConnection connection = RawConnection.open(node().brokerPort())) {
      for (int i = 0; i < 3; i++) {
        assertThat(sendCode(connection, topic, 0)).isEqualTo(Requests.SUCCESS);
      }
      for (long beyond : new long[] {4, 1_000_000, Long.MAX_VALUE}) {
        RawResponse answer = pull(connection, topic, 0, beyond);
        assertThat(answer.code()).isEqualTo(Requests.PULL_OFFSET_MOVED);
        assertThat(answer.number("nextBeginOffset")).isEqualTo(3);
        assertThat(answer.number("minOffset")).isZero();
        assertThat(answer.number("maxOffset")).isEqualTo(3);
      }
      RawResponse below = pull(connection, topic, 0, -1);
      assertThat(below.code()).isEqualTo(Requests.PULL_OFFSET_MOVED);
      assertThat(below.number("nextBeginOffset")).isZero();
      RawResponse inAnEmptyQueue = pull(connection, topic, 1, 5);
      assertThat(inAnEmptyQueue.code()).isEqualTo(Requests.PULL_OFFSET_MOVED);
      assertThat(inAnEmptyQueue.number("nextBeginOffset")).isZero();
    }
  }

  private void assertSendRefused(Map<String, String> fields, byte[] body, Set<Integer> codes) {
    try (RawConnection connection = RawConnection.open(node().brokerPort())) {
      RawResponse answer = connection.call(Requests.SEND_MESSAGE_V2, fields, body);
      assertThat(answer.code()).as(answer.remark()).isIn(codes);
      assertThat(answer.remark()).as("a reason for the sender").isNotBlank();
      assertStillAnswers(connection);
    }
  }

  private static void assertStillAnswers(RawConnection connection) {
    assertThat(connection.call(Requests.GET_ROUTE, Map.of("topic", "TBW102")).flag() & 1).isOne();
    assertThat(connection.read(Duration.ofMillis(50))).as("answers to nothing").isEmpty();
  }

  private static int sendCode(RawConnection connection, String topic, int queue) {
    return connection.call(Requests.SEND_MESSAGE_V2, Requests.send(topic, queue, ""), BODY).code();
  }

  private static RawResponse pull(RawConnection connection, String topic, int queue, long offset) {
    return connection.call(
        Requests.PULL_MESSAGE, Requests.pull("raw-consumer", topic, queue, offset, 0));
  }
}
