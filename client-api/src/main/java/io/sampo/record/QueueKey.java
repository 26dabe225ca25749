package io.sampo.record;

/**
 * Names a queue within a log group. Topics are at most 127 bytes for users; internal names (retry
 * and dead-letter topics of long groups, persistence ids) may be longer, up to 32767 bytes.
 *
 * @param topic the topic, never empty
 * @param queueId the number of the queue within the topic, from 0
 */
public record QueueKey(String topic, int queueId) {
  public QueueKey {
    if (topic.isEmpty()) {
      throw new IllegalArgumentException("a queue needs a topic");
    }
    if (queueId < 0) {
      throw new IllegalArgumentException("queue id must not be negative, was " + queueId);
    }
  }
}
