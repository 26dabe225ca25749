package io.sampo.multijvm.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Says what is wrong with a history of sends and deliveries of one topic; a pure function of its
 * lists. It judges by what the application saw alone: what was acknowledged, when, and what came.
 *
 * <p>Always a violation: an acknowledged message that never came (lost), a delivered one that
 * nobody sent (phantom) or its producer took back (revived), a place that held two messages
 * (rewritten), a message that came from another place than its acknowledgement said (moved), a
 * place that was skipped (gap), and a send that began after another was acknowledged and yet lies
 * before it in the queue (reordered).
 *
 * <p>Under {@link Promise#EXACTLY_ONCE}, what a run without faults owes: also a message that came
 * twice (duplicated), and within a session any step other than to the queue's next place
 * (reordered). Under {@link Promise#AT_LEAST_ONCE}, what a crash or a change of consumers leaves:
 * deliveries may start again from an earlier place, and a send of unknown outcome may be stored
 * twice. A send that the client may have tried several times may be stored several times under
 * either, if one of the places is the acknowledged one.
 */
public final class AckedHistory {
  /** What the run under judgement promised. */
  public enum Promise {
    EXACTLY_ONCE,
    AT_LEAST_ONCE
  }

  /** The kinds of violation. */
  public enum Kind {
    LOST,
    PHANTOM,
    REVIVED,
    REWRITTEN,
    MOVED,
    GAP,
    REORDERED,
    DUPLICATED
  }

  /**
   * One violation.
   *
   * @param what the places and keys at fault, for the reader of a failed test
   */
  public record Violation(Kind kind, String what) {
    @Override
    public String toString() {
      return kind + ": " + what;
    }
  }

  private final Promise promise;
  private final List<Received> received;
  private final Map<Long, Sent> sentByKey = new HashMap<>();
  private final Map<Long, Set<Place>> cameFrom = new HashMap<>();
  private final List<Violation> violations = new ArrayList<>();

  private AckedHistory(Promise promise, List<Sent> sent, List<Received> received) {
    this.promise = promise;
    this.received = received;
    for (Sent send : sent) {
      if (sentByKey.put(send.key(), send) != null) {
        throw new IllegalArgumentException("key " + send.key() + " was used for two sends");
      }
    }
    for (Received delivery : received) {
      cameFrom.computeIfAbsent(delivery.key(), key -> new HashSet<>()).add(delivery.place());
    }
  }

  /**
   * Every violation; an empty list when the history is what was promised.
   *
   * @throws IllegalArgumentException when two sends share a key, so that nothing could be said
   */
  public static List<Violation> violations(
      Promise promise, List<Sent> sent, List<Received> received) {
    AckedHistory history = new AckedHistory(promise, sent, received);
    history.checkLost();
    history.checkPlaces();
    history.checkGaps();
    history.checkSendOrder();
    history.checkDeliveries();
    return List.copyOf(history.violations);
  }

  private void checkLost() {
    Set<Long> came = new HashSet<>();
    received.forEach(delivery -> came.add(delivery.key()));
    for (Sent send : sentByKey.values()) {
      if (send.outcome() == Sent.Outcome.ACKNOWLEDGED && !came.contains(send.key())) {
        report(Kind.LOST, "key " + send.key() + " acknowledged at " + send.place());
      }
    }
  }

  /** What came from where: known, at the acknowledged place, and always the same at one place. */
  private void checkPlaces() {
    Map<Place, Long> keyAt = new HashMap<>();
    for (Received delivery : received) {
      Sent send = sentByKey.get(delivery.key());
      if (send == null) {
        report(Kind.PHANTOM, "key " + delivery.key() + " from " + delivery.place());
      } else if (send.outcome() == Sent.Outcome.WITHDRAWN) {
        report(Kind.REVIVED, "key " + delivery.key() + " from " + delivery.place());
      } else if (send.hasPlace()
          && !send.place().equals(delivery.place())
          && !(send.retried() && comesFrom(send))) {
        report(
            Kind.MOVED,
            "key " + delivery.key() + " of " + send.place() + " came from " + delivery.place());
      }
      Long other = keyAt.putIfAbsent(delivery.place(), delivery.key());
      if (other != null && other != delivery.key()) {
        report(
            Kind.REWRITTEN,
            delivery.place() + " held key " + other + " and then " + delivery.key());
      }
    }
  }

  /** Whether it came, at least once, from the place that was acknowledged. */
  private boolean comesFrom(Sent send) {
    return cameFrom.getOrDefault(send.key(), Set.of()).contains(send.place());
  }

  /** Between the first and the last place of a queue that came, each must have come. */
  private void checkGaps() {
    Map<String, List<Long>> offsets = new HashMap<>();
    received.stream()
        .map(Received::place)
        .distinct()
        .forEach(
            place ->
                offsets
                    .computeIfAbsent(place.queue(), queue -> new ArrayList<>())
                    .add(place.offset()));
    offsets.forEach(
        (queue, present) -> {
          present.sort(null);
          for (int i = 1; i < present.size(); i++) {
            if (present.get(i) != present.get(i - 1) + 1) {
              report(
                  Kind.GAP,
                  "queue " + queue + " from " + present.get(i - 1) + " to " + present.get(i));
            }
          }
        });
  }

  /**
   * Real-time order: going down a queue, no acknowledgement may be older than the start of a send
   * that was stored before it.
   */
  private void checkSendOrder() {
    List<Sent> stored =
        sentByKey.values().stream()
            .filter(Sent::hasPlace)
            .sorted(
                Comparator.comparing((Sent send) -> send.place().queue())
                    .thenComparingLong(send -> send.place().offset())
                    .thenComparingLong(Sent::startedNanos))
            .toList();
    Place previous = Place.NONE;
    Sent latestStart = null;
    for (Sent send : stored) {
      if (send.place().equals(previous)) {
        report(Kind.REWRITTEN, previous + " was acknowledged to two sends");
      }
      previous = send.place();
      if (latestStart == null || !latestStart.place().queue().equals(send.place().queue())) {
        latestStart = send;
        continue;
      }
      if (send.endedNanos() - latestStart.startedNanos() < 0) {
        report(
            Kind.REORDERED,
            "key "
                + latestStart.key()
                + " at "
                + latestStart.place()
                + " was sent after key "
                + send.key()
                + " at "
                + send.place()
                + " was acknowledged");
      }
      if (send.startedNanos() - latestStart.startedNanos() > 0) {
        latestStart = send;
      }
    }
  }

  private void checkDeliveries() {
    Set<Long> came = new HashSet<>();
    Map<String, Map<String, Long>> lastOffsets = new HashMap<>();
    for (Received delivery : received) {
      boolean again = !came.add(delivery.key());
      if (again && promise == Promise.EXACTLY_ONCE) {
        report(Kind.DUPLICATED, "key " + delivery.key() + " from " + delivery.place());
      }
      Long last =
          lastOffsets
              .computeIfAbsent(delivery.session(), session -> new HashMap<>())
              .put(delivery.place().queue(), delivery.place().offset());
      if (last != null && !mayFollow(last, delivery.place().offset())) {
        report(
            Kind.REORDERED,
            delivery.session() + " got " + delivery.place() + " right after offset " + last);
      }
    }
  }

  /** A crash may send a consumer back; nothing may make it jump ahead. */
  private boolean mayFollow(long last, long offset) {
    return offset == last + 1 || (promise == Promise.AT_LEAST_ONCE && offset <= last);
  }

  private void report(Kind kind, String what) {
    violations.add(new Violation(kind, what));
  }
}
