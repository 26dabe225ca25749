package io.sampo.cluster.protocol;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Reads that wait for the proof that their leader was current when they came. All that come while a
 * round is under way share the next one, so any number of reads costs one question per round trip.
 */
final class ReadBarriers {
  private record Waiting(long token, long position, long round) {}

  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private long round;
  private boolean roundUnderway;

  /** The newest round that followers are asked about; 0 before the first. */
  long round() {
    return round;
  }

  int size() {
    return waiting.size();
  }

  /**
   * @param position the commit position now
   */
  void add(long token, long position) {
    waiting.add(new Waiting(token, position, round + 1));
  }

  /** True when a new round has to be asked about. */
  boolean beginRound() {
    if (roundUnderway || waiting.isEmpty()) {
      return false;
    }
    round++;
    roundUnderway = true;
    return true;
  }

  /** A majority confirmed the round: what waited for it may be read. */
  List<ReplicaEffect> confirmed() {
    roundUnderway = false;
    List<ReplicaEffect> ready = new ArrayList<>();
    while (!waiting.isEmpty() && waiting.peekFirst().round() <= round) {
      Waiting first = waiting.removeFirst();
      ready.add(new ReplicaEffect.ReadReady(first.token(), first.position()));
    }
    return ready;
  }

  boolean isRoundUnderway() {
    return roundUnderway;
  }

  /** The leadership is over. */
  List<ReplicaEffect> refuseAll() {
    List<ReplicaEffect> refused = new ArrayList<>();
    waiting.forEach(each -> refused.add(new ReplicaEffect.ReadRefused(each.token())));
    waiting.clear();
    return refused;
  }
}
