package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.raw.GroupRequests;
import io.sampo.multijvm.raw.Pops;
import io.sampo.multijvm.raw.Pops.PoppedMessage;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawResponse;
import io.sampo.multijvm.raw.Requests;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests that are formed well and make no sense: unknown names, subscriptions that are none,
 * handles that are forged or stale, ends of transactions that never began, delays beyond the limit,
 * locks for strangers, resets beyond the log. Each gets the code that official clients react to, or
 * a clear error; afterwards everything is as it was, and the connection works.
 */
class BadInputTest extends HostileTest {
  private static final int HEART_BEAT = 34;
  private static final int LOCK = 41;
  private static final int CHECK_CLIENT_CONFIG = 46;
  private static final int CONSUMER_CONNECTIONS = 203;
  private static final int CONSUME_STATS = 208;
  private static final int GET_GROUP = 352;
  private static final int GET_TOPIC = 351;
  private static final int SEARCH_OFFSET = 29;
  private static final int GET_MIN_OFFSET = 31;
  private static final int TOPIC_STATS = 202;

  private static final int NO_GROUP = 26;
  private static final int NOT_ONLINE = 206;
  private static final int SUBSCRIPTION_NOT_EXIST = 24;

  private static final int QUEUES = 4;
  private static final byte[] BODY = {1, 2, 3};
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final String NOBODY = "nobody-knows-it";

  private String topic = "";
  private String group = "";
  private String member = "";

  /** A topic with three messages and a group that has consumed two of them. */
  @BeforeEach
  void makeSomethingThatMustNotChange() {
    topic = Names.fresh("Sound");
    group = Names.fresh("sound");
    member = Names.fresh("member");
    try (RawConnection connection = connect()) {
      for (int i = 0; i < 3; i++) {
        assertCode(connection.call(Requests.SEND_MESSAGE_V2, send(""), BODY), Requests.SUCCESS);
      }
      Map<String, String> commit = Requests.groupQueue(group, topic, 0);
      commit.put("commitOffset", "2");
      assertCode(connection.call(Requests.UPDATE_CONSUMER_OFFSET, commit), Requests.SUCCESS);
    }
  }

  /** Consuming (14, 15, pops) makes a group, as RocketMQ does; none of these does. */
  @Test
  void aGroupThatNobodyKnows() {
    try (RawConnection connection = connect()) {
      leavesAllAsItWas(
          connection,
          () -> {
            assertRefused(
                connection, Requests.CONSUMER_SEND_MSG_BACK, GroupRequests.sendBack(NOBODY, 0), 26);
            assertRefused(
                connection, Requests.RESET_OFFSET, GroupRequests.reset(NOBODY, topic), NO_GROUP);
            assertRefused(connection, GET_GROUP, Map.of("group", NOBODY), NO_GROUP);
            assertRefused(
                connection, CONSUMER_CONNECTIONS, Map.of("consumerGroup", NOBODY), NOT_ONLINE);
            assertRefused(
                connection, LOCK, Map.of(), GroupRequests.lock(NOBODY, member, topic), NOT_ONLINE);
          });
      assertRefused(connection, GET_GROUP, Map.of("group", NOBODY), NO_GROUP);
    }
  }

  /** What no group may be called is none either, for those who would make one. */
  @ParameterizedTest
  @ValueSource(strings = {"", "with space", "$sampo", "Ünïcode"})
  void aGroupThatNobodyMayHave(String name) {
    try (RawConnection connection = connect()) {
      leavesAllAsItWas(
          connection,
          () -> {
            Map<String, String> commit = Requests.groupQueue(name, topic, 0);
            commit.put("commitOffset", "3");
            assertRefused(connection, Requests.UPDATE_CONSUMER_OFFSET, commit, NO_GROUP);
            assertRefused(
                connection, Pops.POP_MESSAGE, Pops.pop(name, topic, 0, 1, 10_000, 0), NO_GROUP);
            assertRefused(
                connection,
                Requests.CONSUMER_SEND_MSG_BACK,
                GroupRequests.sendBack(name, 0),
                NO_GROUP);
            assertRefused(
                connection,
                HEART_BEAT,
                Map.of(),
                GroupRequests.heartbeat(name, member, topic),
                NEVER);
          });
    }
  }

  @Test
  void aTopicThatNobodyKnows() {
    try (RawConnection connection = connect()) {
      leavesAllAsItWas(
          connection,
          () -> {
            int none = Requests.TOPIC_NOT_EXIST;
            assertRefused(
                connection, Requests.PULL_MESSAGE, Requests.pull(group, NOBODY, 0, 0, 0), none);
            assertRefused(
                connection, Pops.POP_MESSAGE, Pops.pop(group, NOBODY, -1, 1, 10_000, 0), none);
            assertRefused(
                connection, Requests.RESET_OFFSET, GroupRequests.reset(group, NOBODY), none);
            assertRefused(connection, Requests.GET_ROUTE, Map.of("topic", NOBODY), none);
            assertRefused(connection, GET_TOPIC, Map.of("topic", NOBODY), none);
            assertRefused(connection, TOPIC_STATS, Map.of("topic", NOBODY), none);
            Map<String, String> queue = new HashMap<>(Requests.groupQueue(group, NOBODY, 0));
            queue.put("timestamp", "0");
            queue.put("commitOffset", "1");
            for (int code :
                new int[] {
                  Requests.UPDATE_CONSUMER_OFFSET,
                  SEARCH_OFFSET,
                  Requests.GET_MAX_OFFSET,
                  GET_MIN_OFFSET
                }) {
              assertRefused(connection, code, queue, none);
            }
          });
      assertRefused(connection, GET_TOPIC, Map.of("topic", NOBODY), Requests.TOPIC_NOT_EXIST);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a >",
        "a BETWEEN 1",
        "a = 'x",
        "((((a = 1)",
        "a LIKE 1",
        "NOT",
        "a IN ()",
        "1 = 1 2"
      })
  void aConditionThatIsNone(String sql) {
    try (RawConnection connection = connect()) {
      leavesAllAsItWas(
          connection,
          () -> {
            int wrong = Requests.SUBSCRIPTION_PARSE_FAILED;
            String check =
                "{\"clientId\":\"%s\",\"group\":\"%s\",\"subscriptionData\":{\"topic\":\"%s\","
                    + "\"subString\":\"%s\",\"expressionType\":\"SQL92\",\"subVersion\":1}}";
            assertRefused(
                connection,
                CHECK_CLIENT_CONFIG,
                Map.of(),
                bytes(check.formatted(member, group, topic, sql)),
                wrong);
            Map<String, String> pull = Requests.pull(group, topic, 0, 0, 0);
            pull.put("subscription", sql);
            pull.put("expressionType", "SQL92");
            assertRefused(connection, Requests.PULL_MESSAGE, pull, wrong);
            Map<String, String> pop = Pops.pop(group, topic, 0, 1, 10_000, 0);
            pop.put("exp", sql);
            pop.put("expType", "SQL92");
            assertRefused(connection, Pops.POP_MESSAGE, pop, wrong);
          });
    }
  }

  /** Pulls that rely on a subscription which no heartbeat has brought. */
  @Test
  void aSubscriptionThatIsNotThere() {
    try (RawConnection connection = connect()) {
      leavesAllAsItWas(
          connection,
          () -> {
            Map<String, String> pull = Requests.pull(group, topic, 0, 0, 0);
            pull.put("sysFlag", "0");
            assertRefused(connection, Requests.PULL_MESSAGE, pull, SUBSCRIPTION_NOT_EXIST);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "\"heartbeat\"",
        "{\"clientID\":7,\"consumerDataSet\":{}}",
        "{\"clientID\":\"c\",\"consumerDataSet\":[{\"groupName\":\"nonsense\",\"subscriptionDataSet\":3}]}",
        "{\"consumerDataSet\":[{\"groupName\":\"nonsense\"}]}"
      })
  void aHeartbeatThatIsNone(String body) {
    try (RawConnection connection = connect()) {
      leavesAllAsItWas(
          connection, () -> assertRefused(connection, HEART_BEAT, Map.of(), bytes(body), NEVER));
      assertRefused(connection, GET_GROUP, Map.of("group", "nonsense"), NO_GROUP);
    }
  }

  @Test
  void aHandleThatIsForgedOrStale() {
    try (RawConnection connection = connect()) {
      PoppedMessage stale = pop(connection, 1_000);
      PoppedMessage good = pop(connection, 3_600_000); // once the first time is over
      assertThat(good.offset()).isEqualTo(stale.offset());
      leavesAllAsItWas(
          connection,
          () -> {
            for (String handle :
                List.of(
                    stale.handle(),
                    good.handle().replace(" broker-0 0 ", " broker-0 1 "),
                    good.handle()
                        .replace(
                            Long.toString(good.popTime()), Long.toString(good.popTime() + 1)))) {
              assertHandleRefused(connection, good, handle);
            }
            for (String handle : List.of("", "x", "1 2 3")) {
              Map<String, String> fields = Pops.delivery(group, topic, good);
              fields.put("extraInfo", handle);
              assertRefused(connection, Pops.ACK_MESSAGE, fields, Requests.INVALID_PARAMETER);
            }
          });
      Map<String, String> sound = Pops.delivery(group, topic, good);
      assertCode(connection.call(Pops.ACK_MESSAGE, sound), Requests.SUCCESS);
    }
  }

  private void assertHandleRefused(RawConnection connection, PoppedMessage message, String handle) {
    Map<String, String> fields = Pops.delivery(group, topic, message);
    fields.put("extraInfo", handle);
    assertRefused(connection, Pops.ACK_MESSAGE, fields, Pops.NO_MESSAGE);
    fields.put("invisibleTime", "10");
    assertRefused(connection, Pops.CHANGE_INVISIBLE, fields, Pops.NO_MESSAGE);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 12})
  void theEndOfATransactionThatNeverBegan(int end) {
    try (RawConnection connection = connect()) {
      RawResponse plain = connection.call(Requests.SEND_MESSAGE_V2, send(""), BODY);
      long position = position(plain);
      RawResponse half =
          connection.call(
              Requests.SEND_MESSAGE_V2, prepared("PGROUP\u0001raw\u0002TRAN_MSG\u0001true"), BODY);
      assertCode(half, Requests.SUCCESS);
      long halfPosition = position(half);
      String halfOffset = Long.toString(half.number("queueOffset"));
      leavesAllAsItWas(
          connection,
          () -> {
            for (List<String> wrong :
                List.of(
                    List.of(
                        "raw", Long.toString(plain.number("queueOffset")), Long.toString(position)),
                    List.of("raw", halfOffset, Long.toString(position)),
                    List.of("raw", halfOffset, Long.toString(halfPosition + 8)),
                    List.of("raw", "12345", Long.toString(halfPosition)),
                    List.of("raw", "-1", "-1"),
                    List.of("raw", "0", Long.toString(Long.MAX_VALUE)),
                    List.of("others", halfOffset, Long.toString(halfPosition)))) {
              assertRefused(
                  connection,
                  Requests.END_TRANSACTION,
                  GroupRequests.end(
                      wrong.get(0), wrong.get(1), wrong.get(2), Integer.toString(end)),
                  Requests.SYSTEM_ERROR);
            }
            assertRefused(
                connection,
                Requests.END_TRANSACTION,
                GroupRequests.end("raw", halfOffset, Long.toString(halfPosition), "5"),
                Requests.INVALID_PARAMETER);
          });
      // It still has no end, and can have this one.
      assertCode(
          connection.call(
              Requests.END_TRANSACTION,
              GroupRequests.end(
                  "raw", halfOffset, Long.toString(halfPosition), Integer.toString(end))),
          Requests.SUCCESS);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TIMER_DELAY_SEC\u000131622401",
        "TIMER_DELAY_MS\u000131622400001",
        "TIMER_DELIVER_MS\u000199999999999999",
        "TIMER_DELAY_SEC\u0001x",
        "TIMER_DELAY_MS\u00011e3",
        "DELAY\u0001soon"
      })
  void aDelayBeyondTheLimitOrNone(String property) {
    try (RawConnection connection = connect()) {
      leavesAllAsItWas(
          connection,
          () ->
              assertRefused(
                  connection,
                  Requests.SEND_MESSAGE_V2,
                  send(property),
                  BODY,
                  List.of(Requests.MESSAGE_ILLEGAL)));
    }
  }

  @Test
  void aLockForAStranger() {
    try (RawConnection connection = connect();
        RawConnection ofMember = connect()) { // is told that the group changed
      assertCode(
          ofMember.call(HEART_BEAT, Map.of(), GroupRequests.heartbeat(group, member, topic)),
          Requests.SUCCESS);
      leavesAllAsItWas(
          connection,
          () ->
              assertRefused(
                  connection,
                  LOCK,
                  Map.of(),
                  GroupRequests.lock(group, "stranger", topic),
                  NOT_ONLINE));
      RawResponse locked =
          connection.call(LOCK, Map.of(), GroupRequests.lock(group, member, topic));
      assertCode(locked, Requests.SUCCESS);
      assertThat(text(locked)).contains("\"queueId\":0").contains(topic);
      RawResponse none = connection.call(LOCK, Map.of(), GroupRequests.lock(group, member, NOBODY));
      assertCode(none, Requests.SUCCESS);
      assertThat(text(none)).doesNotContain(NOBODY);
    }
  }

  @Test
  void aResetBeyondTheLog() {
    try (RawConnection connection = connect()) {
      leavesAllAsItWas(
          connection,
          () -> {
            for (String offset : List.of("4", "99", Long.toString(Long.MAX_VALUE), "-2")) {
              Map<String, String> reset = GroupRequests.reset(group, topic);
              reset.put("queueId", "0");
              reset.put("offset", offset);
              assertRefused(connection, Requests.RESET_OFFSET, reset, Requests.SYSTEM_ERROR);
            }
            for (String queueId : List.of("4", "-2", Integer.toString(Integer.MAX_VALUE))) {
              Map<String, String> reset = GroupRequests.reset(group, topic);
              reset.put("queueId", queueId);
              reset.put("offset", "0");
              assertRefused(connection, Requests.RESET_OFFSET, reset, Requests.INVALID_PARAMETER);
            }
            Map<String, String> ofNoQueue = GroupRequests.reset(group, topic);
            ofNoQueue.put("offset", "0");
            assertRefused(connection, Requests.RESET_OFFSET, ofNoQueue, Requests.INVALID_PARAMETER);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1, 7, Long.MAX_VALUE, Long.MIN_VALUE})
  void aMessageThatCannotBeReturnedSinceItIsNone(long position) {
    try (RawConnection connection = connect()) {
      leavesAllAsItWas(
          connection,
          () ->
              assertRefused(
                  connection,
                  Requests.CONSUMER_SEND_MSG_BACK,
                  GroupRequests.sendBack(group, position),
                  Requests.SYSTEM_ERROR));
    }
  }

  private static final List<Integer> NEVER =
      List.of(
          Requests.SYSTEM_ERROR, Requests.MESSAGE_ILLEGAL, Requests.INVALID_PARAMETER, NO_GROUP);

  private RawConnection connect() {
    return RawConnection.open(node().brokerPort());
  }

  private void leavesAllAsItWas(RawConnection connection, Runnable nonsense) {
    List<String> before = state(connection);
    nonsense.run();
    assertThat(state(connection)).isEqualTo(before);
  }

  /** What others see: the topic's ends, the group's offsets, its settings and its members. */
  private List<String> state(RawConnection connection) {
    List<String> state = new ArrayList<>();
    for (int queueId = 0; queueId < QUEUES; queueId++) {
      Map<String, String> queue = Requests.groupQueue(group, topic, queueId);
      state.add("end " + connection.call(Requests.GET_MAX_OFFSET, queue).fields());
      state.add("committed " + connection.call(Requests.QUERY_CONSUMER_OFFSET, queue).fields());
    }
    state.add(text(connection.call(GET_GROUP, Map.of("group", group))));
    state.add(text(connection.call(GET_TOPIC, Map.of("topic", topic))));
    state.add(text(connection.call(CONSUMER_CONNECTIONS, Map.of("consumerGroup", group))));
    state.add(text(connection.call(CONSUME_STATS, Map.of("consumerGroup", group, "topic", topic))));
    return state;
  }

  private static void assertRefused(
      RawConnection connection, int request, Map<String, String> fields, int code) {
    assertRefused(connection, request, fields, new byte[0], List.of(code));
  }

  private static void assertRefused(
      RawConnection connection, int request, Map<String, String> fields, byte[] body, int code) {
    assertRefused(connection, request, fields, body, List.of(code));
  }

  private static void assertRefused(
      RawConnection connection,
      int request,
      Map<String, String> fields,
      byte[] body,
      List<Integer> codes) {
    RawResponse answer = connection.call(request, fields, body);
    assertThat(answer.code()).as("%s %s: %s", request, fields, answer.remark()).isIn(codes);
    assertThat(answer.remark()).as("a reason, to %s", request).isNotBlank();
  }

  private static void assertCode(RawResponse answer, int code) {
    assertThat(answer.code()).as(answer.remark()).isEqualTo(code);
  }

  private PoppedMessage pop(RawConnection connection, long invisibleMs) {
    connection.send(
        Pops.POP_MESSAGE, Pops.pop(group, topic, 0, 1, invisibleMs, 15_000), new byte[0]);
    RawResponse answer = connection.read(ANSWER).orElseThrow();
    assertCode(answer, Requests.SUCCESS);
    return Pops.messages(answer).get(0);
  }

  private Map<String, String> send(String properties) {
    return Requests.send(topic, 0, properties);
  }

  private Map<String, String> prepared(String properties) {
    Map<String, String> fields = send(properties);
    fields.put("f", "4");
    return fields;
  }

  private static long position(RawResponse sent) {
    return Long.parseLong(sent.fields().getOrDefault("msgId", "").substring(16), 16);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(RawResponse answer) {
    return answer.code() + " " + new String(answer.body(), StandardCharsets.UTF_8);
  }
}
