package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sampo.actors.group.LogGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The node that leads a log group stops, or its disk fails, and the next leader goes on: also with
 * whatever was pending, once.
 */
@Timeout(120)
final class StateMovesTest {
  private static final String BROKER = "broker-0";
  private static final List<String> BROKERS = List.of(BROKER, "broker-1", "broker-2");
  private static final String TOPIC = "Moving";
  private static final String CONSUMERS = groupAt("consumers");
  private static final String POPPERS = groupAt("poppers");

  /** How long what was popped stays with who popped it. */
  private static final int INVISIBLE_MS = 25_000;

  @TempDir Path directory;
  private final List<RawClient> clients = new ArrayList<>();

  @AfterEach
  void disconnect() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
  }

  /** A group that has its home in the log group. */
  private static String groupAt(String name) {
    return IntStream.range(0, 1000)
        .mapToObj(i -> name + i)
        .filter(group -> LogGroup.groupHome(group, BROKERS).equals(BROKER))
        .findFirst()
        .orElseThrow();
  }

  private RawClient connect(NodesInOneJvm nodes, int index) throws IOException {
    RawClient client = new RawClient(nodes.node(index).addresses().brokerPort(BROKER));
    clients.add(client);
    return client;
  }

  @Test
  void theNextLeaderGoesOnWithWhatIsPending() throws Exception {
    try (NodesInOneJvm nodes = new NodesInOneJvm(directory, 3)) {
      nodes.found();
      RawClient client = connect(nodes, 1);
      createTopic(client);
      awaitFirstLeads(nodes, client);
      heartbeat(client, "c1", CONSUMERS);
      heartbeat(client, "p1", POPPERS);
      String first = ok(client.send(TOPIC, 0, "", "<first>").header());
      ok(client.send(TOPIC, 0, "", "<second>").header());
      commit(client, 1);
      assertThat(lock(client, "c1")).contains("\"queueId\":0");
      List<String> popped = pop(client, 0);
      assertThat(popped).containsExactly("<first>", "<second>");
      String half = ok(half(client, "<half>"));
      String rolledBack = ok(half(client, "<rolled back>"));
      ok(sendBack(client, position(first)));
      ok(client.send(TOPIC, 0, "DELAY\\u00013\\u0002", "<delayed>").header());
      assertThat(bodies(client, TOPIC)).containsExactly("<first>", "<second>");

      nodes.stop(0); // which leads the log group

      assertThat(client.ask(38, Map.of("consumerGroup", CONSUMERS), "").body()).contains("\"c1\"");
      assertThat(committed(client)).contains("\"offset\":\"1\"");
      heartbeat(client, "c2", CONSUMERS);
      assertThat(lock(client, "c2")).doesNotContain("queueId");
      assertThat(lock(client, "c1")).contains("\"queueId\":0");
      assertThat(client.route(TOPIC)).contains(BROKER);
      ok(end(client, half, 8));
      assertThat(end(client, half, 8)).as("once").doesNotContain("\"code\":0,");
      ok(end(client, rolledBack, 12));
      assertThat(end(client, rolledBack, 8)).as("never").doesNotContain("\"code\":0,");
      assertThat(pop(client, 0)).as("the others are popped").containsExactly("<half>");

      awaitBodies(client, TOPIC, List.of("<first>", "<second>", "<half>", "<delayed>"));
      awaitBodies(client, "%RETRY%" + CONSUMERS, List.of("<first>"));
      List<String> again = new ArrayList<>();
      while (again.size() < 4) {
        List<String> some = pop(client, 2 * INVISIBLE_MS);
        assertThat(some).as("after %s", again).isNotEmpty();
        again.addAll(some);
      }
      assertThat(again).containsExactlyInAnyOrder("<first>", "<second>", "<half>", "<delayed>");
      assertThat(bodies(client, TOPIC)).as("still").hasSize(4);
      assertThat(bodies(client, "%RETRY%" + CONSUMERS)).as("still").hasSize(1);
    }
  }

  @Test
  void aLogGroupWhoseLeaderLosesItsDiskIsLedByAnother() throws Exception {
    try (NodesInOneJvm nodes = new NodesInOneJvm(directory, 3)) {
      nodes.found();
      RawClient client = connect(nodes, 1);
      createTopic(client);
      awaitFirstLeads(nodes, client);
      Path log = directory.resolve("node-0").resolve(BROKER).resolve("log");
      Files.move(log, log.resolveSibling("gone")); // no new segment can be made
      String body = "x".repeat(100_000);
      int acknowledged = 0;
      while (isStored(client, body)) {
        acknowledged++;
        assertThat(acknowledged).as("the first segment has 1 MiB").isLessThan(100);
      }
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (!isStored(client, "after it")) {
        assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      }

      String end = ok(client.maxOffset(TOPIC));
      assertThat(Integer.parseInt(find(end, "\"offset\":\"(\\d+)\"")))
          .as("nothing acknowledged is lost; what wasn't may be there")
          .isGreaterThanOrEqualTo(acknowledged + 1);
    }
  }

  private static boolean isStored(RawClient client, String body) throws IOException {
    return client.send(TOPIC, body).header().contains("\"code\":0,");
  }

  /** A log group that began elsewhere goes to the first of its nodes. */
  private static void awaitFirstLeads(NodesInOneJvm nodes, RawClient client) throws IOException {
    String first = "127.0.0.1:" + nodes.node(0).addresses().brokerPort(BROKER);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!leader(client).equals(first)) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
    }
  }

  private static String leader(RawClient client) throws IOException {
    for (JsonNode broker : new ObjectMapper().readTree(client.route(TOPIC)).path("brokerDatas")) {
      if (broker.path("brokerName").asText().equals(BROKER)) {
        return broker.path("brokerAddrs").path("0").asText();
      }
    }
    return "";
  }

  private static String ok(String header) {
    assertThat(header).contains("\"code\":0,");
    return header;
  }

  private static void createTopic(RawClient client) throws IOException {
    ok(
        client
            .ask(
                17,
                Map.of(
                    "topic", TOPIC,
                    "defaultTopic", "TBW102",
                    "readQueueNums", "1",
                    "writeQueueNums", "1",
                    "perm", "6",
                    "topicFilterType", "SINGLE_TAG",
                    "topicSysFlag", "0",
                    "order", "false"),
                "")
            .header());
  }

  private static void heartbeat(RawClient client, String clientId, String group)
      throws IOException {
    String body =
        ("{'clientID':'" + clientId + "','producerDataSet':[],'consumerDataSet':[{'groupName':'")
            + (group + "','consumeType':'CONSUME_PASSIVELY','messageModel':'CLUSTERING',")
            + "'consumeFromWhere':'CONSUME_FROM_FIRST_OFFSET','unitMode':false,"
            + ("'subscriptionDataSet':[{'topic':'" + TOPIC + "','subString':'*','subVersion':1,")
            + "'expressionType':'TAG'}]}]}";
    ok(client.ask(34, Map.of(), body.replace('\'', '"')).header());
  }

  private static void commit(RawClient client, int offset) throws IOException {
    ok(
        client
            .ask(
                15,
                Map.of(
                    "consumerGroup",
                    CONSUMERS,
                    "topic",
                    TOPIC,
                    "queueId",
                    "0",
                    "commitOffset",
                    Integer.toString(offset)),
                "")
            .header());
  }

  private static String committed(RawClient client) throws IOException {
    return client
        .ask(14, Map.of("consumerGroup", CONSUMERS, "topic", TOPIC, "queueId", "0"), "")
        .header();
  }

  private static String lock(RawClient client, String clientId) throws IOException {
    String body =
        ("{'consumerGroup':'" + CONSUMERS + "','clientId':'" + clientId + "','mqSet':[{")
            + ("'brokerName':'" + BROKER + "','topic':'" + TOPIC + "','queueId':0}]}");
    RawClient.Answer answer = client.ask(41, Map.of(), body.replace('\'', '"'));
    ok(answer.header());
    return answer.body();
  }

  private static List<String> pop(RawClient client, int waitMs) throws IOException {
    RawClient.Answer answer =
        client.ask(
            200050,
            Map.of(
                "consumerGroup",
                POPPERS,
                "topic",
                TOPIC,
                "queueId",
                "0",
                "maxMsgNums",
                "32",
                "invisibleTime",
                Integer.toString(INVISIBLE_MS),
                "pollTime",
                Integer.toString(waitMs),
                "bornTime",
                Long.toString(System.currentTimeMillis()),
                "initMode",
                "0"),
            "");
    return markedIn(answer.body());
  }

  private static String half(RawClient client, String body) throws IOException {
    return client
        .send(TOPIC, 4, "TRAN_MSG\\u0001true\\u0002PGROUP\\u0001producers\\u0002", body)
        .header();
  }

  private static String end(RawClient client, String half, int outcome) throws IOException {
    return client
        .ask(
            37,
            Map.of(
                "producerGroup",
                "producers",
                "tranStateTableOffset",
                find(half, "\"queueOffset\":\"(\\d+)\""),
                "commitLogOffset",
                Long.toString(position(half)),
                "commitOrRollback",
                Integer.toString(outcome),
                "fromTransactionCheck",
                "false",
                "msgId",
                "none",
                "bname",
                BROKER),
            "")
        .header();
  }

  /** With the level of a retry after 10 s. */
  private static String sendBack(RawClient client, long position) throws IOException {
    return client
        .ask(
            36,
            Map.of("offset", Long.toString(position), "group", CONSUMERS, "delayLevel", "3"),
            "")
        .header();
  }

  /** The place in the log, from the message id of a send's answer. */
  private static long position(String header) {
    return Long.parseLong(find(header, "\"msgId\":\"[0-9A-F]{16}([0-9A-F]{16})\""), 16);
  }

  private static String find(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
    return matcher.group(1);
  }

  /** What queue 0 of a topic holds. */
  private static List<String> bodies(RawClient client, String topic) throws IOException {
    return pull(client, topic, 0, 0);
  }

  private static List<String> pull(RawClient client, String topic, int offset, int waitMs)
      throws IOException {
    return markedIn(
        client
            .ask(
                11,
                Map.ofEntries(
                    Map.entry("consumerGroup", CONSUMERS),
                    Map.entry("topic", topic),
                    Map.entry("queueId", "0"),
                    Map.entry("queueOffset", Integer.toString(offset)),
                    Map.entry("maxMsgNums", "32"),
                    Map.entry("sysFlag", "6"),
                    Map.entry("commitOffset", "0"),
                    Map.entry("suspendTimeoutMillis", Integer.toString(waitMs)),
                    Map.entry("subscription", "*"),
                    Map.entry("subVersion", "0"),
                    Map.entry("expressionType", "TAG")),
                "")
            .body());
  }

  /** The bodies among the records' bytes: they are all marked alike. */
  private static List<String> markedIn(String records) {
    return Pattern.compile("<[a-z ]+>")
        .matcher(records)
        .results()
        .map(found -> found.group())
        .toList();
  }

  private static void awaitBodies(RawClient client, String topic, List<String> expected)
      throws IOException {
    for (int offset = 0; offset < expected.size(); offset++) {
      assertThat(pull(client, topic, offset, 25_000)).as("at %s", offset).isNotEmpty();
    }
    assertThat(bodies(client, topic)).containsExactlyElementsOf(expected);
  }
}
