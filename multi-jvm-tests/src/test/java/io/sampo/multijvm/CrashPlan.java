package io.sampo.multijvm;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * When a node is killed ({@code kill -9}) and started again, drawn from a seed: some time after it
 * was ready, and sometimes once more while it starts.
 */
record CrashPlan(long seed, List<Crash> crashes) {
  private static final int UP_MS_MIN = 1_000;
  private static final int UP_MS_MAX = 4_000;
  private static final int STARTING_MS_MAX = 2_500;
  private static final int ONE_OF_TWICE = 4;

  /**
   * One crash.
   *
   * @param up how long the node is ready before
   * @param starting how far its start comes before it is killed once more, zero for not
   */
  record Crash(Duration up, Duration starting) {}

  /** So many kills; those during a start count. */
  static CrashPlan draw(long seed, int kills) {
    Random random = new Random(seed);
    List<Crash> crashes = new ArrayList<>();
    for (int drawn = 0; drawn < kills; drawn++) {
      Duration up = Duration.ofMillis(random.nextInt(UP_MS_MIN, UP_MS_MAX));
      boolean twice = drawn + 1 < kills && random.nextInt(ONE_OF_TWICE) == 0;
      Duration starting =
          twice ? Duration.ofMillis(random.nextInt(1, STARTING_MS_MAX)) : Duration.ZERO;
      crashes.add(new Crash(up, starting));
      drawn += twice ? 1 : 0;
    }
    return new CrashPlan(seed, List.copyOf(crashes));
  }

  /** Carries it out; the node is ready before and afterwards. */
  void carryOut(NodeProcess node) {
    for (Crash crash : crashes) {
      Await.breathe(crash.up());
      node.kill();
      if (!crash.starting().isZero()) {
        node.launch();
        Await.breathe(crash.starting());
        node.kill();
      }
      node.start();
    }
  }
}
