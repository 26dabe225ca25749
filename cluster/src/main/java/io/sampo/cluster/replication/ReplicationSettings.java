package io.sampo.cluster.replication;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.sampo.cluster.protocol.ReplicaSettings;
import io.sampo.cluster.protocol.ReplicaSettings.Acknowledge;
import java.time.Duration;
import java.util.Locale;

/**
 * How the replicas of a log group work together: the {@code sampo.replication} section.
 *
 * @param acknowledge whose copies an append waits for
 * @param ackTimeout after how long without them an append is refused
 * @param appendsMax the most appends that may wait for copies, per log group
 * @param heartbeat how often a leader says that it leads
 * @param fetchTimeout after how long without an answer a follower asks again
 * @param candidacyTimeout after how long a candidate gives up
 * @param fetchBytesMax the most bytes that a follower is sent at a time
 * @param connectionsMax the most connections of followers that the node takes
 * @param barriersMax the most reads that may wait for the proof that their leader is current
 */
public record ReplicationSettings(
    Acknowledge acknowledge,
    Duration ackTimeout,
    int appendsMax,
    Duration heartbeat,
    Duration fetchTimeout,
    Duration candidacyTimeout,
    int fetchBytesMax,
    int connectionsMax,
    int barriersMax) {
  private static final int TICKS_PER_HEARTBEAT = 4;
  private static final int SILENT_FETCHES_MAX = 3;

  /**
   * Reads the settings.
   *
   * @param config the whole configuration, with {@code sampo} at its root
   * @throws ConfigException when a value is missing or makes no sense
   */
  public static ReplicationSettings of(Config config) {
    Section section = new Section(config);
    Duration heartbeat = section.duration("heartbeat", Duration.ofMillis(10));
    return new ReplicationSettings(
        section.acknowledge("acknowledge"),
        section.duration("ack-timeout", Duration.ofMillis(1)),
        section.number("appends-max", 1 << 24),
        heartbeat,
        section.duration("fetch-timeout", heartbeat.plusMillis(1)),
        section.duration("candidacy-timeout", heartbeat.plusMillis(1)),
        section.bytes("fetch-max-bytes"),
        section.number("connections-max", 1 << 16),
        section.number("barriers-max", 1 << 20));
  }

  /** As the protocol wants them. */
  ReplicaSettings ofProtocol(CommitLogSettings.Flush flush) {
    return new ReplicaSettings(
        acknowledge,
        flush == CommitLogSettings.Flush.SYNC
            ? ReplicaSettings.Flush.SYNC
            : ReplicaSettings.Flush.ASYNC,
        heartbeat.toMillis(),
        fetchTimeout.toMillis(),
        candidacyTimeout.toMillis(),
        fetchBytesMax,
        barriersMax);
  }

  /** How often a leader says over a connection that it is there, when it has nothing to send. */
  Duration aliveEvery() {
    return fetchTimeout;
  }

  /** After how long of silence a connection to a leader is taken for dead. */
  Duration silenceMax() {
    return fetchTimeout.multipliedBy(SILENT_FETCHES_MAX);
  }

  /** How often the protocol is told the time. */
  Duration tick() {
    return heartbeat.dividedBy(TICKS_PER_HEARTBEAT);
  }

  /** {@code sampo.replication} and what is wrong in it. */
  private record Section(Config config) {
    private static final int FETCH_BYTES_MIN = 4096;
    private static final int FETCH_BYTES_MAX = 64 << 20;

    Acknowledge acknowledge(String name) {
      String value = config.getString(path(name));
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "quorum" -> Acknowledge.QUORUM;
        case "all" -> Acknowledge.ALL;
        case "leader" -> Acknowledge.LEADER;
        default -> throw bad(name, "must be quorum, all or leader, was " + value);
      };
    }

    Duration duration(String name, Duration min) {
      Duration value = config.getDuration(path(name));
      if (value.compareTo(min) < 0 || value.compareTo(Duration.ofHours(1)) > 0) {
        throw bad(name, "must be from %d ms to 1 h".formatted(min.toMillis()));
      }
      return value;
    }

    int number(String name, int max) {
      int value = config.getInt(path(name));
      if (value < 1 || value > max) {
        throw bad(name, "must be from 1 to " + max + ", was " + value);
      }
      return value;
    }

    int bytes(String name) {
      long value = config.getBytes(path(name));
      if (value < FETCH_BYTES_MIN || value > FETCH_BYTES_MAX) {
        throw bad(name, "must be from " + FETCH_BYTES_MIN + " to " + FETCH_BYTES_MAX + " bytes");
      }
      return (int) value;
    }

    private static String path(String name) {
      return "sampo.replication." + name;
    }

    private ConfigException bad(String name, String message) {
      String path = path(name);
      return new ConfigException.BadValue(config.getValue(path).origin(), path, message);
    }
  }
}
