package io.sampo.multijvm.official;

import java.util.HashMap;
import java.util.Map;

/**
 * How a push consumer starts. A new group begins at each queue's first message, unless its settings
 * say otherwise.
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
 * @param traced what is consumed is written to the trace topic
 * @param settings more of the client's own, by the names of its setters: {@code pullBatchSize}
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
    int reconsumeMax,
    boolean traced,
    Map<String, String> settings) {
  /** Clustering, all tags, one thread. */
  public static ConsumerSpec of(String nameServer, String group, String topic, String instance) {
    return new ConsumerSpec(
        nameServer, group, topic, "*", false, false, 1, instance, -1, false, Map.of());
  }

  /** A copy that takes only messages with these tags. */
  public ConsumerSpec withExpression(String expression) {
    return new ConsumerSpec(
        nameServer,
        group,
        topic,
        expression,
        sql,
        broadcasting,
        threads,
        instance,
        reconsumeMax,
        traced,
        settings);
  }

  /** A copy that takes only messages for whose properties the condition holds. */
  public ConsumerSpec withSql(String condition) {
    return new ConsumerSpec(
        nameServer,
        group,
        topic,
        condition,
        true,
        broadcasting,
        threads,
        instance,
        reconsumeMax,
        traced,
        settings);
  }

  /** A copy with one of the client's own settings, such as {@code pullBatchSize}. */
  public ConsumerSpec with(String setting, String value) {
    Map<String, String> changed = new HashMap<>(settings);
    changed.put(setting, value);
    return new ConsumerSpec(
        nameServer,
        group,
        topic,
        expression,
        sql,
        broadcasting,
        threads,
        instance,
        reconsumeMax,
        traced,
        changed);
  }

  /** A copy that writes a trace of what it consumes. */
  public ConsumerSpec withTrace() {
    return new ConsumerSpec(
        nameServer,
        group,
        topic,
        expression,
        sql,
        broadcasting,
        threads,
        instance,
        reconsumeMax,
        true,
        settings);
  }

  /** A copy of which every consumer gets every message. */
  public ConsumerSpec asBroadcast() {
    return new ConsumerSpec(
        nameServer,
        group,
        topic,
        expression,
        sql,
        true,
        threads,
        instance,
        reconsumeMax,
        traced,
        settings);
  }

  /** A copy that gives messages up sooner. */
  public ConsumerSpec withReconsumeMax(int times) {
    return new ConsumerSpec(
        nameServer,
        group,
        topic,
        expression,
        sql,
        broadcasting,
        threads,
        instance,
        times,
        traced,
        settings);
  }

  /** A copy with another number of consume threads. */
  public ConsumerSpec withThreads(int threads) {
    return new ConsumerSpec(
        nameServer,
        group,
        topic,
        expression,
        sql,
        broadcasting,
        threads,
        instance,
        reconsumeMax,
        traced,
        settings);
  }
}
