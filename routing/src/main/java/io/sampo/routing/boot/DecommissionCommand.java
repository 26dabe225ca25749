package io.sampo.routing.boot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Has a node leave its cluster for good, by the management port of any node that runs; see {@link
 * PlacementRoutes}.
 */
@Command(
    name = "decommission",
    description = {
      "Has a node leave its cluster for good: its replicas move first, then it stops.",
      "Needs sampo.management.read-only = off on the node that is asked."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = {
      "",
      "Exit codes: 0 ordered, or done with --wait; 1 not ordered, or not done in time; 2 wrong usage."
    })
final class DecommissionCommand implements Callable<Integer> {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(15);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final ObjectMapper JSON = new ObjectMapper();

  @Parameters(index = "0", paramLabel = "NODE", description = "The node's sampo.node.name.")
  private String node = "";

  @Option(
      names = "--at",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:7626",
      description = "The management port of any node; ${DEFAULT-VALUE} by default.")
  private String at = "";

  @Option(
      names = "--undo",
      description = "The node stays after all, or is waited for again if it is dead.")
  private boolean undo;

  @Option(names = "--wait", description = "Waits until the node has no replicas any more.")
  private boolean wait;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "86400",
      description = "How long to wait; a day by default.")
  private long timeoutSeconds;

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER_MAX).build();

  @Override
  public Integer call() throws InterruptedException {
    try {
      HttpResponse<String> answer = order();
      if (answer.statusCode() != 202) {
        return failed(refusal(answer));
      }
      System.out.println(
          undo
              ? node + " stays in its cluster"
              : node + " leaves its cluster: its replicas move, then it stops");
      return wait && !undo ? awaitGone() : 0;
    } catch (IOException e) {
      return failed("no answer from http://" + at + ": " + describe(e));
    }
  }

  private HttpResponse<String> order() throws IOException, InterruptedException {
    String path =
        "/sampo/nodes/" + URLEncoder.encode(node, StandardCharsets.UTF_8) + "/decommission";
    return send(
        request(path)
            .method(undo ? "DELETE" : "POST", HttpRequest.BodyPublishers.noBody())
            .build());
  }

  private HttpRequest.Builder request(String path) throws IOException {
    try {
      return HttpRequest.newBuilder(URI.create("http://" + at + path)).timeout(ANSWER_MAX);
    } catch (IllegalArgumentException e) {
      throw new IOException("that is no HOST:PORT", e);
    }
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static String refusal(HttpResponse<String> answer) throws IOException {
    boolean isOurs =
        answer.headers().firstValue("Content-Type").orElse("").startsWith("application/json");
    if (isOurs) {
      return JSON.readTree(answer.body()).path("error").asText(answer.body());
    }
    return answer.statusCode() == 404 || answer.statusCode() == 405
        ? "the node takes no orders; set sampo.management.read-only = off and restart it"
        : "answered with " + answer.statusCode() + ": " + answer.body();
  }

  /** The node that is asked may be the one that leaves, and then stops answering. */
  private int awaitGone() throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(timeoutSeconds).toNanos();
    List<String> told = List.of();
    while (true) {
      try {
        List<String> left = logGroupsOnNode();
        if (left.isEmpty()) {
          System.out.println(node + " has no replicas any more");
          return 0;
        }
        if (!left.equals(told)) {
          System.out.println("waits for " + String.join(", ", left));
          told = left;
        }
      } catch (IOException e) {
        return failed(
            "no answer from http://" + at + " any more: " + describe(e) + "; ask another node");
      }
      if (System.nanoTime() - deadline > 0) {
        return failed(node + " still has replicas; they go on moving");
      }
      Thread.sleep(LOOK.toMillis());
    }
  }

  private List<String> logGroupsOnNode() throws IOException, InterruptedException {
    HttpResponse<String> answer = send(request("/sampo/log-groups").GET().build());
    if (answer.statusCode() != 200) {
      throw new IOException("answered with " + answer.statusCode());
    }
    List<String> left = new ArrayList<>();
    for (JsonNode logGroup : JSON.readTree(answer.body())) {
      for (JsonNode replica : logGroup.path("replicas")) {
        if (replica.path("node").asText().equals(node)) {
          left.add(logGroup.path("logGroup").asText());
        }
      }
    }
    return left;
  }

  private static int failed(String reason) {
    System.err.println("sampo: " + reason);
    return Main.EXIT_FAILED;
  }

  private static String describe(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
