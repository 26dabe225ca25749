package io.sampo.actors.schedule;

import io.sampo.actors.catalog.TopicConfig;
import io.sampo.record.QueueKey;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a message goes whose time has come. While it waited its topic may have lost queues, or have
 * been deleted. Without its queue it goes to the one of that number modulo those that are read now.
 * Without its topic it goes where it would have gone: it is then in the log like the other messages
 * of that topic, is found by its id, and is read again if the topic is made anew.
 */
@FunctionalInterface
public interface TargetQueues {
  /** The queue that is to have a message for the wanted one. Any thread. */
  QueueKey of(QueueKey wanted);

  /**
   * @param topics what is known of a topic, null when it is not known; any thread
   */
  static TargetQueues in(Function<String, @Nullable TopicConfig> topics) {
    return wanted -> {
      TopicConfig topic = topics.apply(wanted.topic());
      if (topic == null) {
        return wanted;
      }
      int queues = Math.max(topic.readQueues(), topic.writeQueues());
      return wanted.queueId() < queues || topic.readQueues() < 1
          ? wanted
          : new QueueKey(wanted.topic(), wanted.queueId() % topic.readQueues());
    };
  }
}
