package io.sampo.bench.failover;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * All that a load's clients saw, in the order in which it ended. A line of the file is {@code ok
 * NANOS BROKER}, {@code failed NANOS REASON}, {@code got NANOS} or, at the end, {@code total LOST
 * PHANTOM}.
 *
 * @param acknowledged sends
 * @param failed sends that the client gave up
 * @param deliveredNanos when a message came to the consumer
 * @param lost messages that were acknowledged and never came
 * @param phantom messages that came and were never sent
 */
public record SendLog(
    List<Acknowledged> acknowledged,
    List<Failed> failed,
    List<Long> deliveredNanos,
    long lost,
    long phantom) {

  /** A send that was acknowledged without reservation. */
  public record Acknowledged(long nanos, String broker) {}

  /** A send that was not. */
  public record Failed(long nanos, String reason) {}

  void write(Path file) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (Acknowledged send : acknowledged) {
        out.write("ok " + send.nanos() + " " + send.broker() + "\n");
      }
      for (Failed send : failed) {
        out.write("failed " + send.nanos() + " " + send.reason().replaceAll("\\s+", " ") + "\n");
      }
      for (long nanos : deliveredNanos) {
        out.write("got " + nanos + "\n");
      }
      out.write("total " + lost + " " + phantom + "\n");
    }
  }

  static SendLog read(Path file) throws IOException {
    List<Acknowledged> acknowledged = new ArrayList<>();
    List<Failed> failed = new ArrayList<>();
    List<Long> delivered = new ArrayList<>();
    try (BufferedReader in = Files.newBufferedReader(file)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ", 3);
        switch (words[0]) {
          case "ok" ->
              acknowledged.add(new Acknowledged(Long.parseLong(words[1]), words[2].intern()));
          case "failed" -> failed.add(new Failed(Long.parseLong(words[1]), words[2]));
          case "got" -> delivered.add(Long.parseLong(words[1]));
          default -> {
            return new SendLog(
                acknowledged,
                failed,
                delivered,
                Long.parseLong(words[1]),
                Long.parseLong(words[2]));
          }
        }
      }
    }
    throw new IOException(file + " has no total: the load did not come to its end");
  }
}
