package io.sampo.multijvm.official;

/**
 * How a push consumer starts. A new group begins at each queue's first message.
 *
 * @param nameServer host:port
 * @param expression {@code *} or tags joined by {@code ||}; with {@code sql} a condition
 * @param sql the expression is SQL92
 * @param broadcasting each consumer of the group gets all, and keeps its offsets itself
 * @param threads consume threads; with one, the listener sees each queue in order
 * @param instance the name that tells clients of one machine apart; with broadcasting, the offsets
 *     are kept under it
 * @param reconsumeMax how often a message is tried again before it is given up, -1 for the client's
 *     own default
 */
public record ConsumerSpec(
    String nameServer,
    String group,
    String topic,
    String expression,
    boolean sql,
    boolean broadcasting,
    int threads,
    String instance,
    int reconsumeMax) {
  /** Clustering, all tags, one thread. */
  public static ConsumerSpec of(String nameServer, String group, String topic, String instance) {
    return new ConsumerSpec(nameServer, group, topic, "*", false, false, 1, instance, -1);
  }

  /** A copy that takes only messages with these tags. */
  public ConsumerSpec withExpression(String expression) {
    return new ConsumerSpec(
        nameServer, group, topic, expression, sql, broadcasting, threads, instance, reconsumeMax);
  }

  /** A copy that takes only messages for whose properties the condition holds. */
  public ConsumerSpec withSql(String condition) {
    return new ConsumerSpec(
        nameServer, group, topic, condition, true, broadcasting, threads, instance, reconsumeMax);
  }

  /** A copy of which every consumer gets every message. */
  public ConsumerSpec asBroadcast() {
    return new ConsumerSpec(
        nameServer, group, topic, expression, sql, true, threads, instance, reconsumeMax);
  }

  /** A copy that gives messages up sooner. */
  public ConsumerSpec withReconsumeMax(int times) {
    return new ConsumerSpec(
        nameServer, group, topic, expression, sql, broadcasting, threads, instance, times);
  }

  /** A copy with another number of consume threads. */
  public ConsumerSpec withThreads(int threads) {
    return new ConsumerSpec(
        nameServer, group, topic, expression, sql, broadcasting, threads, instance, reconsumeMax);
  }
}
