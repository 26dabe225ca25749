package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in this JVM, one of which loses a part that nothing works without. */
@Timeout(180)
final class HalfANodeTest {
  private static final String REPLICATION = "sampo-replication";

  @Test // and the log groups that it led are led on: they would wait for its copies for ever
  void aNodeWhoseReplicationBreaksEnds(@TempDir Path directory) throws Exception {
    try (NodesInOneJvm nodes = new NodesInOneJvm(directory, 3)) {
      nodes.found();
      for (int i = 0; i < 3; i++) {
        try (RawClient client = nodes.client(i, "broker-" + i)) {
          assertThat(client.send("Orders", "kept").header()).contains("\"code\":0");
        }
      }
      List<Thread> threads = replicationThreads();
      assertThat(threads).hasSize(3);

      breakIt(threads.get(0));

      int broken = awaitBroken(nodes);
      int other = (broken + 1) % 3;
      for (int i = 0; i < 3; i++) {
        String broker = "broker-" + i;
        assertThat(nodes.answer(other, broker, client -> client.maxOffset("Orders")))
            .as(broker)
            .contains("\"offset\":\"1\"");
        assertThat(nodes.answer(other, broker, client -> client.send("Orders", "more").header()))
            .as(broker)
            .contains("\"code\":0");
      }
      nodes.start(Map.of(), broken); // its directory and its ports are free
    }
  }

  /**
   * Its thread stands still in its selector: nobody is answered at its port, and its own questions
   * have no answers. The cluster's own connections don't notice.
   */
  @Test
  void aLeaderThatNobodyCanFollowIsSucceededUntilItCanBeAgain(@TempDir Path directory)
      throws Exception {
    try (NodesInOneJvm nodes = new NodesInOneJvm(directory, 3)) {
      nodes.found();
      nodes.awaitLogGroups(0, groups -> leaders(groups) == 3);
      Thread thread = replicationThreads().get(0);
      holdInItsSelector(thread);
      try {
        for (int i = 0; i < 3; i++) {
          assertThat(
                  nodes.answer(0, "broker-" + i, client -> client.send("Orders", "more").header()))
              .as("broker-" + i)
              .contains("\"code\":0");
        }
        assertThat(leaders(nodes.logGroups(0))).as("nodes that lead").isEqualTo(2);
      } finally {
        letGoOn(thread);
      }
      nodes.awaitLogGroups(0, groups -> leaders(groups) == 3);
    }
  }

  /** Another leader would be no better off, and clients would lose what this one still serves. */
  @Test
  @Tag("long")
  void whereNobodyCanBeFollowedNothingGoesToAndFro(@TempDir Path directory) throws Exception {
    try (NodesInOneJvm nodes = new NodesInOneJvm(directory, 3)) {
      nodes.found();
      nodes.awaitLogGroups(0, groups -> leaders(groups) == 3);
      assertThat(nodes.answer(0, "broker-0", client -> client.send("Orders", "first").header()))
          .contains("\"code\":0");
      Map<String, String> before = epochs(nodes.logGroups(0));
      List<Thread> threads = replicationThreads();
      for (Thread thread : threads) {
        holdInItsSelector(thread);
      }
      try (RawClient client = nodes.client(0, "broker-0")) {
        for (int i = 0; i < 5; i++) { // each waits for ack-timeout, 2.5 s
          assertThat(client.send("Orders", "in vain").header()).doesNotContain("\"code\":0");
        }
        assertThat(epochs(nodes.logGroups(0))).isEqualTo(before);
      } finally {
        threads.forEach(HalfANodeTest::letGoOn);
      }
      assertThat(nodes.answer(0, "broker-0", client -> client.send("Orders", "more").header()))
          .contains("\"code\":0");
      assertThat(epochs(nodes.logGroups(0))).as("led by the same").isEqualTo(before);
    }
  }

  /** Under which epoch each log group is led. */
  private static Map<String, String> epochs(JsonNode logGroups) {
    Map<String, String> epochs = new HashMap<>();
    for (JsonNode group : logGroups) {
      epochs.put(
          group.get("logGroup").asText(),
          group.get("leader").asText() + " " + group.get("epoch").asText());
    }
    return epochs;
  }

  /** How many nodes lead something. */
  private static long leaders(JsonNode logGroups) {
    Set<String> leaders = new HashSet<>();
    for (JsonNode group : logGroups) {
      leaders.add(group.get("leader").asText("nobody"));
    }
    leaders.remove("null");
    leaders.remove("nobody");
    return leaders.size();
  }

  @SuppressWarnings({"deprecation", "removal"})
  private static void holdInItsSelector(Thread thread) throws InterruptedException {
    while (true) {
      thread.suspend();
      StackTraceElement[] stack = thread.getStackTrace();
      if (stack.length > 0
          && stack[0].isNativeMethod()
          && stack[0].getMethodName().equals("wait")) {
        return; // it holds nothing that others want
      }
      thread.resume();
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @SuppressWarnings({"deprecation", "removal"})
  private static void letGoOn(Thread thread) {
    thread.resume();
  }

  private static List<Thread> replicationThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(REPLICATION))
        .toList();
  }

  /** There is no other way to throw anything at a thread that takes all exceptions. */
  @SuppressWarnings({"deprecation", "removal"})
  private static void breakIt(Thread thread) {
    thread.stop();
  }

  /** Waits for the one that ends; returns which it was. */
  private static int awaitBroken(NodesInOneJvm nodes) throws Exception {
    CompletableFuture<Integer> ended = new CompletableFuture<>();
    for (int i = 0; i < 3; i++) {
      int index = i;
      SampoNode node = nodes.node(i);
      Thread watch =
          new Thread(
              () -> {
                try {
                  node.awaitStop();
                  ended.complete(index);
                } catch (InterruptedException | RuntimeException e) {
                  ended.completeExceptionally(e);
                }
              },
              "watch-" + i);
      watch.setDaemon(true);
      watch.start();
    }
    int broken = ended.get(60, TimeUnit.SECONDS);
    assertThat(nodes.awaitEnd(broken)).isEqualTo(SampoNode.Ending.BROKEN);
    return broken;
  }
}
