package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The leaders tell a node that starts again the same as ever, before its logs are open. That must
 * not be the last that it hears: later its vote is needed.
 */
@Timeout(150)
final class EarlyWordsTest {
  /** How often Pekko gives numbers to actors that much is sent to; a minute by default. */
  private static final Map<String, String> NUMBERS_OFTEN =
      Map.of(
          "pekko.remote.artery.advanced.compression.actor-refs.advertisement-interval", "500 ms");

  @TempDir Path directory;

  @Test
  void aNodeThatStartedAgainVotesAlsoAfterAWhile() throws Exception {
    try (NodesInOneJvm nodes = new NodesInOneJvm(directory, 3)) {
      Map<String, String> founding = new HashMap<>(NUMBERS_OFTEN);
      founding.put("sampo.cluster.initial-nodes", "3");
      nodes.start(founding, 0, 1, 2);
      awaitStored(nodes, 1);
      nodes.stop(2);
      nodes.start(NUMBERS_OFTEN, 2);
      long later = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
      while (System.nanoTime() < later) {
        awaitStored(nodes, 1);
      }

      nodes.stop(0);

      awaitStored(nodes, 1);
      awaitStored(nodes, 2);
    }
  }

  private static void awaitStored(NodesInOneJvm nodes, int by) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    String answer = "";
    while (!answer.contains("\"code\":0,")) {
      assertThat(System.nanoTime()).as(answer).isLessThan(deadline);
      try (RawClient client = nodes.client(by, "broker-0")) {
        answer = client.send("Orders", "one").header();
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
