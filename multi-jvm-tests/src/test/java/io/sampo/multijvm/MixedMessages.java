package io.sampo.multijvm;

import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.Outgoing;
import java.util.Map;

/**
 * The messages of {@link FeaturesTogetherTest}. Everything about one follows from its key: its
 * size, its tag, its property, and what consumers make of it.
 */
final class MixedMessages {
  static final String TAGGED = "A || C";
  static final String SELECTED = "n BETWEEN 20 AND 69 AND TAGS IN ('A', 'B')";

  private static final int SIZE_MIN = 64;
  private static final int SIZES = 1_000;
  private static final int SIZE_STEP = 37;
  private static final int NUMBERS = 100;
  private static final int ONE_OF_FAILED = 16;

  private MixedMessages() {}

  static Outgoing of(String topic, long key) {
    int size = SIZE_MIN + (int) (key * SIZE_STEP % SIZES);
    return new Outgoing(
        topic, Payload.of(key, size), tag(key), "", Map.of("n", Long.toString(number(key))));
  }

  private static String tag(long key) {
    return String.valueOf("ABC".charAt((int) (key % 3)));
  }

  private static long number(long key) {
    return key * 7 % NUMBERS;
  }

  /** What {@link #TAGGED} lets through. */
  static boolean isTagged(long key) {
    return key % 3 != 1;
  }

  /** What {@link #SELECTED} lets through. */
  static boolean isSelected(long key) {
    return number(key) >= 20 && number(key) <= 69 && key % 3 != 2;
  }

  /** Whether its consumer fails it at every try, so that it becomes a dead letter. */
  static boolean isDoomed(long key) {
    return key % ONE_OF_FAILED == 3;
  }

  /** Whether its consumer fails this try. */
  static boolean isFailed(long key, int reconsumeTimes) {
    return isDoomed(key) || (key % ONE_OF_FAILED == 5 && reconsumeTimes == 0);
  }
}
