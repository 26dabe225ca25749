package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.Management;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.AckedHistory.Promise;
import io.sampo.multijvm.history.DeadLetterHistory;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.history.Place;
import io.sampo.multijvm.history.Received;
import io.sampo.multijvm.history.Sent.Outcome;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.Delivery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Everything at once, on a node that is killed again and again: what every kind of producer heard
 * is compared with what the queues hold in the end, and that with what every kind of consumer got.
 *
 * <p>The times of the kills follow from a seed, which is printed; {@code -Dall-features.seed=…} has
 * the same ones again.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class FeaturesTogetherTest {
  /** A 4.9 client may notice only after 30 s that its pull ended with the node. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Acknowledged messages; far less than an idle machine makes of it. */
  private static final int WORTH_JUDGING = 200;

  private static final int DEAD_WORTH_JUDGING = 5;

  private static final NodeOptions QUICK =
      NodeOptions.defaults()
          .with("sampo.log.segment-size", "16 MiB")
          .with("sampo.schedule.delay-levels", "1s 2s" + " 1s".repeat(16))
          .with("sampo.transaction.timeout", "1s")
          .with("sampo.transaction.check-interval", "1s")
          .with("sampo.transaction.check-max", "1000")
          .with("sampo.transaction.snapshot-every", "50")
          .with("sampo.consumer.snapshot-every", "50")
          .with("sampo.catalog.snapshot-every", "5");

  @Test
  void everyPromiseIsKeptThroughTenCrashes() throws Exception {
    run(10);
  }

  @Test
  @Tag("long")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void everyPromiseIsKeptThroughAHundredCrashes() throws Exception {
    run(100);
  }

  private static void run(int kills) throws Exception {
    CrashPlan plan = CrashPlan.draw(Long.getLong("all-features.seed", System.nanoTime()), kills);
    System.out.println("all features: " + plan);
    String mixedTopic = Names.fresh("Mixed");
    String orderedTopic = Names.fresh("Ordered");
    try (NodeProcess node = NodeProcess.start("all-features", QUICK);
        AllFeaturesProducers producers = new AllFeaturesProducers(node, mixedTopic, orderedTopic);
        AllFeaturesConsumers consumers =
            new AllFeaturesConsumers(node, mixedTopic, orderedTopic, producers.ordered())) {
      producers.start();
      plan.carryOut(node);
      producers.stop();
      Verdict verdict = new Verdict(node, mixedTopic, producers, consumers);
      verdict.awaitQuiet();
      verdict.judge();
    }
  }

  /** The end of a run: waits until nothing is under way any more, and judges. */
  private static final class Verdict {
    private final NodeProcess node;
    private final String mixedTopic;
    private final AllFeaturesProducers producers;
    private final AllFeaturesConsumers consumers;

    Verdict(
        NodeProcess node,
        String mixedTopic,
        AllFeaturesProducers producers,
        AllFeaturesConsumers consumers) {
      this.node = node;
      this.mixedTopic = mixedTopic;
      this.producers = producers;
      this.consumers = consumers;
    }

    void awaitQuiet() throws ClientFailed {
      Await.until(
          () -> "transactions asked about; " + producers.deciders().openCount() + seen(),
          LIMIT,
          () -> producers.deciders().openCount() == 0);
      producers.recordTransactions();
      Set<Long> acknowledged = producers.mixed().acknowledgedKeys();
      try (Offsets offsets = new Offsets(node)) {
        for (AllFeaturesConsumers.Group group : consumers.groups()) {
          Await.until(
              () -> group.name() + " lacks " + group.missingCount(acknowledged) + seen(),
              LIMIT,
              () -> group.missingCount(acknowledged) == 0);
          Await.until(
              () -> group.name() + " commits the ends of its queues" + seen(),
              LIMIT,
              () -> offsets.isConsumed(group.name(), mixedTopic, AllFeaturesProducers.QUEUES));
        }
        Await.until(
            () -> "ordered ones come; missing " + producers.ordered().missingCount() + seen(),
            LIMIT,
            () -> producers.ordered().missingCount() == 0);
        List<Long> doomed = doomed(stored());
        Await.until(
            "all tries of what is failed",
            LIMIT,
            () ->
                doomed.stream()
                    .allMatch(
                        key -> consumers.failing().isTried(key, AllFeaturesConsumers.LAST_TRY)));
        Await.until(
            () -> doomed.size() + " dead letters" + seen(),
            LIMIT,
            () -> offsets.end(consumers.deadLetterTopic(), 0) >= doomed.size());
        Await.until(
            () -> "nothing is tried again any more" + seen(), LIMIT, () -> isQuiet(offsets));
      }
    }

    /** All tries are made, and none waits: else there might still come another dead letter. */
    private boolean isQuiet(Offsets offsets) {
      String tries = consumers.retryTopic();
      long end = offsets.end(tries, 0);
      try {
        return offsets.isConsumed(consumers.failingGroup(), tries, 1)
            && Management.get(node, "/sampo/timers").path("waiting").asInt(1) == 0
            && offsets.end(tries, 0) == end;
      } catch (IOException e) {
        return false;
      }
    }

    private String seen() {
      return "; " + node.outputTail();
    }

    private List<Delivery> stored() throws ClientFailed {
      return QueueReader.readAll(node, mixedTopic, AllFeaturesProducers.QUEUES);
    }

    private static List<Long> doomed(List<Delivery> stored) {
      return stored.stream()
          .map(delivery -> Payload.key(delivery.body()))
          .filter(MixedMessages::isDoomed)
          .distinct()
          .toList();
    }

    void judge() throws ClientFailed {
      List<Delivery> stored = stored();
      for (Delivery message : stored) {
        long key = Payload.key(message.body());
        producers.mixed().received("queues", key, place(message));
        assertThat(message.storedAt())
            .as("time of key %s", key)
            .isGreaterThanOrEqualTo(producers.dueMs().getOrDefault(key, 0L));
      }
      assertThat(producers.mixed().violations(Promise.EXACTLY_ONCE)).as("queues").isEmpty();
      assertThat(producers.ordered().violations(Promise.AT_LEAST_ONCE)).as("ordered").isEmpty();
      assertThat(consumers.orderedInbox().violations()).isEmpty();
      List<Received> places = new ArrayList<>();
      stored.forEach(
          message ->
              places.add(new Received("queues", Payload.key(message.body()), place(message))));
      for (AllFeaturesConsumers.Group group : consumers.groups()) {
        assertThat(group.violations(places)).as(group.name()).isEmpty();
      }
      judgeDeadLetters(stored);
    }

    private void judgeDeadLetters(List<Delivery> stored) throws ClientFailed {
      List<Long> dead =
          QueueReader.readAll(node, consumers.deadLetterTopic(), 1).stream()
              .map(letter -> Payload.key(letter.body()))
              .toList();
      Map<Long, List<Integer>> tries = consumers.failing().tries(doomed(stored));
      assertThat(DeadLetterHistory.violations(tries, AllFeaturesConsumers.LAST_TRY, dead))
          .as("dead letters")
          .isEmpty();
      System.out.printf(
          "all features: %d messages acknowledged, %d unknown, %d taken back, %d in the queues,"
              + " %d asked about, %d dead letters, of which %d had more tries than needed%n",
          producers.mixed().acknowledgedCount(),
          producers.mixed().count(Outcome.UNKNOWN),
          producers.mixed().count(Outcome.WITHDRAWN),
          stored.size(),
          producers.deciders().askedCount(),
          dead.size(),
          tries.values().stream()
              .filter(made -> made.size() > AllFeaturesConsumers.LAST_TRY + 1)
              .count());
      assertThat(producers.mixed().acknowledgedCount()).isGreaterThan(WORTH_JUDGING);
      assertThat(dead).hasSizeGreaterThan(DEAD_WORTH_JUDGING);
    }

    private static Place place(Delivery message) {
      return new Place(message.queueId(), message.queueOffset());
    }
  }
}
