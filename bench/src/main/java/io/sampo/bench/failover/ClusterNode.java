package io.sampo.bench.failover;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A node that faults befall: started through its launcher with the launcher's defaults, always at
 * the same ports and in the same directory. What it prints goes to a file and is read for what it
 * leads.
 */
final class ClusterNode implements AutoCloseable {
  private static final Duration STOP_MAX = Duration.ofSeconds(30);
  private static final Pattern LED = Pattern.compile("(broker-\\d+) is led here");

  private final List<String> command;
  private final Path directory;
  private final Thread end = new Thread(this::kill, "end-node");
  private @Nullable Process process;
  private volatile @Nullable Process ended;
  private final Map<String, Long> ledNanos = new ConcurrentHashMap<>();
  private int starts;

  ClusterNode(List<String> command, Path directory) {
    this.command = List.copyOf(command);
    this.directory = directory;
    Runtime.getRuntime().addShutdownHook(end);
  }

  void start() throws IOException {
    starts++;
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().putAll(Map.of("JAVA_HOME", System.getProperty("java.home")));
    Process started = builder.start();
    started.getOutputStream().close();
    process = started;
    Path output = directory.resolve("output-" + starts + ".txt");
    Thread reader = new Thread(() -> follow(started, output), "output");
    reader.setDaemon(true);
    reader.start();
  }

  private void follow(Process started, Path output) {
    try (BufferedReader in = started.inputReader(StandardCharsets.UTF_8);
        BufferedWriter out = Files.newBufferedWriter(output)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.write(System.nanoTime() / 1_000_000 + " " + line);
        out.newLine();
        out.flush();
        Matcher led = LED.matcher(line);
        if (led.find()) {
          ledNanos.put(led.group(1), System.nanoTime());
        }
      }
    } catch (IOException e) {
      if (started != ended) { // ending a process closes what it writes to
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * When it began to lead a log group, for the last time; {@link Long#MIN_VALUE} if it never did.
   */
  long ledNanos(String logGroup) {
    return ledNanos.getOrDefault(logGroup, Long.MIN_VALUE);
  }

  void kill() {
    Process running = process;
    if (running != null) {
      ended = running;
      running.destroyForcibly();
    }
  }

  /** Asks it to stop and waits until it has. */
  void stop() throws IOException, InterruptedException {
    Process running = running();
    ended = running;
    running.destroy();
    if (!running.waitFor(STOP_MAX.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("the node in " + directory + " doesn't stop");
    }
  }

  void signal(String name) throws IOException, InterruptedException {
    Cables.run("kill", "-" + name, Long.toString(running().pid()));
  }

  private Process running() throws IOException {
    Process running = process;
    if (running == null || !running.isAlive()) {
      throw new IOException("the node in " + directory + " has ended");
    }
    return running;
  }

  @Override
  public void close() {
    kill();
    Runtime.getRuntime().removeShutdownHook(end);
  }
}
