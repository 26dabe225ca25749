package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the command says and ends with, against a stand-in for a node's management port. */
final class DecommissionCommandTest {
  private static final String HAS_TWO =
      "[{\"logGroup\":\"broker-0\",\"replicas\":[{\"node\":\"n1\"},{\"node\":\"n2\"}]},"
          + "{\"logGroup\":\"broker-1\",\"replicas\":[{\"node\":\"n1\"}]}]";
  private static final String HAS_NONE =
      "[{\"logGroup\":\"broker-0\",\"replicas\":[{\"node\":\"n2\"}]}]";

  private record Answer(int status, String type, String body) {}

  private final List<String> asked = new ArrayList<>();
  private final Deque<Answer> answers = new ArrayDeque<>();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final PrintStream outBefore = System.out;
  private final PrintStream errBefore = System.err;
  private HttpServer node;

  @BeforeEach
  void start() throws IOException {
    PrintStream both = new PrintStream(printed, true, StandardCharsets.UTF_8);
    System.setOut(both);
    System.setErr(both);
    node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    node.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          Answer answer = answers.removeFirst();
          exchange.getResponseHeaders().set("Content-Type", answer.type());
          byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answer.status(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    node.start();
  }

  @AfterEach
  void stop() {
    System.setOut(outBefore);
    System.setErr(errBefore);
    node.stop(0);
  }

  private int run(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("decommission", "n1", "--at", "127.0.0.1:" + node.getAddress().getPort()));
    words.addAll(List.of(more));
    return Main.execute(words.toArray(String[]::new));
  }

  private void answers(int status, String type, String body) {
    answers.add(new Answer(status, type, body));
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void waitsUntilTheNodeHasNoReplicas() {
    answers(202, "application/json", "{}");
    answers(200, "application/json", HAS_TWO);
    answers(200, "application/json", HAS_NONE);

    assertThat(run("--wait")).isZero();

    assertThat(asked.get(0)).isEqualTo("POST /sampo/nodes/n1/decommission");
    assertThat(printed())
        .contains("waits for broker-0, broker-1")
        .contains("n1 has no replicas any more");
  }

  @Test
  void tellsThatItTookTooLong() {
    answers(202, "application/json", "{}");
    answers(200, "application/json", HAS_TWO);

    assertThat(run("--wait", "--timeout", "0")).isEqualTo(Main.EXIT_FAILED);

    assertThat(printed()).contains("n1 still has replicas");
  }

  @Test
  void takesItBack() {
    answers(202, "application/json", "{}");

    assertThat(run("--undo", "--wait")).isZero();

    assertThat(asked).containsExactly("DELETE /sampo/nodes/n1/decommission");
  }

  @Test
  void passesOnWhyItWasRefused() {
    answers(404, "application/json", "{\"error\":\"the cluster has no node n1\"}");

    assertThat(run()).isEqualTo(Main.EXIT_FAILED);

    assertThat(printed()).contains("the cluster has no node n1");
  }

  @Test
  void saysWhatToSetWhenTheNodeTakesNoOrders() {
    answers(404, "text/plain", "The requested resource could not be found.");

    assertThat(run()).isEqualTo(Main.EXIT_FAILED);

    assertThat(printed()).contains("sampo.management.read-only = off");
  }

  @Test
  void saysWhomItCantReach() {
    node.stop(0);

    assertThat(run()).isEqualTo(Main.EXIT_FAILED);

    assertThat(printed()).contains("no answer from http://127.0.0.1:");
  }

  @Test
  void wantsToKnowWhichNode() {
    assertThat(Main.execute("decommission")).isEqualTo(Main.EXIT_USAGE);
  }
}
