package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Mqadmin;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What operators see and do with the official mqadmin of each version. */
class MqadminTest {
  private static final int MESSAGES = 20;
  private static final String CLUSTER = "DefaultCluster";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start("mqadmin");
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void topicsGroupsAndClientsAreShown(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Shown");
    String group = Names.fresh("shown");
    String producers = Names.fresh("showing");
    try (OfficialProducer producer =
        version.client().startProducer(ProducerSpec.of(node.nameServer(), producers))) {
      send(producer, topic);
      assertShown(version, topic, group, producers);
    }
    assertThat(lines(version, "consumerConnection", "-g", group))
        .anyMatch(line -> line.contains("CODE: 206"));
  }

  private static void assertShown(
      ClientVersion version, String topic, String group, String producers) throws ClientFailed {
    String instance = Names.fresh("client");
    Inbox inbox = new Inbox();
    try (OfficialConsumer ignored =
        consumer(version, ConsumerSpec.of(node.nameServer(), group, topic, instance), inbox)) {
      inbox.awaitCount(MESSAGES);
      awaitLines(
          "the offsets are committed",
          () -> lines(version, "consumerProgress", "-g", group),
          lines ->
              count(lines, topic + " broker-0 [0-3] 5 5 0 .*20\\d\\d-.*") == 4
                  && count(lines, ".*Diff Total: 0") == 1);
      assertThat(lines(version, "topicStatus", "-t", topic))
          .filteredOn(line -> line.matches("broker-0 [0-3] 0 5 20\\d\\d-.*"))
          .hasSize(4);
      awaitLines(
          "the consumer and what it consumes",
          () -> lines(version, "consumerConnection", "-g", group),
          lines ->
              count(lines, ".*127.0.0.1@" + instance + " 127.0.0.1:\\d+ JAVA V[45]_.*") == 1
                  && count(lines, ".*" + topic + " .*\\*") == 1
                  && count(lines, "ConsumeType: CONSUME_PASSIVELY") == 1);
      awaitLines(
          "the producer",
          () -> lines(version, "producerConnection", "-g", producers, "-t", topic),
          lines -> count(lines, "0001 127.0.0.1@.* 127.0.0.1:\\d+ JAVA V[45]_.*") == 1);
      assertThat(lines(version, "topicList", "-c")).contains(CLUSTER + " " + topic + " " + group);
      assertThat(lines(version, "consumerStatus", "-g", group, "-i", "127.0.0.1@" + instance, "-s"))
          .anyMatch(line -> line.matches("PROP_CONSUME_TYPE : CONSUME_PASSIVELY"))
          .anyMatch(line -> line.matches(topic + " broker-0 0 5"))
          .anyMatch(line -> line.contains("java.lang.Thread.run"));
      assertOffsetsCloned(version, topic, group);
    }
  }

  private static void assertOffsetsCloned(ClientVersion version, String topic, String group) {
    String copy = Names.fresh("copy");
    assertThat(lines(version, "updateSubGroup", "-c", CLUSTER, "-g", copy))
        .anyMatch(line -> line.contains("success"));
    assertThat(lines(version, "cloneGroupOffset", "-s", group, "-d", copy, "-t", topic))
        .anyMatch(line -> line.contains("success"));
    try (Offsets offsets = new Offsets(node)) {
      assertThat(offsets.isConsumed(copy, topic, 4)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMessageIsFoundAndGivenToAConsumerOnceMore(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Again");
    String group = Names.fresh("again");
    String instance = Names.fresh("client");
    Inbox inbox = new Inbox();
    try (OfficialProducer producer =
        version.client().startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("p")))) {
      Receipt receipt = send(producer, topic);
      try (OfficialConsumer consumer =
          consumer(version, ConsumerSpec.of(node.nameServer(), group, topic, instance), inbox)) {
        inbox.awaitCount(MESSAGES);
        assertThat(
                Mqadmin.of(version)
                    .giveMessage(
                        node.nameServer(),
                        topic,
                        receipt.offsetMsgId(),
                        group,
                        "127.0.0.1@" + instance))
            .contains("consumeResult=CR_SUCCESS");
        assertThat(inbox.keys()).hasSize(MESSAGES + 1).endsWith(MESSAGES - 1L);
      }
      assertThat(lines(version, "queryMsgByKey", "-t", topic, "-k", "key7"))
          .filteredOn(line -> line.startsWith(receipt.msgId().substring(0, 20)))
          .hasSize(1);
      assertThat(
              lines(
                  version,
                  "queryMsgByOffset",
                  "-t",
                  topic,
                  "-b",
                  "broker-0",
                  "-i",
                  Integer.toString(receipt.queueId()),
                  "-o",
                  Long.toString(receipt.queueOffset())))
          .contains("OffsetID: " + receipt.offsetMsgId());
    }
  }

  @ParameterizedTest
  @EnumSource
  void topicsAndGroupsAreMadeResetAndDeleted(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Managed");
    String group = Names.fresh("managed");
    assertThat(lines(version, "updateTopic", "-c", CLUSTER, "-t", topic, "-r", "3", "-w", "3"))
        .anyMatch(line -> line.contains("success"));
    assertThat(lines(version, "updateSubGroup", "-c", CLUSTER, "-g", group, "-r", "3"))
        .anyMatch(line -> line.contains("success"));
    assertThat(lines(version, "sendMessage", "-t", topic, "-p", "by hand"))
        .anyMatch(line -> line.contains("SEND_OK"));
    assertThat(lines(version, "resetOffsetByTime", "-g", group, "-t", topic, "-s", "0"))
        .filteredOn(line -> line.matches("broker-0 [0-2] 0"))
        .hasSize(3);
    assertThat(committed(group, topic)).isEqualTo(Requests.SUCCESS);
    for (String withOffsets : List.of("false", "true")) {
      assertThat(lines(version, "deleteSubGroup", "-c", CLUSTER, "-g", group, "-r", withOffsets))
          .anyMatch(line -> line.contains("success"));
      assertThat(lines(version, "updateSubGroup", "-c", CLUSTER, "-g", group, "-r", "3"))
          .anyMatch(line -> line.contains("success"));
      assertThat(committed(group, topic))
          .isEqualTo(withOffsets.equals("true") ? Requests.QUERY_NOT_FOUND : Requests.SUCCESS);
    }
    assertThat(lines(version, "deleteTopic", "-c", CLUSTER, "-t", topic))
        .anyMatch(line -> line.contains("success"));
    assertThat(lines(version, "topicList")).doesNotContain(topic).contains("TBW102");
  }

  @ParameterizedTest
  @EnumSource
  void aBrokerSaysHowItIs(ClientVersion version) {
    String broker = "127.0.0.1:" + node.brokerPort();
    assertThat(lines(version, "brokerStatus", "-b", broker))
        .anyMatch(line -> line.matches("brokerVersionDesc *: Sampo"))
        .anyMatch(line -> line.matches("commitLogMaxOffset *: [1-9][0-9]*"))
        .anyMatch(line -> line.matches("putTps *: 0\\.0 0\\.0 0\\.0"));
    assertThat(lines(version, "clusterList"))
        .anyMatch(line -> line.matches(CLUSTER + " broker-0 0 " + broker + " Sampo .*"))
        .noneMatch(line -> line.contains("Exception"));
    assertThat(lines(version, "getBrokerConfig", "-b", broker))
        .anyMatch(line -> line.matches("brokerName *= *broker-0"))
        .anyMatch(line -> line.matches("sampo\\.log\\.flush *= *sync"));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotServedIsRefusedByName(ClientVersion version) {
    String broker = "127.0.0.1:" + node.brokerPort();
    assertThat(lines(version, "updateBrokerConfig", "-b", broker, "-k", "a", "-v", "b"))
        .anyMatch(line -> line.contains("request code 25 is not supported"));
  }

  /** Whether the group has an offset of the topic's first queue, as a code. */
  private static int committed(String group, String topic) {
    Map<String, String> queue = Requests.groupQueue(group, topic, 0);
    queue.put("setZeroIfNotFound", "false");
    try (RawConnection connection = RawConnection.open(node.brokerPort())) {
      return connection.call(Requests.QUERY_CONSUMER_OFFSET, queue).code();
    }
  }

  private static OfficialConsumer consumer(ClientVersion version, ConsumerSpec spec, Inbox inbox)
      throws ClientFailed {
    return version.client().startConsumer(spec, inbox);
  }

  /** Sends messages with keys, evenly to four queues, and gives the last one's receipt. */
  private static Receipt send(OfficialProducer producer, String topic) throws ClientFailed {
    Receipt last = null;
    for (int i = 0; i < MESSAGES; i++) {
      last =
          producer.send(new Outgoing(topic, Payload.of(i, 64), "tag", "key" + i, Map.of()), i % 4);
    }
    if (last == null) {
      throw new AssertionError("nothing sent");
    }
    return last;
  }

  private interface Printed {
    List<String> lines();
  }

  private interface Wanted {
    boolean in(List<String> lines);
  }

  /** The tool is asked again as long as clients haven't said what it is to show. */
  private static void awaitLines(String what, Printed printed, Wanted wanted) {
    List<String> last = new ArrayList<>();
    Await.until(
        () -> what + "; mqadmin printed " + last,
        LIMIT,
        () -> {
          last.clear();
          last.addAll(printed.lines());
          return wanted.in(last);
        });
  }

  private static long count(List<String> lines, String pattern) {
    return lines.stream().filter(line -> line.matches(pattern)).count();
  }

  /** What a command prints, with one blank where the tool has several. */
  private static List<String> lines(ClientVersion version, String... command) {
    List<String> arguments = new ArrayList<>(Arrays.asList(command));
    arguments.add("-n");
    arguments.add(node.nameServer());
    return Mqadmin.of(version)
        .run(arguments.toArray(String[]::new))
        .lines()
        .map(line -> line.strip().replaceAll("\\s+", " "))
        .toList();
  }
}
