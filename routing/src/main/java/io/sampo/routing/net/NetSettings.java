package io.sampo.routing.net;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * The {@code sampo.net} section: how clients' connections are served, read once at start.
 *
 * @param eventLoops threads that read and write sockets, at least 1
 * @param backlog connections that may wait to be accepted, per port
 * @param connectionsMax of all ports together; more are closed as soon as they are accepted
 * @param limits what one connection may take
 * @param idleTimeout a connection that neither reads nor writes for so long is closed
 * @param answerTimeout how long a request may wait for an actor, on top of a wait that it asks for
 */
public record NetSettings(
    int eventLoops,
    int backlog,
    int connectionsMax,
    Limits limits,
    Duration idleTimeout,
    Duration answerTimeout) {
  private static final String PATH = "sampo.net.";
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  /**
   * Bounds, each with what happens there.
   *
   * @param frameBytes a longer frame closes its connection
   * @param requests requests of one connection that wait for an answer; at the bound it isn't read
   * @param waits pulls of one connection that wait for messages; more are refused
   * @param heldBytes messages of all connections that are not in the log yet; above the bound, or a
   *     quarter of it for one connection, sockets aren't read. Frames that have not arrived
   *     completely may take as much again; then those are closed that cost the most
   * @param writeHighBytes answers that one connection hasn't taken; above it isn't read
   * @param writeMaxBytes as before; above the connection is closed
   * @param writeMemoryBytes as before, of what isn't a view of the log's files
   * @param allWriteMemoryBytes as before, of all connections; above the one with the most is closed
   */
  public record Limits(
      int frameBytes,
      int requests,
      int waits,
      long heldBytes,
      int writeHighBytes,
      int writeMaxBytes,
      int writeMemoryBytes,
      long allWriteMemoryBytes) {}

  /**
   * Reads the section from a whole configuration and checks it.
   *
   * @throws ConfigException that names the setting, when one is missing or out of its range
   */
  public static NetSettings from(Config config) {
    int eventLoops = count(config, "event-loops", 0, 256);
    Limits limits =
        new Limits(
            bytes(config, "frame-max", 64 * KIB, 1024 * MIB),
            count(config, "requests-max", 16, 1_000_000),
            count(config, "waits-max", 16, 1_000_000),
            within(config, "held-max", config.getBytes(PATH + "held-max"), MIB, Long.MAX_VALUE),
            bytes(config, "pending-write-high", KIB, 1024 * MIB),
            bytes(config, "pending-write-max", MIB, 2047 * MIB),
            bytes(config, "pending-memory-max", MIB, 2047 * MIB),
            config.getBytes(PATH + "pending-memory-total"));
    if (limits.writeMaxBytes() <= limits.writeHighBytes()) {
      throw bad(
          config,
          "pending-write-max",
          "must be more than pending-write-high, which is " + limits.writeHighBytes());
    }
    if (limits.writeMemoryBytes() <= Math.max(limits.frameBytes(), limits.writeHighBytes())) {
      throw bad(
          config,
          "pending-memory-max",
          "must be more than frame-max and pending-write-high, which are "
              + limits.frameBytes()
              + " and "
              + limits.writeHighBytes());
    }
    if (limits.allWriteMemoryBytes() < limits.writeMemoryBytes()) {
      throw bad(
          config,
          "pending-memory-total",
          "must not be less than pending-memory-max, which is " + limits.writeMemoryBytes());
    }
    return new NetSettings(
        eventLoops == 0 ? defaultEventLoops() : eventLoops,
        count(config, "backlog", 1, 65535),
        count(config, "connections-max", 1, 1_000_000),
        limits,
        time(config, "idle-timeout"),
        time(config, "answer-timeout"));
  }

  private static int defaultEventLoops() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  }

  private static Duration time(Config config, String name) {
    long millis = config.getDuration(PATH + name).toMillis();
    return Duration.ofMillis(within(config, name, millis, 1000, 24 * 3600_000));
  }

  private static int count(Config config, String name, int min, int max) {
    return (int) within(config, name, config.getInt(PATH + name), min, max);
  }

  private static int bytes(Config config, String name, int min, int max) {
    return (int) within(config, name, config.getBytes(PATH + name), min, max);
  }

  private static long within(Config config, String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw bad(config, name, "must be from " + min + " to " + max + ", was " + value);
    }
    return value;
  }

  private static ConfigException bad(Config config, String name, String problem) {
    return new ConfigException.BadValue(
        config.getValue(PATH + name).origin(), PATH + name, problem);
  }
}
