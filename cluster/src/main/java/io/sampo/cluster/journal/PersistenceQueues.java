package io.sampo.cluster.journal;

import io.sampo.record.QueueKey;

/**
 * Which queues a persistence id has, and in which log group. An id is {@code <log group>/<rest>},
 * such as {@code broker-0/catalog} or {@code broker-0/group/GID_orders}: the state lives in the log
 * that its actor lives under, so it moves with it.
 *
 * <p>Topics of these queues start with {@link #TOPIC_PREFIX}, which no client can name: neither
 * {@code $} nor {@code /} is allowed in a topic's name.
 */
public final class PersistenceQueues {
  /** What every topic of a persistence id starts with. */
  public static final String TOPIC_PREFIX = "$sampo/journal/";

  /** Events: the event with sequence number n is at queue offset n - 1. */
  private static final int EVENTS = 0;

  /** Snapshots, in the order in which they were saved. */
  private static final int SNAPSHOTS = 1;

  /** The newest record says up to where events are deleted. */
  private static final int EVENT_DELETIONS = 2;

  /** The newest record says which snapshots are deleted. */
  private static final int SNAPSHOT_DELETIONS = 3;

  /** Copies of events whose records are gone, see {@link CarriedEvents}. */
  private static final int CARRIED_EVENTS = 4;

  private PersistenceQueues() {}

  /** True for topics that hold state of this node and are no business of clients. */
  public static boolean isInternal(String topic) {
    return topic.startsWith(TOPIC_PREFIX);
  }

  static QueueKey events(String persistenceId) {
    return new QueueKey(TOPIC_PREFIX + persistenceId, EVENTS);
  }

  static QueueKey snapshots(String persistenceId) {
    return new QueueKey(TOPIC_PREFIX + persistenceId, SNAPSHOTS);
  }

  static QueueKey eventDeletions(String persistenceId) {
    return new QueueKey(TOPIC_PREFIX + persistenceId, EVENT_DELETIONS);
  }

  static QueueKey snapshotDeletions(String persistenceId) {
    return new QueueKey(TOPIC_PREFIX + persistenceId, SNAPSHOT_DELETIONS);
  }

  static QueueKey carriedEvents(String persistenceId) {
    return new QueueKey(TOPIC_PREFIX + persistenceId, CARRIED_EVENTS);
  }

  /** The persistence id that a queue belongs to. */
  static String persistenceId(QueueKey queue) {
    return queue.topic().substring(TOPIC_PREFIX.length());
  }

  /**
   * The log group that an id belongs to.
   *
   * @param defaultLogGroup for ids that name none; empty to refuse them
   */
  static String logGroupOf(String persistenceId, String defaultLogGroup) {
    int slash = persistenceId.indexOf('/');
    if (slash > 0) {
      return persistenceId.substring(0, slash);
    }
    if (defaultLogGroup.isEmpty()) {
      throw new PersistenceRefusedException(
          "a persistence id must start with its log group, as in broker-0/catalog, but this is "
              + persistenceId);
    }
    return defaultLogGroup;
  }
}
