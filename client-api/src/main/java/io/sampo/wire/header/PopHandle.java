package io.sampo.wire.header;

import org.jspecify.annotations.Nullable;

/**
 * A popped message as clients name it when they acknowledge it or change its invisible time (the
 * field {@code extraInfo}, the message's property POP_CK): eight words separated by single blanks.
 *
 * @param startOffset the first offset that was popped with the message
 * @param popTimeMs as in the answer to the pop
 * @param invisibleMs as in the answer to the pop
 * @param reviveQueueId as in the answer to the pop
 * @param retry 0 for a message of the topic itself
 * @param broker what the client calls the broker
 */
public record PopHandle(
    long startOffset,
    long popTimeMs,
    long invisibleMs,
    int reviveQueueId,
    String retry,
    String broker,
    int queueId,
    long queueOffset) {
  /** The {@code reviveQueueId} of messages that were popped in order. */
  public static final int IN_ORDER = 999;

  private static final int WORDS = 8;

  /** Six numbers and two short names are well below. */
  private static final int LENGTH_MAX = 1024;

  /** Reads a handle; null when it isn't one. */
  public static @Nullable PopHandle parse(String text) {
    if (text.length() > LENGTH_MAX) {
      return null;
    }
    String[] words = text.split(" ", -1);
    if (words.length < WORDS) {
      return null;
    }
    try {
      return new PopHandle(
          Long.parseLong(words[0]),
          Long.parseLong(words[1]),
          Long.parseLong(words[2]),
          Integer.parseInt(words[3]),
          words[4],
          words[5],
          Integer.parseInt(words[6]),
          Long.parseLong(words[7]));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** As clients write it. */
  public String format() {
    return startOffset
        + " "
        + popTimeMs
        + " "
        + invisibleMs
        + " "
        + reviveQueueId
        + " "
        + retry
        + " "
        + broker
        + " "
        + queueId
        + " "
        + queueOffset;
  }
}
