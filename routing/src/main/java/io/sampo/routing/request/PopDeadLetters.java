package io.sampo.routing.request;

import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.Popping.Ack;
import io.sampo.actors.consumer.Popping.Delivery;
import io.sampo.actors.group.Queue;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.LimitedLog;
import io.sampo.storage.log.LogSlice;
import java.util.List;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Puts popped messages aside that a group failed more often than it may: a copy becomes a dead
 * letter of the group in the same log group, and then the message counts as acknowledged. Until the
 * copy is stored it is a message as before, which comes again; so it may become two dead letters,
 * but is never lost. Any thread.
 */
final class PopDeadLetters {
  private static final LimitedLog LOG =
      new LimitedLog(LoggerFactory.getLogger(PopDeadLetters.class));
  private static final int QUEUE = 0;

  private final RetryTarget targets;
  private final Brokers brokers;
  private final LeaderCache leaders;

  PopDeadLetters(RetryTarget targets, Brokers brokers, LeaderCache leaders) {
    this.targets = targets;
    this.brokers = brokers;
    this.leaders = leaders;
  }

  /**
   * Puts a message aside that was just handed out to nobody.
   *
   * @param slice its record, taken over
   * @param delivery by which it was handed out
   */
  void add(String group, GroupQueue queue, LogSlice slice, Delivery delivery) {
    targets.findDeadLetters(
        group,
        new RetryTarget.TopicReceiver() {
          @Override
          public void onTopic(TopicConfig topic) {
            append(group, queue, topic, slice, delivery);
          }

          @Override
          public void onRefused(int code, String remark) {
            slice.close();
            failed(group, queue, delivery, remark);
          }
        });
  }

  private void append(
      String group, GroupQueue queue, TopicConfig topic, LogSlice slice, Delivery delivery) {
    QueueKey target = new QueueKey(topic.name(), QUEUE);
    MessageDraft letter =
        RetriedMessage.copy(slice, target, true, brokers.broker(queue.logGroup()).storeHost());
    if (letter.properties().length > MessageProperties.BYTES_MAX) {
      letter.release();
      failed(group, queue, delivery, "its properties leave no room for where it came from");
      return;
    }
    leaders.tellQueue(
        queue.logGroup(),
        target,
        new Queue.Append(
            List.of(letter),
            reply -> {
              if (reply instanceof AppendRefused refused) {
                if (refused == AppendRefused.NOT_LEADING) {
                  leaders.forgetQueue(queue.logGroup(), target);
                }
                failed(group, queue, delivery, Refusals.of(refused).remark());
              } else {
                leaders.tellGroup(group, new Ack(queue, List.of(delivery), acked -> {}));
              }
            }));
  }

  /** It comes again after its invisible time, and is put aside then. */
  private static void failed(String group, GroupQueue queue, Delivery delivery, String why) {
    LOG.log(
        Level.WARN, "{} of {} can't be put aside for {}: {}", delivery.offset(), queue, group, why);
  }
}
