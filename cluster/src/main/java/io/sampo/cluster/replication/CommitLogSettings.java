package io.sampo.cluster.replication;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigMemorySize;
import io.sampo.storage.log.LogSettings;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * How the node's logs are kept: {@code sampo.data-dir}, the {@code sampo.log} and the {@code
 * sampo.replication} and the {@code sampo.deduplication} section, read once at start and passed
 * down by constructor. A value that makes no sense is refused here, with its path and where it was
 * set.
 *
 * @param dataDir the folder of this node; each log group has a folder in it
 * @param segments how long they are
 * @param flush when an append is acknowledged
 * @param batch when a batch is ended though more appends wait
 * @param backgroundFlush when the log is flushed under {@link Flush#ASYNC}
 * @param replication how the replicas work together
 * @param deduplication how retries of sends are recognised
 */
public record CommitLogSettings(
    Path dataDir,
    Segments segments,
    Flush flush,
    BatchLimits batch,
    BackgroundFlush backgroundFlush,
    ReplicationSettings replication,
    DeduplicationSettings deduplication) {
  private static final int SEGMENT_BYTES_MIN = 64 << 10;
  private static final int SEGMENT_BYTES_MAX = 1 << 30;

  /** A log group's name is also the name of its folder, so it holds nothing that leaves it. */
  private static final Pattern LOG_GROUP = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,126}");

  /**
   * The files of a log.
   *
   * @param bytes the length of one segment, a power of two from 64 KiB to 1 GiB
   * @param preallocateStepBytes how much is reserved on disk at a time
   */
  public record Segments(int bytes, int preallocateStepBytes) {}

  /** When an append is acknowledged. */
  public enum Flush {
    /** Once its batch is flushed to disk. */
    SYNC,
    /** Once its batch is written; it is flushed in the background. */
    ASYNC
  }

  /**
   * When a batch is ended though more appends wait.
   *
   * @param bytes the most bytes, at least 4096; a single larger append makes a batch of its own
   * @param appends the most appends, at least 1
   */
  public record BatchLimits(int bytes, int appends) {}

  /**
   * When the log is flushed in the background: whatever comes first.
   *
   * @param interval the time between two flushes
   * @param bytes how many bytes are written before it is flushed
   */
  public record BackgroundFlush(Duration interval, long bytes) {}

  /**
   * Reads the settings.
   *
   * @param config the whole configuration, with {@code sampo} at its root
   * @throws ConfigException when a value is missing or makes no sense
   */
  public static CommitLogSettings of(Config config) {
    int segmentBytes =
        bytes(config, "sampo.log.segment-size", SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX);
    requirePowerOfTwo(config, "sampo.log.segment-size", segmentBytes);
    // A short segment needs no step of its own in the configuration: it is reserved whole.
    int stepBytes =
        Math.min(
            segmentBytes,
            bytes(config, "sampo.log.preallocate-step", SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX));
    requirePowerOfTwo(config, "sampo.log.preallocate-step", stepBytes);
    return new CommitLogSettings(
        dataDir(config),
        new Segments(segmentBytes, stepBytes),
        flush(config),
        new BatchLimits(
            bytes(config, "sampo.log.batch-max-bytes", 4096, SEGMENT_BYTES_MAX),
            appends(config, "sampo.log.batch-max-appends")),
        new BackgroundFlush(
            interval(config, "sampo.log.flush-interval"),
            bytes(config, "sampo.log.flush-bytes", 4096, Integer.MAX_VALUE)),
        ReplicationSettings.of(config),
        DeduplicationSettings.of(config));
  }

  /** The folder of a log group. */
  public Path directoryOf(String logGroup) {
    if (!LOG_GROUP.matcher(logGroup).matches()) {
      throw new IllegalArgumentException(
          "a log group is named by letters, digits, '_', '.' and '-', not \"" + logGroup + "\"");
    }
    return dataDir.resolve(logGroup);
  }

  /** How storage is to keep the log of a log group. */
  public LogSettings logSettings(String logGroup) {
    return new LogSettings(
        directoryOf(logGroup).resolve("log"),
        segments.bytes(),
        batch.bytes(),
        segments.preallocateStepBytes());
  }

  private static Path dataDir(Config config) {
    String path = "sampo.data-dir";
    String value = config.getString(path);
    if (value.isBlank()) {
      throw bad(config, path, "must name a folder, was empty");
    }
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw bad(config, path, "must name a folder: " + e.getMessage());
    }
  }

  private static Flush flush(Config config) {
    String path = "sampo.log.flush";
    String value = config.getString(path);
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "sync" -> Flush.SYNC;
      case "async" -> Flush.ASYNC;
      default -> throw bad(config, path, "must be sync or async, was " + value);
    };
  }

  private static int bytes(Config config, String path, int min, int max) {
    ConfigMemorySize value = config.getMemorySize(path);
    BigInteger bytes = value.toBytesBigInteger();
    if (bytes.compareTo(BigInteger.valueOf(min)) < 0
        || bytes.compareTo(BigInteger.valueOf(max)) > 0) {
      throw bad(config, path, "must be from " + min + " to " + max + " bytes, was " + bytes);
    }
    return bytes.intValueExact();
  }

  private static int appends(Config config, String path) {
    int value = config.getInt(path);
    if (value < 1 || value > 1 << 20) {
      throw bad(config, path, "must be from 1 to " + (1 << 20) + ", was " + value);
    }
    return value;
  }

  private static Duration interval(Config config, String path) {
    Duration value = config.getDuration(path);
    if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(Duration.ofHours(1)) > 0) {
      throw bad(config, path, "must be from 1 ms to 1 h, was " + value.toMillis() + " ms");
    }
    return value;
  }

  private static void requirePowerOfTwo(Config config, String path, int value) {
    if (Integer.bitCount(value) != 1) {
      throw bad(config, path, "must be a power of two, was " + value + " bytes");
    }
  }

  private static ConfigException bad(Config config, String path, String message) {
    return new ConfigException.BadValue(config.getValue(path).origin(), path, message);
  }
}
