package io.sampo.bench.load;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What one run found, by name. Numbers are kept as text so that they pass through a properties file
 * and a table unchanged. The names are in {@link Figure}.
 */
public final class LoadResult {
  private final TreeMap<String, String> values = new TreeMap<>();

  /** The figures of a run. */
  public enum Figure {
    /** Empty when the run's own checks passed, else why its figures mean nothing. */
    INVALID,
    MESSAGES_PER_SECOND,
    MEGABYTES_PER_SECOND,
    P50_MICROS,
    P99_MICROS,
    P999_MICROS,
    SERVER_CPU_SECONDS_PER_MILLION,
    CLIENT_CPU_SECONDS_PER_MILLION,
    /** Of the machine's cores, what neither server nor client used: the noise. */
    OTHERS_CPU_PERCENT,
    ALLOCATED_BYTES_PER_MESSAGE,
    RESIDENT_MIB,
    /** The part of it that is not mapped files. */
    RESIDENT_ANONYMOUS_MIB,
    MESSAGES,
    SECONDS,
    /** From the start of the server's first process to the first accepted message. */
    START_MILLIS,
    /** What went between the nodes of a cluster, by what one copy of its logs grew. */
    COPIED_BYTES_PER_STORED_BYTE;

    /** Whether more of it is what one wants. */
    public boolean higherIsBetter() {
      return this == MESSAGES_PER_SECOND || this == MEGABYTES_PER_SECOND;
    }

    /** As it is written. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The value, or "" when the run has none. */
  public String text(Figure figure) {
    return values.getOrDefault(figure.key(), "");
  }

  /** The value, or NaN when the run has none. */
  public double number(Figure figure) {
    String text = text(figure);
    return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
  }

  /** Whether the run's own checks passed. */
  public boolean isValid() {
    return text(Figure.INVALID).isEmpty();
  }

  /** Sets a number; three digits after the point are more than any figure deserves. */
  public void put(Figure figure, double value) {
    values.put(figure.key(), String.format(Locale.ROOT, "%.3f", value));
  }

  /** Sets a text without line ends. */
  public void put(Figure figure, String value) {
    values.put(figure.key(), value.replaceAll("\\s+", " "));
  }

  /** Adds a reason why the figures mean nothing. */
  public void invalid(String reason) {
    String before = text(Figure.INVALID);
    put(Figure.INVALID, before.isEmpty() ? reason : before + "; " + reason);
  }

  /** Writes the file that {@link #read} reads. */
  public void write(Path file) throws IOException {
    Properties properties = new Properties();
    properties.putAll(values);
    try (Writer out = Files.newBufferedWriter(file)) {
      properties.store(out, null);
    }
  }

  public static LoadResult read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    }
    LoadResult result = new LoadResult();
    for (String name : properties.stringPropertyNames()) {
      result.values.put(name, properties.getProperty(name));
    }
    return result;
  }
}
