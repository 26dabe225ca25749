package io.sampo.storage.recovery;

import java.util.Arrays;

/**
 * Which epoch wrote which part of the log: the start position of every epoch, both growing. It is
 * recovered from the batch headers, and tells where two logs part. Written by the log's writer,
 * read by any thread.
 */
public final class EpochTable {
  private record Starts(long[] epochs, long[] positions) {}

  private volatile Starts starts = new Starts(new long[0], new long[0]);

  /**
   * Notes that an epoch starts; the newest epoch again changes nothing.
   *
   * @throws IllegalArgumentException when the epoch or the position is below the newest one's
   */
  public void begin(long epoch, long position) {
    Starts now = starts;
    int count = now.epochs.length;
    if (epoch == newest()) {
      return;
    }
    if (count > 0) {
      long newest = now.epochs[count - 1];
      if (epoch < newest || position < now.positions[count - 1]) {
        throw new IllegalArgumentException(
            "epoch %d at %d can't follow epoch %d at %d"
                .formatted(epoch, position, newest, now.positions[count - 1]));
      }
    }
    long[] epochs = Arrays.copyOf(now.epochs, count + 1);
    long[] positions = Arrays.copyOf(now.positions, count + 1);
    epochs[count] = epoch;
    positions[count] = position;
    starts = new Starts(epochs, positions);
  }

  /** What it holds now; neither follows the other. */
  public EpochTable copy() {
    EpochTable copy = new EpochTable();
    copy.starts = starts;
    return copy;
  }

  /** Forgets the epochs that start at a position or behind it. */
  public void cutTo(long position) {
    Starts now = starts;
    int count = 0;
    while (count < now.epochs.length && now.positions[count] < position) {
      count++;
    }
    starts = new Starts(Arrays.copyOf(now.epochs, count), Arrays.copyOf(now.positions, count));
  }

  /** The newest epoch, 0 when there is none. */
  public long newest() {
    long[] epochs = starts.epochs;
    return epochs.length == 0 ? 0 : epochs[epochs.length - 1];
  }

  /** How many epochs there are. */
  public int size() {
    return starts.epochs.length;
  }

  /** The epoch that wrote the byte at a position; 0 when the table starts later. */
  public long epochAt(long position) {
    Starts now = starts;
    int at = Arrays.binarySearch(now.positions, position);
    // Of several epochs that start at one position the last one wrote it.
    int before = at >= 0 ? lastOf(now.positions, at) : -at - 2;
    return before < 0 ? 0 : now.epochs[before];
  }

  /** The start of the i-th oldest epoch. */
  public long startOf(int index) {
    return starts.positions[index];
  }

  /** The i-th oldest epoch. */
  public long epoch(int index) {
    return starts.epochs[index];
  }

  private static int lastOf(long[] positions, int at) {
    int last = at;
    while (last + 1 < positions.length && positions[last + 1] == positions[at]) {
      last++;
    }
    return last;
  }
}
