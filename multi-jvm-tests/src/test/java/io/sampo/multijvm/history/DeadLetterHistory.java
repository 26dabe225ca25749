package io.sampo.multijvm.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Says what is wrong with what became of the messages that a group always fails; a pure function.
 *
 * <p>Each of them is a dead letter in the end (lost), once (doubled), after all of its tries
 * (hasty), and no other message is one (unwanted). Tries may come more than once, and clients may
 * return a message several times and in several ways, because they hear no answer.
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

  private DeadLetterHistory() {}

  /**
   * Every violation; an empty list when all is well.
   *
   * @param tries by key, of every stored message that the group always fails, the numbers of the
   *     tries in the order of deliveries; the first is 0
   * @param lastTry the number of the try after which a message is given up
   * @param dead the keys in the order of the dead-letter queue
   */
  public static List<Violation> violations(
      Map<Long, List<Integer>> tries, int lastTry, List<Long> dead) {
    List<Violation> violations = new ArrayList<>();
    Map<Long, Integer> times = new HashMap<>();
    dead.forEach(key -> times.merge(key, 1, Integer::sum));
    tries.forEach(
        (key, made) -> {
          int count = times.getOrDefault(key, 0);
          String what = "key " + key + ", " + count + " dead letters, tries " + made;
          if (count == 0) {
            violations.add(new Violation(Kind.LOST, what));
          } else if (!made.containsAll(IntStream.rangeClosed(0, lastTry).boxed().toList())) {
            violations.add(new Violation(Kind.HASTY, what));
          }
          if (count > 1) {
            violations.add(new Violation(Kind.DOUBLED, what));
          }
        });
    for (long key : new TreeSet<>(times.keySet())) {
      if (!tries.containsKey(key)) {
        violations.add(new Violation(Kind.UNWANTED, "key " + key));
      }
    }
    return violations;
  }
}
