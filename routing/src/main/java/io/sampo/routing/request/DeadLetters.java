package io.sampo.routing.request;

import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.group.Queue;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.record.Returned;
import io.sampo.storage.log.LogSlice;
import io.sampo.wire.ResponseCode;
import java.util.List;

/**
 * Stores copies of messages as dead letters of a consumer group, in the log group that they are in.
 * Any thread.
 */
final class DeadLetters {
  private static final int QUEUE = 0;

  private final RetryTarget targets;
  private final Brokers brokers;
  private final LeaderCache leaders;

  DeadLetters(RetryTarget targets, Brokers brokers, LeaderCache leaders) {
    this.targets = targets;
    this.brokers = brokers;
    this.leaders = leaders;
  }

  /** Hears what became of one; called on any thread. */
  interface Receiver {
    /** Asked right before it is stored: false when it has become too late. */
    boolean isWanted();

    void onStored();

    /** It was not stored. */
    void onRefused(int code, String remark);

    /** The log refused it. */
    default void onRefused(Refusals refusal) {
      onRefused(refusal.code(), refusal.remark());
    }

    /** The same, because something is wrong with this program. */
    void onFailed(RuntimeException cause);
  }

  /**
   * Stores one.
   *
   * @param logGroup where the message is
   * @param slice its record, taken over
   * @param returned how it was given up
   */
  void add(String group, String logGroup, LogSlice slice, Returned returned, Receiver receiver) {
    targets.findDeadLetters(
        group,
        new RetryTarget.TopicReceiver() {
          @Override
          public void onTopic(TopicConfig topic) {
            store(topic, logGroup, slice, returned, receiver);
          }

          @Override
          public void onRefused(int code, String remark) {
            slice.close();
            receiver.onRefused(code, remark);
          }
        });
  }

  private void store(
      TopicConfig topic, String logGroup, LogSlice slice, Returned returned, Receiver receiver) {
    if (!receiver.isWanted()) {
      slice.close();
      return;
    }
    QueueKey queue = new QueueKey(topic.name(), QUEUE);
    MessageDraft letter;
    try {
      letter =
          RetriedMessage.copy(slice, queue, true, brokers.broker(logGroup).storeHost(), returned);
    } catch (RuntimeException e) {
      slice.close();
      receiver.onFailed(e);
      return;
    }
    if (letter.properties().length > MessageProperties.BYTES_MAX) {
      letter.release();
      receiver.onRefused(
          ResponseCode.MESSAGE_ILLEGAL,
          "the message's properties leave no room for where it came from");
      return;
    }
    leaders.tellQueue(
        logGroup,
        queue,
        new Queue.Append(List.of(letter), reply -> onAppended(logGroup, queue, reply, receiver)));
  }

  private void onAppended(String logGroup, QueueKey queue, AppendReply reply, Receiver receiver) {
    if (reply instanceof AppendRefused refused) {
      if (refused == AppendRefused.NOT_LEADING) {
        leaders.forgetQueue(logGroup, queue);
      }
      receiver.onRefused(Refusals.of(refused));
    } else {
      receiver.onStored();
    }
  }
}
