package io.sampo.storage.log;

import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Messages for the tests of the log, and the shortest way to write and read them. */
final class Drafts {
  private Drafts() {}

  static MessageDraft draft(QueueKey queue, String body) {
    return draft(queue, body, null);
  }

  static MessageDraft draft(QueueKey queue, String body, @Nullable String tag) {
    ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
    byte[] properties =
        MessageProperties.encode(tag == null ? Map.of() : Map.of(MessageProperties.TAGS, tag));
    return MessageDraft.to(queue)
        .body(bytes, BodyCrc.of(bytes))
        .properties(properties, MessageProperties.tagHash(properties))
        .build();
  }

  /** Appends one message in a batch of its own, without flushing. */
  static RecordPlace appendBatch(SegmentedLog log, QueueKey queue, String body) throws IOException {
    RecordPlace place = append(log, draft(queue, body), 1_000);
    log.endBatch();
    return place;
  }

  /** Appends one message to the open batch. */
  static RecordPlace append(SegmentedLog log, MessageDraft draft, long storeTimestampMs)
      throws IOException {
    RecordPlace place = new RecordPlace();
    log.reserve(MessageRecordWriter.sizeOf(draft));
    log.append(draft, storeTimestampMs, place);
    return place;
  }

  /** The bodies of a queue, as readers see them; checks on the way that every record is intact. */
  static List<String> bodies(LogReader log, QueueKey queue) {
    QueueView view = log.queue(queue);
    List<String> bodies = new ArrayList<>();
    long end =
        view.scan(
            view.firstOffset(),
            Long.MAX_VALUE,
            (offset, position, sizeBytes, tagHash) -> {
              bodies.add(body(log, queue, offset, position, sizeBytes));
              return true;
            });
    if (end != view.nextOffset()) {
      throw new AssertionError("scanned to " + end + " of " + view.nextOffset());
    }
    return bodies;
  }

  static String body(LogReader log, QueueKey queue, long offset, long position, int sizeBytes) {
    LogSlice slice = log.slice(position, sizeBytes);
    if (slice == null) {
      throw new AssertionError("no slice at " + position);
    }
    try (slice) {
      ByteBuffer record = slice.bytes();
      if (!MessageRecord.isWhole(record, 0, sizeBytes)
          || MessageRecord.totalSize(record, 0) != sizeBytes
          || MessageRecord.physicalOffset(record, 0) != position
          || MessageRecord.queueOffset(record, 0) != offset
          || MessageRecord.queueId(record, 0) != queue.queueId()
          || !MessageRecord.topic(record, 0).equals(queue.topic())
          || !MessageRecord.isBodyIntact(record, 0)) {
        throw new AssertionError("not the record of offset " + offset + " at " + position);
      }
      return StandardCharsets.UTF_8.decode(MessageRecord.body(record, 0)).toString();
    }
  }
}
