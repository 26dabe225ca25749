package io.sampo.routing.boot;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Reads single settings out of a resolved {@link Config} and keeps a list of what is wrong with
 * them. A setting that can't be read yields a stand-in value, so that reading goes on and one run
 * reports all problems; nobody sees the stand-ins, because {@link #check()} throws when there was a
 * problem. Used by one thread during start.
 */
final class SettingsReader {
  private final Config config;
  private final List<String> problems = new ArrayList<>();

  SettingsReader(Config config) {
    this.config = config;
  }

  /** A port: 1 to 65535, or 0 for any free one. */
  int port(String path) {
    return count(path, 0, 65535, "a port: 1 to 65535, or 0 for any free one");
  }

  /** A whole number between two bounds, both allowed. */
  int count(String path, int min, int max) {
    return count(path, min, max, "a whole number from " + min + " to " + max);
  }

  private int count(String path, int min, int max, String allowed) {
    return read(
        path,
        allowed,
        min,
        () -> {
          Number number = config.getNumber(path);
          double value = number.doubleValue();
          if (value != Math.rint(value) || value < min || value > max) {
            throw new IllegalArgumentException("out of bounds");
          }
          return number.intValue();
        });
  }

  /** A text that passes a test; {@code allowed} says what would. */
  String text(String path, String allowed, Predicate<String> test) {
    return read(
        path,
        allowed,
        "",
        () -> {
          String value = config.getString(path).trim();
          if (!test.test(value)) {
            throw new IllegalArgumentException("not allowed");
          }
          return value;
        });
  }

  /** A time between two bounds, both allowed. */
  Duration time(String path, Duration min, Duration max) {
    return read(
        path,
        "a time from " + min.toMillis() + " ms to " + max.toMillis() + " ms",
        min,
        () -> {
          Duration value = config.getDuration(path);
          if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException("out of bounds");
          }
          return value;
        });
  }

  /** True or false. */
  boolean flag(String path) {
    return read(path, "true or false", false, () -> config.getBoolean(path));
  }

  /** A list of texts; one text with commas is taken for a list, for the command line's sake. */
  List<String> texts(String path, String allowed) {
    return read(
        path,
        allowed,
        List.of(),
        () -> {
          if (config.getValue(path) instanceof ConfigList) {
            return List.copyOf(config.getStringList(path));
          }
          return Arrays.stream(config.getString(path).split(","))
              .map(String::trim)
              .filter(text -> !text.isEmpty())
              .toList();
        });
  }

  /** Notes a problem that concerns the value of a setting. */
  void refuse(String path, String allowed) {
    ConfigValue value = config.getValue(path);
    problems.add(path + " = " + value.unwrapped() + ": must be " + allowed + where(value.origin()));
  }

  /** Notes a problem that is not about one value. */
  void refuse(String problem) {
    problems.add(problem);
  }

  boolean hasProblems() {
    return !problems.isEmpty();
  }

  /** Throws when anything was wrong. */
  void check() {
    if (!problems.isEmpty()) {
      throw new SettingsException(problems);
    }
  }

  private <T> T read(String path, String allowed, T standIn, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (ConfigException.Missing e) {
      problems.add(path + " is not set: must be " + allowed);
    } catch (ConfigException | IllegalArgumentException e) {
      refuse(path, allowed);
    }
    return standIn;
  }

  /** Where a value comes from, as far as it helps to find it. */
  static String where(ConfigOrigin origin) {
    if (origin.filename() != null) {
      return " (" + origin.filename() + ", line " + origin.lineNumber() + ")";
    }
    return origin.resource() == null ? " (" + origin.description() + ")" : "";
  }
}
