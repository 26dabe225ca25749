package io.sampo.cluster.protocol;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Decides what becomes of a message: nothing, one or two arrivals, each after a delay of its own
 * (so they overtake each other). Partitions block directions between nodes.
 */
public final class SimulatedNetwork {
  private record Direction(String from, String to) {}

  private final SplittableRandom random;
  private final Set<Direction> blocked = new HashSet<>();
  private double loss;
  private double doubling;
  private double slowness;

  public SimulatedNetwork(SplittableRandom random) {
    this.random = random;
  }

  public void faults(double lossShare, double doubledShare, double slowShare) {
    loss = lossShare;
    doubling = doubledShare;
    slowness = slowShare;
  }

  public void heal() {
    blocked.clear();
    faults(0, 0, 0);
  }

  /** Splits the nodes in two; nothing passes from one side to the other, or only one way. */
  public void partition(List<String> nodes) {
    blocked.clear();
    boolean oneWay = random.nextInt(3) == 0;
    Set<String> side = new HashSet<>();
    for (String node : nodes) {
      if (random.nextBoolean()) {
        side.add(node);
      }
    }
    for (String from : nodes) {
      for (String to : nodes) {
        boolean leaves = side.contains(from) && !side.contains(to);
        boolean enters = !side.contains(from) && side.contains(to);
        if (leaves || (enters && !oneWay)) {
          blocked.add(new Direction(from, to));
        }
      }
    }
  }

  public void unblock() {
    blocked.clear();
  }

  /** After how many milliseconds the message arrives, once per arrival. */
  public long[] arrivals(String from, String to) {
    if (blocked.contains(new Direction(from, to)) || random.nextDouble() < loss) {
      return new long[0];
    }
    long[] delays = new long[random.nextDouble() < doubling ? 2 : 1];
    for (int i = 0; i < delays.length; i++) {
      delays[i] = random.nextDouble() < slowness ? random.nextLong(10, 400) : random.nextLong(1, 6);
    }
    return delays;
  }
}
