package io.sampo.bench.report;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Sampled stacks, added up: by kind of thread, by the frame on top, and by the deepest frame that
 * is the project's own, which is where a cost in a library or in the kernel is caused.
 */
public final class StackProfile {
  private static final int THREADS_IN_DETAIL = 4;
  private static final int FRAMES_OF_A_THREAD = 12;

  private final Map<String, Long> byThread = new HashMap<>();
  private final Map<String, Map<String, Long>> selfByThread = new HashMap<>();
  private final Map<String, Long> bySelf = new HashMap<>();
  private final Map<String, Long> byOwnFrame = new HashMap<>();
  private final Map<String, Long> byInclusive = new HashMap<>();
  private final String ownPrefix;
  private long total;

  private StackProfile(String ownPrefix) {
    this.ownPrefix = ownPrefix;
  }

  /**
   * Reads collapsed stacks: a thread's name in brackets and then frames from the outermost to the
   * one on top, joined by semicolons, then a blank and the number of samples.
   *
   * @param ownPrefix what the project's own frames start with, such as "io/sampo/"
   */
  public static StackProfile read(Path collapsed, String ownPrefix) throws IOException {
    StackProfile profile = new StackProfile(ownPrefix);
    for (String line : Files.readAllLines(collapsed)) {
      int blank = line.lastIndexOf(' ');
      profile.add(
          line.substring(0, blank).split(";", -1), Long.parseLong(line.substring(blank + 1)));
    }
    return profile;
  }

  /**
   * Prints the largest of each.
   *
   * @param unitsPerMessage what all samples together come to for one message
   * @param unit the name of that, such as "µs of CPU"
   */
  public void print(PrintStream out, double unitsPerMessage, String unit, int top) {
    out.printf(Locale.ROOT, "%n%d samples, %.2f %s per message%n", total, unitsPerMessage, unit);
    section(out, "by thread", byThread, unitsPerMessage, top);
    section(out, "by frame on top (self)", bySelf, unitsPerMessage, top);
    for (Map.Entry<String, Long> thread : largest(byThread, THREADS_IN_DETAIL)) {
      Map<String, Long> frames = selfByThread.getOrDefault(thread.getKey(), Map.of());
      section(out, "on top in " + thread.getKey(), frames, unitsPerMessage, FRAMES_OF_A_THREAD);
    }
    section(out, "by the deepest frame of our own", byOwnFrame, unitsPerMessage, top);
    section(out, "by our own frames, all below them included", byInclusive, unitsPerMessage, top);
  }

  private void add(String[] stack, long samples) {
    total += samples;
    String thread = kindOf(stack[0]);
    String top = stack.length > 1 ? nameOf(stack[stack.length - 1]) : "(no frame)";
    byThread.merge(thread, samples, Long::sum);
    bySelf.merge(top, samples, Long::sum);
    selfByThread.computeIfAbsent(thread, name -> new HashMap<>()).merge(top, samples, Long::sum);
    String deepestOwn = "(none of our own)";
    HashSet<String> seen = new HashSet<>();
    for (int i = 1; i < stack.length; i++) {
      if (stack[i].startsWith(ownPrefix)) {
        deepestOwn = nameOf(stack[i]);
        if (seen.add(deepestOwn)) {
          byInclusive.merge(deepestOwn, samples, Long::sum);
        }
      }
    }
    byOwnFrame.merge(deepestOwn, samples, Long::sum);
  }

  /** Threads of a pool differ in a number; to us they are one. */
  private static String kindOf(String thread) {
    return thread.replaceAll(" tid=\\d+", "").replaceAll("\\d+", "N");
  }

  /** A lambda's class has another number in every process. */
  private static String nameOf(String frame) {
    return frame.replaceAll("\\$\\$Lambda[$/.0-9a-fx]*", "\\$\\$Lambda");
  }

  private void section(
      PrintStream out, String title, Map<String, Long> samples, double unitsPerMessage, int top) {
    out.printf("%n%s%n", title);
    for (Map.Entry<String, Long> entry : largest(samples, top)) {
      double share = entry.getValue() / (double) total;
      out.printf(
          Locale.ROOT,
          "  %5.1f %%  %9.3f  %s%n",
          100 * share,
          share * unitsPerMessage,
          entry.getKey());
    }
  }

  private static List<Map.Entry<String, Long>> largest(Map<String, Long> samples, int top) {
    List<Map.Entry<String, Long>> sorted = new ArrayList<>(samples.entrySet());
    sorted.sort(Map.Entry.comparingByValue(Comparator.reverseOrder()));
    return sorted.subList(0, Math.min(top, sorted.size()));
  }
}
