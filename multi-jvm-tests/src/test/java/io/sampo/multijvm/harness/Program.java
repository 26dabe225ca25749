package io.sampo.multijvm.harness;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The program that {@code bin/sampo} starts, in a JVM of its own: what every node runs, and the
 * commands with which an operator looks after them.
 *
 * <p>The class path is the tests' own without the test classes. {@code -Dnode.class-path=…} and
 * {@code -Dnode.main-class=…} point the same tests at another build, such as an older release.
 */
public final class Program {
  private static final int COMMAND_HEAP_MEGABYTES = 64;

  private Program() {}

  /**
   * What a command left behind.
   *
   * @param output both of its outputs, in the order in which they came
   */
  public record Ended(int exitCode, String output) {}

  /** The command line up to the program's own arguments. */
  static List<String> command(int heapMegabytes) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Arrays.asList(System.getProperty("node.jvm-flags", "").trim().split("\\s+")));
    command.removeIf(String::isEmpty);
    command.add("-Xmx" + heapMegabytes + "m");
    command.add("-XX:TieredStopAtLevel=1"); // the tests share few cores; less compiling, more node
    command.add("-XX:-UsePerfData");
    command.add("-cp");
    command.add(System.getProperty("node.class-path", ownClassPath()));
    command.add(System.getProperty("node.main-class", "io.sampo.routing.boot.Main"));
    return command;
  }

  private static String ownClassPath() {
    String separator = File.pathSeparator;
    return Stream.of(System.getProperty("java.class.path").split(separator))
        .filter(entry -> !entry.contains("test-classes") && !entry.contains("junit"))
        .reduce((left, right) -> left + separator + right)
        .orElseThrow();
  }

  /** Runs a command of the program to its end; one that takes longer is ended and fails. */
  public static Ended run(Duration limit, String... arguments) {
    List<String> command = command(COMMAND_HEAP_MEGABYTES);
    command.addAll(List.of(arguments));
    Process process = null;
    try {
      Process started = new ProcessBuilder(command).redirectErrorStream(true).start();
      process = started;
      started.getOutputStream().close();
      CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> outputOf(started));
      if (!started.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        started.destroyForcibly();
        throw new AssertionError(List.of(arguments) + " still ran: " + output.join());
      }
      return new Ended(started.exitValue(), output.join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }

  private static String outputOf(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
