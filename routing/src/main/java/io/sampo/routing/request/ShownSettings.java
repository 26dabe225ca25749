package io.sampo.routing.request;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The node's settings as tools are shown them: the whole {@code sampo} section, one line each.
 *
 * @param byName full names with their values, sorted
 */
public record ShownSettings(SortedMap<String, String> byName) {
  public ShownSettings {
    byName = Collections.unmodifiableSortedMap(byName);
  }

  private static final String SECTION = "sampo";

  /** Those of a whole configuration. */
  static ShownSettings from(Config config) {
    SortedMap<String, String> byName = new TreeMap<>();
    config
        .getConfig(SECTION)
        .entrySet()
        .forEach(entry -> byName.put(SECTION + "." + entry.getKey(), text(entry.getValue())));
    return new ShownSettings(byName);
  }

  private static String text(ConfigValue value) {
    return value instanceof ConfigList list
        ? list.stream().map(ShownSettings::text).collect(Collectors.joining(","))
        : String.valueOf(value.unwrapped());
  }

  /** As a Java properties file, with some lines more. */
  byte[] toProperties(SortedMap<String, String> more) {
    StringBuilder lines = new StringBuilder();
    more.forEach((name, value) -> lines.append(line(name, value)));
    byName.forEach((name, value) -> lines.append(line(name, value)));
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Escaped as {@link Properties} reads it; the comment with the date, which it adds, goes. */
  private static String line(String name, String value) {
    Properties one = new Properties();
    one.setProperty(name, value);
    StringWriter out = new StringWriter();
    try {
      one.store(out, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter throws none
    }
    return out.toString()
            .lines()
            .filter(line -> !line.startsWith("#"))
            .collect(Collectors.joining("\n"))
        + "\n";
  }
}
