package io.sampo.client;

import java.util.Comparator;

/**
 * Names one queue of a topic. Ordered by topic, broker name and queue id, which is the order that
 * all consumers of a group must share to divide queues alike.
 */
public record TopicQueue(String topic, String brokerName, int queueId)
    implements Comparable<TopicQueue> {
  private static final Comparator<TopicQueue> ORDER =
      Comparator.comparing(TopicQueue::topic)
          .thenComparing(TopicQueue::brokerName)
          .thenComparingInt(TopicQueue::queueId);

  @Override
  public int compareTo(TopicQueue other) {
    return ORDER.compare(this, other);
  }
}
