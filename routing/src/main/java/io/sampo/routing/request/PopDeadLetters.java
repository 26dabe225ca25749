package io.sampo.routing.request;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.Popping.Ack;
import io.sampo.actors.consumer.Popping.Delivery;
import io.sampo.record.MessageRecord;
import io.sampo.record.Returned;
import io.sampo.routing.net.LimitedLog;
import io.sampo.storage.log.LogSlice;
import java.util.List;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Puts popped messages aside that a group failed more often than it may: a copy becomes a dead
 * letter of the group in the same log group, and then the message counts as acknowledged. Until the
 * copy is stored it is a message as before, which comes again; the log recognises a second copy.
 * Any thread.
 */
final class PopDeadLetters {
  private static final LimitedLog LOG =
      new LimitedLog(LoggerFactory.getLogger(PopDeadLetters.class));

  private final DeadLetters letters;
  private final LeaderCache leaders;

  PopDeadLetters(DeadLetters letters, LeaderCache leaders) {
    this.letters = letters;
    this.leaders = leaders;
  }

  /**
   * Puts a message aside that was just handed out to nobody.
   *
   * @param slice its record, taken over
   * @param delivery by which it was handed out
   */
  void add(String group, GroupQueue queue, LogSlice slice, Delivery delivery) {
    letters.add(
        group,
        queue.logGroup(),
        slice,
        Returned.from(group, position(slice), 0),
        new DeadLetters.Receiver() {
          @Override
          public boolean isWanted() {
            return true;
          }

          @Override
          public void onStored() {
            leaders.tellGroup(group, new Ack(queue, List.of(delivery), acked -> {}));
          }

          @Override
          public void onRefused(int code, String remark) {
            failed(group, queue, delivery, remark);
          }

          @Override
          public void onFailed(RuntimeException cause) {
            failed(group, queue, delivery, cause.toString());
          }
        });
  }

  private static long position(LogSlice slice) {
    return MessageRecord.physicalOffset(slice.bytes(), slice.bytes().position());
  }

  /** It comes again after its invisible time, and is put aside then. */
  private static void failed(String group, GroupQueue queue, Delivery delivery, String why) {
    LOG.log(
        Level.WARN, "{} of {} can't be put aside for {}: {}", delivery.offset(), queue, group, why);
  }
}
