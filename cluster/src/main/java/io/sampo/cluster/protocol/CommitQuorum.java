package io.sampo.cluster.protocol;

import java.util.Arrays;

/** How far enough replicas hold the log. Stateless. */
final class CommitQuorum {
  private CommitQuorum() {}

  /**
   * The highest position that a majority holds.
   *
   * @param held what each voter holds, 0 for who has not said; sorted by this method
   */
  static long ofMajority(long[] held) {
    Arrays.sort(held);
    return held.length == 0 ? 0 : held[(held.length - 1) / 2];
  }

  /** The highest position that all of them hold. */
  static long ofAll(long[] held) {
    return held.length == 0 ? 0 : Arrays.stream(held).min().orElse(0);
  }
}
