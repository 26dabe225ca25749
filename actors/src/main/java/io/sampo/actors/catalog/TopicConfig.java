package io.sampo.actors.catalog;

import java.util.Map;

/**
 * A topic as its users configure it, per log group.
 *
 * @param readQueues how many queues consumers see
 * @param writeQueues how many queues producers see
 * @param permissions bits: 1 inherit, 2 write, 4 read
 * @param sysFlag the topic's system flag, passed through
 * @param ordered whether mqadmin marked it as ordered
 * @param attributes such as message.type
 */
public record TopicConfig(
    String name,
    int readQueues,
    int writeQueues,
    int permissions,
    int sysFlag,
    boolean ordered,
    Map<String, String> attributes) {
  public static final int PERM_INHERIT = 1;
  public static final int PERM_WRITE = 2;
  public static final int PERM_READ = 4;

  /** The attribute that keeps a topic to so many log groups, the first ones. */
  public static final String LOG_GROUPS = "sampo.log-groups";

  public TopicConfig {
    attributes = Map.copyOf(attributes);
  }

  /** A topic with as many read as write queues and nothing special. */
  public static TopicConfig of(String name, int queues, int permissions) {
    return new TopicConfig(name, queues, queues, permissions, 0, false, Map.of());
  }

  /** The same topic with other attributes. */
  public TopicConfig withAttributes(Map<String, String> changed) {
    return new TopicConfig(name, readQueues, writeQueues, permissions, sysFlag, ordered, changed);
  }

  /** The same topic with other numbers of queues. */
  public TopicConfig withQueues(int read, int write) {
    return new TopicConfig(name, read, write, permissions, sysFlag, ordered, attributes);
  }

  /** Whether it has queues in all log groups. */
  public boolean isEverywhere() {
    return attributes.isEmpty() || !attributes.containsKey(LOG_GROUPS);
  }

  /**
   * Whether it has queues in a log group.
   *
   * @param index the log group's place in the order, from 0
   */
  public boolean isIn(int index) {
    String first = attributes.get(LOG_GROUPS);
    return first == null || index < Integer.parseInt(first);
  }

  /** Whether somebody relies on the order of its messages, which more queues would break. */
  boolean isOrdered() {
    return ordered || "FIFO".equals(attributes.get("message.type"));
  }

  public boolean isReadable() {
    return (permissions & PERM_READ) != 0;
  }

  public boolean isWritable() {
    return (permissions & PERM_WRITE) != 0;
  }
}
