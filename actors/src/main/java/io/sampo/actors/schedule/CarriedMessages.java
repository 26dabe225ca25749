package io.sampo.actors.schedule;

import io.sampo.actors.schedule.Scheduler.ReleaseBelow;
import io.sampo.record.MessageRecord;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks through the schedule's records below a position of the log for messages that still wait, so
 * that they can be copied to its end before the beginning is dropped. What is below a position only
 * becomes less, so one pass is enough. On the thread of the index.
 */
final class CarriedMessages {
  private static final int RECORDS_PER_STEP = 1024;

  /** With their note no more than the smallest segment holds. */
  private static final int BATCH_BYTES = 32 << 10;

  private static final int BATCH_MESSAGES = 256;

  private final DueIndex index;
  private final WaitingRecords records;
  private final LogReader log;
  private final ReleaseBelow asked;
  private final long position;
  private long nextOffset;
  private boolean finished;

  CarriedMessages(ReleaseBelow asked, DueIndex index, WaitingRecords records, LogReader log) {
    this.asked = asked;
    this.position = asked.position();
    this.index = index;
    this.records = records;
    this.log = log;
    this.nextOffset = log.queue(ScheduledMessage.QUEUE).firstOffset();
  }

  /** Answers that nothing waits below the position any more. All batches must be written. */
  void released() {
    asked.replyTo().tell(position);
  }

  /** Answers that it can't be done now. */
  void gaveUp() {
    asked.replyTo().tell(0L);
  }

  /** True when everything was looked at. */
  boolean isFinished() {
    return finished;
  }

  /**
   * Looks at some records.
   *
   * @return those that wait; empty when there are none among them
   * @throws WaitingRecords.UnreadableException when a record of one that waits can't be read; the
   *     beginning of the log must stay then
   */
  DueBatch next() throws WaitingRecords.UnreadableException {
    DueBatch batch = new DueBatch();
    for (Place place : places()) {
      DueEntry entry = entry(place);
      if (entry != null) {
        if (batch.messages() > 0
            && (batch.messages() == BATCH_MESSAGES
                || batch.bytes() + entry.sizeBytes() > BATCH_BYTES)) {
          return batch; // the rest is looked at again
        }
        add(batch, entry);
      }
      nextOffset = place.offset() + 1;
    }
    return batch;
  }

  private record Place(long offset, long position) {}

  private List<Place> places() {
    List<Place> places = new ArrayList<>();
    long[] beyond = {Long.MAX_VALUE};
    long end = nextOffset + RECORDS_PER_STEP;
    long scanned =
        log.queue(ScheduledMessage.QUEUE)
            .scan(
                nextOffset,
                end,
                (offset, at, sizeBytes, tagHash) -> {
                  if (at >= position) {
                    beyond[0] = offset;
                    return false;
                  }
                  places.add(new Place(offset, at));
                  return true;
                });
    finished = beyond[0] != Long.MAX_VALUE || scanned < end;
    return places;
  }

  /** The entry of the message at a place, null when it doesn't wait. */
  private @Nullable DueEntry entry(Place place) throws WaitingRecords.UnreadableException {
    try (LogSlice head = log.slice(place.position(), MessageRecord.SIZE_BYTES_MIN)) {
      if (head == null) {
        return null;
      }
      ByteBuffer bytes = head.bytes();
      int sizeBytes = MessageRecord.totalSize(bytes, bytes.position());
      try (LogSlice whole = log.slice(place.position(), sizeBytes)) {
        if (whole == null) {
          return null;
        }
        ByteBuffer record = whole.bytes();
        return index.find(ScheduledMessage.deliverAtMs(record, record.position()), place.offset());
      }
    } catch (IllegalArgumentException e) {
      return null; // none of the schedule's records: it was passed over when it was taken in
    } catch (InternalError e) { // a mapped read of a bad sector
      throw new WaitingRecords.UnreadableException(
          new DueEntry(0, place.offset(), place.position(), 0, 0), e);
    }
  }

  private void add(DueBatch batch, DueEntry entry) throws WaitingRecords.UnreadableException {
    LogSlice slice = records.read(entry);
    if (slice != null) {
      batch.carry(entry, slice);
    }
  }
}
