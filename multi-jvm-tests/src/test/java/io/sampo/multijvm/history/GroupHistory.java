package io.sampo.multijvm.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Says what is wrong with what one consumer group got of a topic, measured by what the topic's
 * queues hold; a pure function. The group may get messages several times, as after a crash, but
 * each that its filter lets through at least once, from where it is, and none of the others.
 */
public final class GroupHistory {
  /** The kinds of violation. */
  public enum Kind {
    /** It is in a queue and the filter lets it through, and it never came. */
    LOST,
    /** It came and is in no queue. */
    PHANTOM,
    /** It came though the filter doesn't let it through. */
    UNWANTED,
    /** It came from another place than it is at. */
    MOVED
  }

  /** One violation. */
  public record Violation(Kind kind, String what) {
    @Override
    public String toString() {
      return kind + ": " + what;
    }
  }

  private GroupHistory() {}

  /**
   * Every violation; an empty list when all is well.
   *
   * @param stored what the queues hold, each place once
   * @param wanted whether the group's filter lets a key through
   * @param deliveries with {@link Place#NONE} for a repeated try, which comes from elsewhere
   */
  public static List<Violation> violations(
      List<Received> stored, LongPredicate wanted, List<Received> deliveries) {
    Map<Long, Set<Place>> placesOf = new HashMap<>();
    for (Received message : stored) {
      placesOf.computeIfAbsent(message.key(), key -> new HashSet<>()).add(message.place());
    }
    List<Violation> violations = new ArrayList<>();
    Set<Long> came = new HashSet<>();
    for (Received delivery : deliveries) {
      came.add(delivery.key());
      Set<Place> places = placesOf.get(delivery.key());
      if (places == null) {
        violations.add(violation(Kind.PHANTOM, delivery));
      } else if (!wanted.test(delivery.key())) {
        violations.add(violation(Kind.UNWANTED, delivery));
      } else if (!delivery.place().equals(Place.NONE) && !places.contains(delivery.place())) {
        violations.add(violation(Kind.MOVED, delivery));
      }
    }
    for (Received message : stored) {
      if (wanted.test(message.key()) && !came.contains(message.key())) {
        violations.add(violation(Kind.LOST, message));
      }
    }
    return violations;
  }

  private static Violation violation(Kind kind, Received message) {
    return new Violation(
        kind, "key " + message.key() + " at " + message.place() + ", " + message.session());
  }
}
