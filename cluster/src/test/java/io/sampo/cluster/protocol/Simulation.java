package io.sampo.cluster.protocol;

/** Runs one seed. */
final class Simulation {
  private Simulation() {}

  /** The cluster as it is in the end; throws with the seed when a promise was broken. */
  static SimulatedCluster run(long seed, Plant plant) {
    SimulatedCluster cluster = new SimulatedCluster(seed, plant);
    try {
      cluster.run();
      return cluster;
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed %d, at %d ms: %s%nagain: -Dsimulation.first-seed=%d -Dsimulation.seeds=1%n%s"
              .formatted(seed, cluster.nowMs(), e.getMessage(), seed, cluster.story()),
          e);
    }
  }
}
