package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.cluster.serialization.ControlMessage;
import io.sampo.record.QueueKey;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * What a batch changes of a group's pops, as it is written to the journal; and, of all its queues
 * together, what a snapshot holds. Offsets are written as steps from one to the next, which are
 * small numbers and take a byte each. Never changed once made.
 *
 * @param queues each at most once
 * @param modes of topics whose way of consumption was set
 */
record PopChanges(List<QueueChange> queues, List<ModeChange> modes) implements ControlMessage {
  PopChanges {
    queues = List.copyOf(queues);
    modes = List.copyOf(modes);
  }

  /**
   * A queue.
   *
   * @param restarted whether all that was known of the queue is void
   * @param next the first offset that was never handed out
   * @param goneSteps offsets that are not held any more
   * @param held offsets that are held now, with their last deliveries
   */
  record QueueChange(
      String logGroup,
      String topic,
      int queueId,
      boolean restarted,
      long next,
      List<Long> goneSteps,
      List<HeldRun> held) {
    QueueChange {
      goneSteps = List.copyOf(goneSteps);
      held = List.copyOf(held);
    }

    static QueueChange of(
        GroupQueue queue, boolean restarted, long next, List<Long> gone, List<HeldRun> held) {
      return new QueueChange(
          queue.logGroup(),
          queue.key().topic(),
          queue.key().queueId(),
          restarted,
          next,
          toSteps(gone),
          held);
    }

    GroupQueue queue() {
      return new GroupQueue(logGroup, new QueueKey(topic, queueId));
    }

    void forEachGone(LongConsumer visitor) {
      forEachOf(goneSteps, visitor);
    }
  }

  /**
   * Deliveries of one queue that were made and changed together.
   *
   * @param popTimeMs the time of day of the delivery; names it together with the offset
   * @param invisibleMs how long it keeps others away
   * @param deliveries how often each of the offsets was handed out
   * @param offsetSteps the offsets, ascending
   */
  record HeldRun(long popTimeMs, long invisibleMs, int deliveries, List<Long> offsetSteps) {
    HeldRun {
      offsetSteps = List.copyOf(offsetSteps);
    }

    static HeldRun of(long popTimeMs, long invisibleMs, int deliveries, List<Long> offsets) {
      return new HeldRun(popTimeMs, invisibleMs, deliveries, toSteps(offsets));
    }

    void forEachOffset(LongConsumer visitor) {
      forEachOf(offsetSteps, visitor);
    }
  }

  /**
   * How a topic is consumed by the group.
   *
   * @param pop whether clients pop; else they pull
   * @param sharedQueues as RocketMQ's popShareQueueNum
   */
  record ModeChange(String topic, boolean pop, int sharedQueues) {}

  private static List<Long> toSteps(List<Long> offsets) {
    List<Long> steps = new ArrayList<>(offsets.size());
    long last = 0;
    for (long offset : offsets) {
      steps.add(offset - last);
      last = offset;
    }
    return steps;
  }

  private static void forEachOf(List<Long> steps, LongConsumer visitor) {
    long offset = 0;
    for (long step : steps) {
      offset += step;
      visitor.accept(offset);
    }
  }
}
