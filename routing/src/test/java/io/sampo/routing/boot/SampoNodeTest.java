package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole nodes in this JVM, on free ports and in directories of their own. */
final class SampoNodeTest {
  @TempDir Path directory;

  private static SampoNode start(Path directory, Map<String, String> more) throws Exception {
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "sampo.data-dir", directory.toString(),
                "sampo.name-server.port", "0",
                "sampo.broker.port", "0",
                "sampo.cluster.port", "0",
                "sampo.replication.port", "0",
                "sampo.management.port", "0",
                "sampo.log.segment-size", "1 MiB"));
    settings.putAll(more);
    Config config = NodeConfig.load(null, settings);
    return SampoNode.start(SampoSettings.from(config, directory), config);
  }

  private SampoNode start() throws Exception {
    return start(directory, Map.of());
  }

  private static int brokerPort(SampoNode node) {
    return node.addresses().brokerPort("broker-0");
  }

  @Test
  void aNodeKeepsWhatItAcknowledgedOverARestart() throws Exception {
    try (SampoNode node = start();
        RawClient client = new RawClient(brokerPort(node))) {
      assertThat(client.send("Orders", "first").header()).contains("\"code\":0");
      assertThat(client.send("Orders", "second").header()).contains("\"code\":0");
      assertThat(client.maxOffset("Orders")).contains("\"offset\":\"2\"");
    }

    try (SampoNode node = start();
        RawClient client = new RawClient(brokerPort(node));
        RawClient nameServer = new RawClient(node.addresses().nameServerPort())) {
      assertThat(client.maxOffset("Orders")).contains("\"offset\":\"2\"");
      assertThat(nameServer.route("Orders"))
          .contains("broker-0")
          .contains("127.0.0.1:" + brokerPort(node));
    }
  }

  @Test // a group's offsets are in its home's log and can't move
  void moreLogGroupsMoveNoConsumerGroup() throws Exception {
    try (SampoNode node = start();
        RawClient client = new RawClient(brokerPort(node))) {
      assertThat(client.send("Orders", "x").header()).contains("\"code\":0");
      for (int i = 0; i < 12; i++) {
        assertThat(offset(client, 15, "group-" + i, Map.of("commitOffset", "1")))
            .contains("\"code\":0");
      }
    }

    try (SampoNode node = start(directory, Map.of("sampo.log-groups", "3"));
        RawClient client = new RawClient(brokerPort(node))) {
      for (int i = 0; i < 12; i++) {
        assertThat(offset(client, 14, "group-" + i, Map.of())).contains("\"offset\":\"1\"");
      }
      try (RawClient toNew = new RawClient(node.addresses().brokerPort("broker-2"))) {
        assertThat(toNew.send("Orders", "x").header()).contains("\"code\":0");
      }
    }
  }

  /** Asks for, or commits, a group's offset in queue 0. */
  private static String offset(RawClient client, int code, String group, Map<String, String> more)
      throws IOException {
    Map<String, String> fields =
        new HashMap<>(Map.of("consumerGroup", group, "topic", "Orders", "queueId", "0"));
    fields.putAll(more);
    return client.ask(code, fields, "").header();
  }

  @Test
  void twoNodesRunSideBySideAndKnowNothingOfEachOther(@TempDir Path other) throws Exception {
    try (SampoNode one = start();
        SampoNode two = start(other, Map.of("sampo.log-groups", "2"));
        RawClient toOne = new RawClient(brokerPort(one));
        RawClient toTwo = new RawClient(two.addresses().nameServerPort())) {
      assertThat(toOne.send("OnlyInOne", "x").header()).contains("\"code\":0");

      assertThat(toTwo.ask(105, Map.of("topic", "OnlyInOne"), "").header()).contains("\"code\":17");
      assertThat(toTwo.route("TBW102"))
          .contains("127.0.0.1:" + two.addresses().brokerPort("broker-0"))
          .contains("127.0.0.1:" + two.addresses().brokerPort("broker-1"));
    }
  }

  @Test
  void managementTellsHealthAndMembersAndChangesNothing() throws Exception {
    try (SampoNode node = start()) {
      HttpResponse<String> members = get(node, "/cluster/members");

      assertThat(members.statusCode()).isEqualTo(200);
      assertThat(members.body()).contains("\"status\":\"Up\"");
      assertThat(get(node, "/ready").statusCode()).isEqualTo(200);
      assertThat(get(node, "/alive").statusCode()).isEqualTo(200);
      assertThat(ask(node, "DELETE", "/cluster/members/me").statusCode()).isEqualTo(405);
    }
  }

  @Test
  void managementListsTheMessagesThatAreDeliveredLater() throws Exception {
    try (SampoNode node = start();
        RawClient client = new RawClient(brokerPort(node))) {
      for (int hours = 3; hours > 0; hours--) {
        String properties =
            "TIMER_DELAY_MS\\u0001" + hours * 3_600_000 + "\\u0002UNIQ_KEY\\u0001K" + hours;
        assertThat(client.send("Later", 0, properties, "x").header()).contains("\"code\":0");
      }

      JsonNode first = awaitJson(node, "/sampo/timers?limit=2", "waiting", 3);
      JsonNode next = first.get("next");
      JsonNode second =
          awaitJson(
              node,
              "/sampo/timers?limit=2&from=" + next.get("from") + "&after=" + next.get("after"),
              "waiting",
              3);

      assertThat(first.findValuesAsText("uniqueKey")).containsExactly("K1", "K2");
      assertThat(first.findValuesAsText("topic")).containsOnly("Later");
      assertThat(second.findValuesAsText("uniqueKey")).containsExactly("K3");
      assertThat(second.get("next").isNull()).isTrue();
    }
  }

  @Test
  void managementListsParkedHalfMessages() throws Exception {
    Map<String, String> hasty =
        Map.of(
            "sampo.transaction.timeout", "100 ms",
            "sampo.transaction.check-interval", "100 ms",
            "sampo.transaction.check-max", "1");
    try (SampoNode node = start(directory, hasty);
        RawClient client = new RawClient(brokerPort(node))) {
      String properties = "TRAN_MSG\\u0001true\\u0002PGROUP\\u0001producers\\u0002UNIQ_KEY\\u0001K";
      String stored = client.send("Undecided", 4, properties, "x").header();
      assertThat(stored).contains("\"code\":0");

      JsonNode page = awaitJson(node, "/sampo/transactions/parked?limit=1", "parked", 1);

      assertThat(page.get("undecided").asInt()).isEqualTo(1);
      JsonNode half = page.get("messages").get(0);
      assertThat(stored).contains(half.get("msgId").asText());
      assertThat(half.get("checks").asInt()).isEqualTo(1);
      JsonNode behind =
          awaitJson(node, "/sampo/transactions/parked?after=" + page.get("next"), "parked", 1);
      assertThat(behind.get("messages")).isEmpty();
      assertThat(behind.get("next").isNull()).isTrue();
    }
  }

  @Test
  void managementTellsWhatIsWrongWithAQuestion() throws Exception {
    try (SampoNode node = start()) {
      assertThat(get(node, "/sampo/timers?limit=1001").statusCode()).isEqualTo(400);
      assertThat(get(node, "/sampo/timers?from=soon").body()).contains("from", "soon");
      assertThat(get(node, "/sampo/transactions/parked?limit=0").statusCode()).isEqualTo(400);
      assertThat(get(node, "/sampo/timers?log-group=broker-7").statusCode()).isEqualTo(404);
      assertThat(ask(node, "DELETE", "/sampo/timers").statusCode()).isEqualTo(405);
    }
  }

  /** Asks until a number is as it should be: what was answered may not be in the list at once. */
  private static JsonNode awaitJson(SampoNode node, String path, String field, int value)
      throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      HttpResponse<String> answer = get(node, path);
      JsonNode json = new ObjectMapper().readTree(answer.body());
      if (answer.statusCode() == 200 && json.get(field).asInt() == value) {
        return json;
      }
      assertThat(System.nanoTime()).as(answer.body()).isLessThan(deadline);
    }
  }

  private static HttpResponse<String> get(SampoNode node, String path) throws Exception {
    return ask(node, "GET", path);
  }

  private static HttpResponse<String> ask(SampoNode node, String method, String path)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + node.addresses().managementPort() + path);
    HttpRequest request =
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aPortThatIsTakenIsNamedAndNothingStaysBehind() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      for (String setting :
          List.of("sampo.broker.port", "sampo.cluster.port", "sampo.management.port")) {
        assertThatThrownBy(() -> start(directory, Map.of(setting, port)))
            .as(setting)
            .isInstanceOf(StartFailedException.class)
            .hasMessageContaining(port);
      }
    }
    start().close(); // the directory is free
  }

  @Test
  void aDirectoryIsNotSharedByTwoNodes() throws Exception {
    try (SampoNode node = start()) {
      assertThatThrownBy(this::start)
          .isInstanceOf(StartFailedException.class)
          .hasMessageContaining("is in use by another node");
      try (RawClient client = new RawClient(brokerPort(node))) {
        assertThat(client.route("TBW102")).contains("broker-0");
      }
    }
  }

  @Test
  void aDamagedLogIsReportedAndNotServed() throws Exception {
    try (SampoNode node = start();
        RawClient client = new RawClient(brokerPort(node))) {
      assertThat(client.send("Orders", "damaged soon").header()).contains("\"code\":0");
    }
    damage("damaged soon");

    assertThatThrownBy(this::start)
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("the log of broker-0 can't be opened")
        .hasMessageContaining(directory.toString());
  }

  /** Changes one byte of the stored message. */
  private void damage(String body) throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("broker-0"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        int at = text.indexOf(body);
        if (at >= 0) {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {'D'}), at);
          }
          return;
        }
      }
    }
    throw new AssertionError("the message is in no file of " + directory);
  }
}
