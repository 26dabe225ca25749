package io.sampo.routing.request;

import io.sampo.actors.consumer.Popping.Popped;
import io.sampo.record.MessageRecord;
import io.sampo.storage.log.LogSlice;
import io.sampo.wire.header.PopHandle;
import io.sampo.wire.header.PopResponseHeader;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the records and the group say of a pop, in the form that clients read. */
final class PopRead {
  /** Messages of the topic itself; RocketMQ has other marks for its retry topics. */
  private static final String NO_RETRY = "0";

  private PopRead() {}

  /** The queue offsets of the records in the slices. */
  static long[] offsetsOf(List<LogSlice> slices, int messages) {
    long[] offsets = new long[messages];
    int count = 0;
    for (LogSlice slice : slices) {
      ByteBuffer bytes = slice.bytes();
      for (int at = bytes.position();
          at < bytes.limit();
          at += MessageRecord.totalSize(bytes, at)) {
        offsets[count++] = MessageRecord.queueOffset(bytes, at);
      }
    }
    if (count != messages) {
      throw new IllegalStateException(count + " records where " + messages + " were found");
    }
    return offsets;
  }

  /**
   * The answer's header.
   *
   * @param offsets of the records that the answer holds, ascending, at least one
   * @param deliveries how often each was delivered, this time included
   */
  static PopResponseHeader header(
      Popped popped, long[] offsets, int[] deliveries, boolean inOrder, long restCount) {
    String queue = NO_RETRY + " " + popped.queue().key().queueId() + " ";
    StringBuilder messages = new StringBuilder(queue);
    for (int i = 0; i < offsets.length; i++) {
      messages.append(i == 0 ? "" : ",").append(offsets[i]);
    }
    return new PopResponseHeader(
        popped.popTimeMs(),
        popped.invisibleMs(),
        inOrder ? PopHandle.IN_ORDER : 0,
        restCount,
        queue + offsets[0],
        messages.toString(),
        inOrder ? orderCounts(popped.queue().key().queueId(), offsets, deliveries) : null);
  }

  private static @Nullable String orderCounts(int queueId, long[] offsets, int[] deliveries) {
    if (Arrays.stream(deliveries).noneMatch(count -> count > 1)) {
      return null;
    }
    StringBuilder counts = new StringBuilder();
    for (int i = 0; i < offsets.length; i++) {
      counts
          .append(i == 0 ? "" : ";")
          .append(NO_RETRY)
          .append(" qo")
          .append(queueId)
          .append('%')
          .append(offsets[i])
          .append(' ')
          .append(deliveries[i] - 1);
    }
    return counts.toString();
  }
}
