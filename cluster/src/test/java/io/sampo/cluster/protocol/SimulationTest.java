package io.sampo.cluster.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Whole groups of replicas under faults, one run per seed. A failing run says its seed; {@code
 * -Dsimulation.first-seed=… -Dsimulation.seeds=1} has it again, exactly.
 */
final class SimulationTest {
  private static final long FIRST_SEED = Long.getLong("simulation.first-seed", 1);
  private static final long SEEDS = Long.getLong("simulation.seeds", 300);

  @Test
  void whatWasPromisedHoldsUnderAllFaults() {
    long wins = 0;
    long acknowledged = 0;
    long reads = 0;
    long events = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      SimulatedCluster cluster = Simulation.run(seed, Plant.NONE);
      wins += cluster.checker().wins();
      acknowledged += cluster.checker().acknowledgedCount();
      reads += cluster.checker().readsDone();
      events += cluster.eventCount();
    }
    System.out.printf(
        "%d runs from seed %d: %d events, %d leaderships, %d appends acknowledged, %d reads%n",
        SEEDS, FIRST_SEED, events, wins, acknowledged, reads);
    if (SEEDS >= 100) { // a simulation in which nothing happens finds nothing
      assertThat(wins).isGreaterThan(SEEDS);
      assertThat(acknowledged).isGreaterThan(20 * SEEDS);
      assertThat(reads).isGreaterThan(SEEDS);
    }
  }

  @Test
  void aSeedAlwaysGivesTheSameRun() {
    SimulatedCluster once = Simulation.run(FIRST_SEED, Plant.NONE);
    SimulatedCluster again = Simulation.run(FIRST_SEED, Plant.NONE);
    assertThat(again.eventCount()).isEqualTo(once.eventCount());
    assertThat(again.story()).isEqualTo(once.story());
  }
}
