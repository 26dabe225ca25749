package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sampo.actors.group.LogGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that joins gets a log group of its own, and topics get queues there; or copies of all and
 * nothing else, if it only learns.
 */
@Timeout(150)
final class JoiningNodeTest {
  private static final List<String> FOUNDED = List.of("broker-0", "broker-1", "broker-2");
  private static final String OPENED = "broker-3";

  @TempDir Path directory;
  private NodesInOneJvm nodes;

  @BeforeEach
  void chooseFourPlaces() throws IOException {
    nodes = new NodesInOneJvm(directory, 4);
  }

  @AfterEach
  void stopAll() {
    nodes.close();
  }

  @Test
  void topicsGrowQueuesThereWhichAllNodesAnswerForAndAFullRestartKeeps() throws Exception {
    nodes.found();
    send(0, "broker-0", "Orders");
    create("Ledger", "true");
    String group = groupAt("consumers", "broker-1");
    commit(0, group, "Orders", "broker-0", 1);

    nodes.start(Map.of(), 3);

    nodes.awaitLogGroups(0, groups -> isLedByAndComplete(groups, "n3"));
    for (int by = 0; by < 4; by++) {
      awaitRoute(by, "Orders", OPENED);
      assertThat(route(by, "Ledger")).contains("broker-2").doesNotContain(OPENED);
    }
    send(1, OPENED, "Orders");
    assertThat(nodes.answer(2, OPENED, client -> client.maxOffset("Orders")))
        .contains("offset\":\"1\"");
    assertThat(
            nodes.answer(
                0,
                OPENED,
                client -> client.send("Ledger", "lost").header(),
                answer -> answer.contains("no queues in")))
        .contains("no queues in broker-3");
    assertThat(nodes.answer(3, "broker-0", client -> offset(client, group, "Orders")))
        .as("a group stays where it was")
        .contains("\"offset\":\"1\"");
    assertThat(nodes.answer(3, OPENED, client -> offset(client, group, "Orders")))
        .as("from the new queue's first message on")
        .contains("\"offset\":\"0\"");

    for (int i = 0; i < 4; i++) {
      nodes.stop(i);
    }
    nodes.start(Map.of(), 0, 1, 2, 3);

    nodes.awaitLogGroups(1, groups -> isLedByAndComplete(groups, "n3"));
    awaitRoute(1, "Orders", OPENED);
    assertThat(nodes.answer(1, OPENED, client -> client.maxOffset("Orders")))
        .contains("offset\":\"1\"");
    assertThat(nodes.answer(2, "broker-1", client -> offset(client, group, "Orders")))
        .contains("\"code\":0");
  }

  @Test
  @Tag("long")
  void whatANodeLeavesBehindIsLedByOthersAndTheNextOneNeedsNoMore() throws Exception {
    nodes.found();
    nodes.start(Map.of(), 3);
    nodes.awaitLogGroups(0, groups -> isLedByAndComplete(groups, "n3"));
    send(0, OPENED, "Orders");

    int asked = nodes.node(0).addresses().managementPort();
    assertThat(
            Main.execute(
                "decommission", "n3", "--at", "127.0.0.1:" + asked, "--wait", "--timeout", "60"))
        .isZero();

    nodes.awaitEnd(3);
    nodes.awaitLogGroups(
        0, groups -> groups.size() == 4 && areComplete(groups) && !uses(groups, "n3"));
    assertThat(nodes.answer(1, OPENED, client -> client.maxOffset("Orders")))
        .contains("offset\":\"1\"");
    nodes.emptyDisk(3);

    nodes.start(Map.of("sampo.node.name", "n4"), 3);

    nodes.awaitLogGroups(
        0, groups -> groups.size() == 4 && areComplete(groups) && leads(groups, "n4"));
    assertThat(nodes.answer(3, OPENED, client -> client.maxOffset("Orders")))
        .contains("offset\":\"1\"");
    assertThat(nodes.logGroups(3)).hasSize(4);
  }

  @Test
  void whoOnlyLearnsHasACopyOfEverythingAndCountsForNothing() throws Exception {
    nodes.found();
    send(0, "broker-0", "Orders");
    nodes.awaitLogGroups(0, groups -> groups.size() == 3 && areComplete(groups));

    nodes.start(Map.of("sampo.node.learner", "on"), 3);

    nodes.awaitLogGroups(0, groups -> learns(groups, "n3"));
    assertThat(nodes.answer(3, "broker-0", client -> client.maxOffset("Orders")))
        .as("it answers clients like any other")
        .contains("\"code\":0");
    awaitInRoutes(3);
    nodes.stop(1);
    nodes.awaitLogGroups(
        0, groups -> leadersOf(groups).stream().allMatch(Set.of("n0", "n2")::contains));
    send(3, "broker-1", "Orders");
    nodes.awaitLogGroups(0, groups -> lagOf(groups, "n3") == 0);
    nodes.stop(2);
    assertThat(answerOnce(0, "broker-0", client -> client.send("Orders", "of two copies").header()))
        .as("two of three voters are gone, and a learner is none")
        .doesNotContain("\"code\":0");
    nodes.start(Map.of(), 1, 2);

    send(0, "broker-0", "Orders");
    assertThat(nodes.order(0, "POST", "/sampo/nodes/n3/decommission")).isEqualTo(202);
    nodes.awaitEnd(3);
    nodes.awaitLogGroups(0, groups -> areComplete(groups) && !uses(groups, "n3"));
  }

  /** Routes name a node as one that has a copy, last. */
  private void awaitInRoutes(int index) throws IOException {
    String address = "127.0.0.1:" + nodes.node(index).addresses().brokerPort("broker-0");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!answerOnce(0, "broker-0", client -> client.route("Orders"))
        .contains("\"3\":\"" + address + "\"")) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
    }
  }

  /** Three voters and a learner of each log group, which has all there is. */
  private static boolean learns(JsonNode groups, String node) {
    int learning = 0;
    for (JsonNode group : groups) {
      for (JsonNode replica : group.get("replicas")) {
        boolean learner = replica.get("role").asText().equals("learner");
        if (learner != replica.get("node").asText().equals(node)) {
          return false;
        }
        learning += learner && replica.get("lag").asLong(1) == 0 ? 1 : 0;
      }
      if (group.get("replicas").size() != 4) {
        return false;
      }
    }
    return groups.size() == 3 && learning == 3;
  }

  private static long lagOf(JsonNode groups, String node) {
    long lag = 0;
    for (JsonNode group : groups) {
      for (JsonNode replica : group.get("replicas")) {
        lag += replica.get("node").asText().equals(node) ? replica.get("lag").asLong(1) : 0;
      }
    }
    return lag;
  }

  private static Set<String> leadersOf(JsonNode groups) {
    Set<String> leaders = new TreeSet<>();
    groups.forEach(group -> leaders.add(group.get("leader").asText()));
    return leaders;
  }

  private String answerOnce(int by, String broker, NodesInOneJvm.Question question)
      throws IOException {
    try (RawClient client = nodes.client(by, broker)) {
      return question.ask(client);
    }
  }

  private static String groupAt(String name, String home) {
    return IntStream.range(0, 1000)
        .mapToObj(i -> name + i)
        .filter(group -> LogGroup.groupHome(group, FOUNDED).equals(home))
        .findFirst()
        .orElseThrow();
  }

  private void create(String topic, String ordered) throws IOException {
    assertThat(
            nodes.answer(
                0,
                "broker-0",
                client ->
                    client
                        .ask(
                            17,
                            Map.of(
                                "topic", topic,
                                "defaultTopic", "TBW102",
                                "readQueueNums", "4",
                                "writeQueueNums", "4",
                                "perm", "6",
                                "topicFilterType", "SINGLE_TAG",
                                "topicSysFlag", "0",
                                "order", ordered),
                            "")
                        .header()))
        .contains("\"code\":0");
  }

  private void commit(int by, String group, String topic, String broker, long offset)
      throws IOException {
    assertThat(
            nodes.answer(
                by,
                broker,
                client ->
                    client
                        .ask(
                            15,
                            Map.of(
                                "consumerGroup",
                                group,
                                "topic",
                                topic,
                                "queueId",
                                "0",
                                "commitOffset",
                                Long.toString(offset)),
                            "")
                        .header()))
        .contains("\"code\":0");
  }

  private static String offset(RawClient client, String group, String topic) throws IOException {
    return client
        .ask(14, Map.of("consumerGroup", group, "topic", topic, "queueId", "0"), "")
        .header();
  }

  private void send(int by, String broker, String topic) throws IOException {
    assertThat(nodes.answer(by, broker, client -> client.send(topic, "kept").header()))
        .contains("\"code\":0");
  }

  private String route(int by, String topic) throws IOException {
    try (RawClient client = nodes.client(by, "broker-0")) {
      return client.route(topic);
    }
  }

  private void awaitRoute(int by, String topic, String broker) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!route(by, topic).contains(broker)) {
      assertThat(System.nanoTime()).as(route(by, topic)).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private static boolean isLedByAndComplete(JsonNode groups, String node) {
    return groups.size() == 4
        && areComplete(groups)
        && groups.get(3).get("leader").asText().equals(node);
  }

  private static boolean leads(JsonNode groups, String node) {
    for (JsonNode group : groups) {
      if (group.get("leader").asText().equals(node)) {
        return true;
      }
    }
    return false;
  }

  private static boolean uses(JsonNode groups, String node) {
    for (JsonNode group : groups) {
      for (JsonNode replica : group.get("replicas")) {
        if (replica.get("node").asText().equals(node)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Three voters of each, where they should be, with all there is. */
  private static boolean areComplete(JsonNode groups) {
    for (JsonNode group : groups) {
      boolean complete = !group.get("leader").isNull();
      complete &= group.get("replicas").size() == 3 && group.get("wanted").size() == 3;
      for (JsonNode replica : group.get("replicas")) {
        complete &= !replica.get("role").asText().equals("learner");
        complete &= replica.get("lag").asLong(1) == 0;
      }
      if (!complete) {
        return false;
      }
    }
    return true;
  }
}
