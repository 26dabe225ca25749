package io.sampo.routing.request;

import io.sampo.actors.group.LogGroup;
import io.sampo.actors.schedule.ScheduledMessage;
import io.sampo.actors.schedule.Scheduler;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import io.sampo.routing.request.DeliveryTimes.Delivery;
import java.util.List;

/**
 * Sends of messages that are delivered later: they go to the log group's scheduler instead of their
 * queue, and are answered like other sends.
 */
final class DelayedSends {
  private final DeliveryTimes times;
  private final LeaderCache leaders;

  DelayedSends(DeliveryTimes times, LeaderCache leaders) {
    this.times = times;
    this.leaders = leaders;
  }

  /**
   * When a message is to be delivered, which may turn out to be now.
   *
   * @param properties encoded, that ask for a delay
   * @throws IllegalMessageException when it can't be had
   */
  Delivery delivery(byte[] properties) {
    try {
      return times.of(properties);
    } catch (IllegalArgumentException e) {
      throw new IllegalMessageException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * The message as it waits.
   *
   * @param message as consumers get it, for its queue
   * @throws IllegalMessageException when its properties leave no room for where it goes
   */
  static MessageDraft waiting(SendExchange send, MessageDraft message, Delivery delivery) {
    String topic = message.queue().topic();
    int propertiesMax = ScheduledMessage.propertiesBytesMax(topic);
    if (message.properties().length > propertiesMax) {
      throw new IllegalMessageException(
          "the properties of a delayed message have "
              + message.properties().length
              + " bytes, at most "
              + propertiesMax
              + " are allowed with this topic");
    }
    send.delay(RecallHandle.of(topic, send.broker().name(), delivery));
    return ScheduledMessage.toSchedule(message, delivery.dueMs());
  }

  /** Stores the waiting message of a send whose body was taken. */
  void schedule(SendExchange send, QueueKey queue, List<MessageDraft> drafts) {
    send.draft(queue, drafts.size());
    send.keep();
    leaders.tellPart(
        send.broker().name(),
        LogGroup.Part.SCHEDULE,
        new Scheduler.Schedule(drafts, send::onScheduled));
  }
}
