package io.sampo.storage.keys;

import java.util.Arrays;

/**
 * What was found, the newest message first. Filled by one thread.
 *
 * <p>Complete means that there is nothing else to find: all was looked at, or as many messages as
 * were asked for are there. Otherwise the time was over before.
 */
public final class KeyMatches {
  private long[] positions;
  private int[] sizesBytes;
  private int count;
  private boolean complete = true;

  KeyMatches(int expected) {
    this.positions = new long[expected];
    this.sizesBytes = new int[expected];
  }

  void add(long position, int sizeBytes) {
    if (count == positions.length) {
      positions = Arrays.copyOf(positions, 2 * count);
      sizesBytes = Arrays.copyOf(sizesBytes, 2 * count);
    }
    positions[count] = position;
    sizesBytes[count] = sizeBytes;
    count++;
  }

  /** Takes back what was added last. */
  void keepOnly(int first) {
    count = first;
  }

  void cutShort() {
    complete = false;
  }

  /** How many messages were found. */
  public int count() {
    return count;
  }

  /** The log position of a message. */
  public long position(int match) {
    return positions[match];
  }

  /** The length of a message's record. */
  public int sizeBytes(int match) {
    return sizesBytes[match];
  }

  /** False when there may be more that wasn't looked at. */
  public boolean isComplete() {
    return complete;
  }
}
