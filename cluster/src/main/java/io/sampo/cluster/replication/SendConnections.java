package io.sampo.cluster.replication;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Over which connections a stored send has come, and whether its producer may have been told that
 * nobody knows what became of it: what a retry is told by. In memory; what is in the log is the
 * port of the first attempt. The commit log's thread only.
 */
final class SendConnections {
  /** Sends of which more than the first connection is known, or that the first had no answer. */
  private static final int SENDS_MAX = 4096;

  /** A producer that has so many connections is forgotten to have had the oldest. */
  private static final int PORTS_MAX = 8;

  /** How long after it was stored a producer repeats a send that it was told of by an error. */
  private static final long REPEATED_MS_MAX = 60_000;

  private static final int[] NONE = {};

  /**
   * How a send came.
   *
   * @param port of its connection
   * @param again whether the same was sent to a leader before, and nobody knows what that did
   */
  record Attempt(int port, boolean again) {}

  private final Map<Long, int[]> ports = bounded();
  private final Map<Long, Boolean> unanswered = bounded();
  private long unansweredFrom;
  private long unansweredEnd;

  private static <V> Map<Long, V> bounded() {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<Long, V> eldest) {
        return size() > SENDS_MAX;
      }
    };
  }

  /**
   * A leadership begins.
   *
   * @param committedBefore what was known to be committed before it was won, 0 when nothing was
   * @param committed what is since then; what lies between had no answer from the leader before, or
   *     just had one
   */
  void begin(long committedBefore, long committed) {
    ports.clear();
    unanswered.clear();
    unansweredFrom = committedBefore == 0 ? committed : committedBefore;
    unansweredEnd = committed;
  }

  /** The producer of the send there was told that it may be stored, or not. */
  void uncertain(long position) {
    unanswered.put(position, true);
  }

  /**
   * Whether a copy that comes over a connection is a retry: over one that the send has not come
   * over, or when the producer had no answer.
   *
   * @param attempt the copy
   * @param firstPort of the connection of the first attempt
   * @param ageMs since that was stored
   */
  boolean isRetry(long position, Attempt attempt, int firstPort, long ageMs) {
    int port = attempt.port();
    int @Nullable [] later = ports.get(position);
    boolean uncertain =
        unanswered.containsKey(position)
            || (later == null
                && ageMs <= REPEATED_MS_MAX
                && (attempt.again() || (position >= unansweredFrom && position < unansweredEnd)));
    return uncertain || (port != firstPort && (later == null || !contains(later, port)));
  }

  /** A retry was recognised, and is answered; what comes over its connection next is none. */
  void recognised(long position, int port) {
    unanswered.remove(position);
    int[] before = ports.getOrDefault(position, NONE);
    if (contains(before, port)) {
      return;
    }
    int from = before.length < PORTS_MAX ? 0 : 1;
    int[] now = Arrays.copyOfRange(before, from, before.length + 1);
    now[now.length - 1] = port;
    ports.put(position, now);
  }

  private static boolean contains(int[] ports, int port) {
    for (int each : ports) {
      if (each == port) {
        return true;
      }
    }
    return false;
  }
}
