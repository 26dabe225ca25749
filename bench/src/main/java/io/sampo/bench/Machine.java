package io.sampo.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What figures were measured on. */
final class Machine {
  private Machine() {}

  /** Cores, processor, memory, kernel and Java, in one line. */
  static String describe() throws IOException {
    return String.format(
        Locale.ROOT,
        "%d cores (%s); %.0f GiB memory; %s %s; JDK %s",
        Runtime.getRuntime().availableProcessors(),
        line("/proc/cpuinfo", "model name"),
        Long.parseLong(line("/proc/meminfo", "MemTotal").replaceAll("[^0-9]", "")) / 1048576.0,
        System.getProperty("os.name"),
        System.getProperty("os.version").replaceAll("-.*", ""),
        System.getProperty("java.vm.version"));
  }

  private static String line(String file, String name) throws IOException {
    for (String line : Files.readAllLines(Path.of(file))) {
      if (line.startsWith(name)) {
        return line.substring(line.indexOf(':') + 1).strip().replaceAll(" +", " ");
      }
    }
    return "0 unknown";
  }
}
