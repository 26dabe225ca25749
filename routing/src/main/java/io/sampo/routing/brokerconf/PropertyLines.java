package io.sampo.routing.brokerconf;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * The properties of a text in the format of {@link Properties}, in their order and with their line
 * numbers, which that class doesn't keep.
 */
final class PropertyLines {
  private PropertyLines() {}

  /**
   * @throws IllegalArgumentException when the text has an escape that the format doesn't allow
   */
  static List<GivenProperty> read(String text) {
    List<GivenProperty> found = new ArrayList<>();
    StringBuilder entry = new StringBuilder();
    int number = 0;
    int begun = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (entry.isEmpty()) {
        begun = number;
      }
      entry.append(line).append('\n');
      if (!goesOn(line, begun == number)) {
        add(entry.toString(), begun, found);
        entry.setLength(0);
      }
    }
    add(entry.toString(), begun, found);
    return found;
  }

  /** An odd number of backslashes at the end continues a line; comments don't go on. */
  private static boolean goesOn(String line, boolean first) {
    String start = line.stripLeading();
    if (first && (start.startsWith("#") || start.startsWith("!"))) {
      return false;
    }
    int backslashes = 0;
    while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
      backslashes++;
    }
    return backslashes % 2 == 1;
  }

  private static void add(String entry, int line, List<GivenProperty> found) {
    Properties one = new Properties();
    try {
      one.load(new StringReader(entry));
    } catch (IOException e) {
      throw new UncheckedIOException("a text in memory could not be read", e);
    }
    for (String name : one.stringPropertyNames()) {
      found.add(new GivenProperty(name, one.getProperty(name).strip(), line));
    }
  }
}
