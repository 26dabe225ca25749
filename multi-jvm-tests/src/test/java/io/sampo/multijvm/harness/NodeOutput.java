package io.sampo.multijvm.harness;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Follows what a node prints: into a file, line by line, and into the last lines kept for a
 * failure's message. Completes a future at the line that says ready, or fails it when the output
 * ends before. One daemon thread per node reads; it ends with the process.
 */
final class NodeOutput {
  private static final Pattern READY = Pattern.compile("\\bready\\b", Pattern.CASE_INSENSITIVE);
  private static final int TAIL_LINES = 40;

  private final Path file;
  private final CompletableFuture<String> ready = new CompletableFuture<>();
  private final Deque<String> tail = new ArrayDeque<>();

  private NodeOutput(Path file) {
    this.file = file;
  }

  static NodeOutput follow(Process process, Path file) {
    NodeOutput output = new NodeOutput(file);
    Thread reader = new Thread(() -> output.read(process), "node-output-" + process.pid());
    reader.setDaemon(true);
    reader.start();
    return output;
  }

  private void read(Process process) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        BufferedWriter copy = Files.newBufferedWriter(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        copy.write(line);
        copy.newLine();
        copy.flush();
        remember(line);
        if (READY.matcher(line).find()) {
          ready.complete(line);
        }
      }
    } catch (IOException e) {
      remember("(output ended: " + e.getMessage() + ")"); // the usual end of a killed process
    }
    ready.completeExceptionally(new IllegalStateException("output ended before the ready line"));
  }

  private synchronized void remember(String line) {
    if (tail.size() == TAIL_LINES) {
      tail.removeFirst();
    }
    tail.addLast(line);
  }

  CompletableFuture<String> ready() {
    return ready;
  }

  long linesWith(String text) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.filter(line -> line.contains(text)).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  synchronized String tail() {
    return "output in " + file + ", last lines:\n" + String.join("\n", tail);
  }
}
