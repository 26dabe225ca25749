package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The bridge between the simulated protocol and the real disk: {@link Replica}s over {@link
 * SegmentedReplicaLog}s in the simulated network, under crashes in the middle of any write, power
 * failures that lose pages, full disks, partitions, damaged files, changes of membership and old
 * segments that go. One run per seed; a failing run says its seed, and {@code
 * -Dreal-logs.first-seed=… -Dreal-logs.seeds=1} has it again.
 */
class RealLogsTest {
  private static final long FIRST_SEED = Long.getLong("real-logs.first-seed", 1);
  private static final long SEEDS = Long.getLong("real-logs.seeds", 12);
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  @Test
  void allReplicasHaveTheSameLogAndAllThatWasAcknowledged() throws IOException {
    Map<String, Integer> calls = new TreeMap<>();
    long acknowledged = 0;
    long wins = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      RealLogs group = play(seed);
      group.calls().forEach((name, count) -> calls.merge(name, count, Integer::sum));
      calls.merge("repairs", group.repairs, Integer::sum);
      acknowledged += group.acknowledgedCount();
      wins += group.wins();
    }
    System.out.printf(
        "%d runs from seed %d: %d leaderships, %d messages acknowledged, writes %s%n",
        SEEDS, FIRST_SEED, wins, acknowledged, calls);
    if (SEEDS >= 12) { // a simulation in which nothing happens finds nothing
      assertThat(acknowledged).isGreaterThan(50 * SEEDS);
      assertThat(wins).isGreaterThan(2 * SEEDS);
      assertThat(calls)
          .containsKeys("cutTo", "dropBelow", "appendFrames", "appendMembership", "persist");
    }
  }

  private static RealLogs play(long seed) throws IOException {
    Path folder =
        Files.isWritable(SHARED_MEMORY)
            ? Files.createTempDirectory(SHARED_MEMORY, "sampo-real-logs")
            : Files.createTempDirectory("sampo-real-logs");
    RealLogs group = new RealLogs(seed, folder);
    try {
      group.run();
      return group;
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed %d, at %d ms: %s%nagain: -Dreal-logs.first-seed=%d -Dreal-logs.seeds=1"
              .formatted(seed, group.nowMs(), e.getMessage(), seed),
          e);
    } finally {
      RealReplica.delete(folder);
    }
  }
}
