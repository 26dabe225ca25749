package io.sampo.cluster.replication;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the newest sends are in the log, by a 64-bit hash of what their retries have in common. A
 * hint: two sends may have one hash, so whoever finds a position looks at what is there.
 *
 * <p>Two tables, probed linearly; sends go to the newer one, and once it holds as many as are
 * promised to be remembered it becomes the older one, whose entries are forgotten. So at least that
 * many sends are known, nothing is ever taken out, and a put or find costs one cache line per
 * table. An entry is 8 bytes, at most three quarters of a table are taken:
 *
 * <pre>
 *  63           40 39                                0
 *  +--------------+----------------------------------+
 *  | tag          | position - table's base + 1      |    0: free
 *  +--------------+----------------------------------+
 *    the hash's
 *    upper bits
 * </pre>
 *
 * <p>Of sends with one tag and neighbouring places only the newest is known: so a producer that
 * sends one message over and over makes no long chain. By accident that happens to about one send
 * in ten million, whose retry is then not recognised. Not thread-safe.
 *
 * <p>Public for its benchmark only.
 */
public final class SendWindow {
  static final long NOT_KNOWN = -1;

  private static final int TAG_SHIFT = 40;
  private static final long PLACE_MASK = (1L << TAG_SHIFT) - 1;
  private static final int SLOTS_MIN = 1 << 4;

  private final int sendsMax;
  private final int slots;

  /** Made when they are needed. */
  private long @Nullable [] newer;

  private long @Nullable [] older;
  private long newerBase;
  private long olderBase;
  private int newerSends;

  /**
   * @param sends how many are remembered at least; up to twice as many are
   */
  public SendWindow(int sends) {
    this.sendsMax = sends;
    long wanted = Math.max(SLOTS_MIN, sends + sends / 3L + 1);
    this.slots = (int) Math.min(1 << 30, Long.highestOneBit(wanted - 1) << 1);
  }

  /** The bytes that both tables take together. */
  long bytesMax() {
    return 2L * slots * Long.BYTES;
  }

  /** Forgets everything. */
  void clear() {
    newer = null;
    older = null;
    newerSends = 0;
  }

  /** Where the newest send with the hash is, or {@link #NOT_KNOWN}. */
  public long find(long hash) {
    long found = find(newer, newerBase, hash);
    return found == NOT_KNOWN ? find(older, olderBase, hash) : found;
  }

  private static long find(long @Nullable [] table, long base, long hash) {
    if (table != null) {
      int mask = table.length - 1;
      long tag = hash >>> TAG_SHIFT;
      int slot = (int) hash & mask;
      long entry;
      while ((entry = table[slot]) != 0) {
        if (entry >>> TAG_SHIFT == tag) {
          return base + (entry & PLACE_MASK) - 1;
        }
        slot = slot + 1 & mask;
      }
    }
    return NOT_KNOWN;
  }

  /**
   * Remembers a send.
   *
   * @param position in the log, above that of every earlier send
   */
  public void put(long hash, long position) {
    long[] table = newer;
    if (table == null || newerSends == sendsMax || position - newerBase >= PLACE_MASK) {
      table = beginTable(position);
    }
    int mask = table.length - 1;
    long tag = hash >>> TAG_SHIFT;
    int slot = (int) hash & mask;
    long entry;
    while ((entry = table[slot]) != 0 && entry >>> TAG_SHIFT != tag) {
      slot = slot + 1 & mask;
    }
    if (entry == 0) {
      newerSends++;
    }
    table[slot] = tag << TAG_SHIFT | position - newerBase + 1;
  }

  private long[] beginTable(long position) {
    long[] table = older;
    if (table == null) {
      table = new long[slots];
    } else {
      Arrays.fill(table, 0);
    }
    older = newer;
    olderBase = newerBase;
    newer = table;
    newerBase = position;
    newerSends = 0;
    return table;
  }
}
