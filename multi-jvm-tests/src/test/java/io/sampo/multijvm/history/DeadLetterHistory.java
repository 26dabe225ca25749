package io.sampo.multijvm.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Says what is wrong with what became of the messages that a group always fails; a pure function.
 *
 * <p>Each of them is a dead letter in the end (lost), after all of its tries (hasty), and no other
 * message is one (unwanted). It is one only once (doubled), unless its client was left in doubt: a
 * client that hears no answer when it returns a message returns it another way, and a message that
 * is delivered twice is returned twice. So a message is beyond doubt when each of its tries came
 * once and the broker took it back as often as it was failed.
 */
public final class DeadLetterHistory {
  /** The kinds of violation. */
  public enum Kind {
    LOST,
    HASTY,
    UNWANTED,
    DOUBLED
  }

  /** One violation. */
  public record Violation(Kind kind, String what) {
    @Override
    public String toString() {
      return kind + ": " + what;
    }
  }

  /**
   * What was seen of one message that is always failed.
   *
   * @param tries the number of each try in the order of deliveries, the first is 0
   * @param returned how often the client heard that the broker has taken the message back
   */
  public record Failing(List<Integer> tries, int returned) {
    /** Whether it must be a dead letter exactly once. */
    boolean isBeyondDoubt(int lastTry) {
      return tries.equals(IntStream.rangeClosed(0, lastTry).boxed().toList())
          && returned == tries.size();
    }
  }

  private DeadLetterHistory() {}

  /**
   * Every violation; an empty list when all is well.
   *
   * @param failing by key, every stored message that the group always fails
   * @param lastTry the number of the try after which a message is given up
   * @param dead the keys in the order of the dead-letter queue
   */
  public static List<Violation> violations(
      Map<Long, Failing> failing, int lastTry, List<Long> dead) {
    List<Violation> violations = new ArrayList<>();
    Map<Long, Integer> times = new HashMap<>();
    dead.forEach(key -> times.merge(key, 1, Integer::sum));
    failing.forEach(
        (key, message) -> {
          int count = times.getOrDefault(key, 0);
          String what = "key " + key + ", " + count + " dead letters, " + message;
          Set<Integer> missing = missingTries(message, lastTry);
          if (count == 0) {
            violations.add(new Violation(Kind.LOST, what));
          } else if (!missing.isEmpty()) {
            violations.add(new Violation(Kind.HASTY, what));
          } else if (count > 1 && message.isBeyondDoubt(lastTry)) {
            violations.add(new Violation(Kind.DOUBLED, what));
          }
        });
    for (long key : new TreeSet<>(times.keySet())) {
      if (!failing.containsKey(key)) {
        violations.add(new Violation(Kind.UNWANTED, "key " + key));
      }
    }
    return violations;
  }

  private static Set<Integer> missingTries(Failing message, int lastTry) {
    Set<Integer> missing = new HashSet<>(IntStream.rangeClosed(0, lastTry).boxed().toList());
    message.tries().forEach(missing::remove);
    return missing;
  }

  /**
   * How many of the messages must be dead letters exactly once, so that a test can ask for some.
   */
  public static long countBeyondDoubt(Map<Long, Failing> failing, int lastTry) {
    return failing.values().stream().filter(message -> message.isBeyondDoubt(lastTry)).count();
  }
}
