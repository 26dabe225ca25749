package io.sampo.routing.boot;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A node of the demonstration: a process of its own that runs what this one runs. Its output is
 * read to the end by a thread of its own; the last lines are kept for when something goes wrong.
 */
final class DemoNode implements AutoCloseable {
  private static final int LINES_KEPT = 30;
  private static final long STOP_SECONDS = 20;

  private final String name;
  private final List<String> command;
  private final List<String> lastLines = new ArrayList<>();
  private @Nullable Process process;
  private CompletableFuture<Boolean> ready = new CompletableFuture<>();

  /**
   * @param settings what the node is told, by path
   */
  DemoNode(String name, Path directory, Map<String, String> settings) {
    this.name = name;
    this.command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-X") || argument.startsWith("--"))
        .filter(argument -> !argument.startsWith("-XX:ArchiveClassesAtExit"))
        .forEach(command::add);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.add("server");
    command.add("-Dsampo.data-dir=" + directory);
    command.add("-Dsampo.node.name=" + name);
    settings.forEach((path, value) -> command.add("-D" + path + "=" + value));
  }

  String name() {
    return name;
  }

  /** Starts the process; it may have run before. */
  void start() throws IOException {
    Process started = new ProcessBuilder(command).redirectErrorStream(true).start();
    started.getOutputStream().close();
    CompletableFuture<Boolean> nowReady = new CompletableFuture<>();
    synchronized (lastLines) {
      process = started;
      ready = nowReady;
      lastLines.clear();
    }
    Thread reader = new Thread(() -> read(started, nowReady), "output-" + name);
    reader.setDaemon(true);
    reader.start();
  }

  /** Completes with false when the process ends before it is ready. */
  CompletableFuture<Boolean> ready() {
    synchronized (lastLines) {
      return ready;
    }
  }

  /** What it said last. */
  String lastLines() {
    synchronized (lastLines) {
      return String.join(System.lineSeparator(), lastLines);
    }
  }

  /** Ends it as kill -9 does, and waits until it is gone. */
  void kill() throws InterruptedException {
    Process running = running();
    if (running != null) {
      running.destroyForcibly().waitFor();
    }
  }

  /** Stops it in order, and at last not in order. */
  @Override
  public void close() {
    Process running = running();
    if (running == null) {
      return;
    }
    running.destroy();
    try {
      if (!running.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        running.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      running.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable Process running() {
    synchronized (lastLines) {
      return process;
    }
  }

  private void read(Process started, CompletableFuture<Boolean> nowReady) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        keep(line);
        if (line.contains(" is ready ")) {
          nowReady.complete(true);
        }
      }
    } catch (IOException e) {
      keep("its output can't be read any more: " + e.getMessage());
    }
    nowReady.complete(false);
  }

  private void keep(String line) {
    synchronized (lastLines) {
      if (lastLines.size() == LINES_KEPT) {
        lastLines.remove(0);
      }
      lastLines.add(line);
    }
  }
}
