package io.sampo.client;

import java.time.Duration;
import java.util.regex.Pattern;

/** Checks of settings, with messages that name them. */
final class Checks {
  private static final int GROUP_CHARS_MAX = 255;
  private static final Pattern GROUP = Pattern.compile("[%|a-zA-Z0-9_-]+");

  private Checks() {}

  static Duration positive(String what, Duration value) {
    if (value.toMillis() <= 0) {
      throw new IllegalArgumentException(what + " must be at least 1 ms, was " + value);
    }
    return value;
  }

  static int atLeast(String what, int min, int value) {
    if (value < min) {
      throw new IllegalArgumentException(what + " must be at least " + min + ", was " + value);
    }
    return value;
  }

  static String group(String group) {
    if (group.length() > GROUP_CHARS_MAX || !GROUP.matcher(group).matches()) {
      throw new IllegalArgumentException(
          "a group is 1 to " + GROUP_CHARS_MAX + " of [%|a-zA-Z0-9_-], not '" + group + "'");
    }
    return group;
  }
}
