package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.AckedHistory.Promise;
import io.sampo.multijvm.official.ClientVersion;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many messages through four queues, judged one by one: nothing lost, doubled or out of order, and
 * after a crash in the middle nothing lost of what was acknowledged.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EveryMessageTest {
  private static final int MESSAGES = 20_000;
  private static final Duration LIMIT = Duration.ofSeconds(100);

  private static NodeProcess node;

  @BeforeAll
  static void startNode() {
    node = NodeProcess.start("every-message");
  }

  @AfterAll
  static void endNode() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void eachComesOnceAndInOrder(ClientVersion version) throws Exception {
    Flow.run(node, version, MESSAGES, Promise.EXACTLY_ONCE, LIMIT, Flow.Trouble.NONE);
  }

  /** Older clients wait half a minute for their timers. */
  @Test
  @Tag("long")
  void eachAcknowledgedOneComesThoughTheNodeIsKilledAndStartedAgainWith49() throws Exception {
    eachAcknowledgedOneComesThoughTheNodeIsKilledAndStartedAgain(ClientVersion.V4);
  }

  @ParameterizedTest
  @EnumSource(names = "V5")
  void eachAcknowledgedOneComesThoughTheNodeIsKilledAndStartedAgain(ClientVersion version)
      throws Exception {
    Flow.run(
        node,
        version,
        MESSAGES,
        Promise.AT_LEAST_ONCE,
        LIMIT,
        (running, history) -> {
          Await.until(
              "half of the messages",
              LIMIT,
              () ->
                  history.acknowledgedCount() >= MESSAGES / 2
                      && history.receivedCount() >= MESSAGES / 4);
          running.kill();
          running.start();
          assertThat(history.acknowledgedCount()).as("sends met the crash").isLessThan(MESSAGES);
        });
  }

  @ParameterizedTest
  @EnumSource
  @Tag("long")
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void aMillionMessagesComeOnceAndInOrder(ClientVersion version) throws Exception {
    Flow.run(
        node, version, 1_000_000, Promise.EXACTLY_ONCE, Duration.ofMinutes(15), Flow.Trouble.NONE);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("long")
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void eachAcknowledgedOneComesThroughTwentyCrashes(ClientVersion version) throws Exception {
    int crashes = 20;
    int between = 5_000;
    Flow.run(
        node,
        version,
        (crashes + 1) * between,
        Promise.AT_LEAST_ONCE,
        Duration.ofMinutes(15),
        (running, history) -> {
          for (int crash = 1; crash <= crashes; crash++) {
            int goal = crash * between;
            Await.until(
                () -> goal + " acknowledged; there are " + history.acknowledgedCount(),
                LIMIT,
                () -> history.acknowledgedCount() >= goal);
            running.kill();
            running.start();
          }
        });
  }
}
