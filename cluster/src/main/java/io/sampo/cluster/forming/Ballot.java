package io.sampo.cluster.forming;

import java.util.Comparator;

/**
 * The number of an attempt to found a cluster; no two nodes use the same one.
 *
 * @param round above all that the node had heard of
 * @param node who makes the attempt
 */
public record Ballot(long round, String node) implements Comparable<Ballot> {
  /** Below all others. */
  static final Ballot NONE = new Ballot(0, "");

  private static final Comparator<Ballot> ORDER =
      Comparator.comparingLong(Ballot::round).thenComparing(Ballot::node);

  @Override
  public int compareTo(Ballot other) {
    return ORDER.compare(this, other);
  }
}
