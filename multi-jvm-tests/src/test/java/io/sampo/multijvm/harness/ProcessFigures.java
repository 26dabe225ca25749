package io.sampo.multijvm.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What the operating system says about a process, from {@code /proc}: not what the process says
 * about itself.
 *
 * @param residentBytes memory in use, mapped files included
 * @param anonymousBytes memory in use that no file backs: heap, direct buffers, stacks, code. The
 *     measure for "memory stays bounded", since pages of a mapped log come and go as the kernel
 *     likes
 * @param cpu CPU time used since the process began, user and system
 */
public record ProcessFigures(long residentBytes, long anonymousBytes, Duration cpu) {
  private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on every Linux in use
  private static final int UTIME = 13 - 2; // field 14 of stat, counted behind "pid (name) "
  private static final int STIME = UTIME + 1;

  /** Reads the figures of a live process. */
  public static ProcessFigures of(long pid) {
    Path proc = Path.of("/proc", Long.toString(pid));
    try {
      String status = Files.readString(proc.resolve("status"));
      String stat = Files.readString(proc.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]);
      return new ProcessFigures(
          kibibytes(status, "VmRSS:") * 1024,
          kibibytes(status, "RssAnon:") * 1024,
          Duration.ofNanos(ticks * NANOS_PER_TICK));
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid + " can't be looked at", e);
    }
  }

  private static long kibibytes(String status, String key) {
    return status
        .lines()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no " + key + " in the process status"));
  }
}
