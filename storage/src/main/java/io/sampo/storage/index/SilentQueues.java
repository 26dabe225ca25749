package io.sampo.storage.index;

import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What is written to the log before it loses its beginning: how far the queues had come that have
 * no record in the rest. A copy that begins with that rest knows it from nowhere else, and would
 * number their next messages from 0. One list is several records of the queue {@link #QUEUE}, one
 * after the other; the body of each:
 *
 * <pre>
 *  0         1           9       13      17         21         29
 *  +---------+-----------+-------+-------+----------+----------+--------- ...
 *  | version | log start | index | count | queues n | kept for | n queues
 *  +---------+-----------+-------+-------+----------+----------+--------- ...
 *    1 byte    8           4       4       4          8
 *  a queue:  2 bytes of length, its topic in UTF-8, 4 of queue id, 8 of next offset, 8 of the
 *            store time of its newest record
 * </pre>
 *
 * <p>Once the last record of a list is committed every copy may drop what lies below the log start
 * that it names, and is older by the copy's own clock than messages are kept, in milliseconds: the
 * clock of one node is not enough to delete what all have. Version 1 doesn't have that field.
 *
 * <p>Pure functions; any thread.
 */
public final class SilentQueues {
  /** No client can name it: neither $ nor / is allowed in a topic's name. */
  public static final QueueKey QUEUE = new QueueKey("$sampo/silent-queues", 0);

  private static final byte VERSION = 2;
  private static final byte WITHOUT_AGE = 1;
  private static final int HEAD_BYTES = 1 + 8 + 4 + 4 + 4 + 8;
  private static final int FIXED_BYTES = 2 + 4 + 8 + 8;

  private SilentQueues() {}

  /**
   * What may be dropped.
   *
   * @param logStart where the log is to begin
   * @param keptForMs no message that is younger goes
   */
  public record Drop(long logStart, long keptForMs) {}

  /**
   * One record of a list.
   *
   * @param index of the record in the list, from 0
   * @param count of the records of the list
   */
  public record Part(Drop drop, int index, int count, List<QueueEnd> queues) {
    public boolean isFirst() {
      return index == 0;
    }

    public boolean isLast() {
      return index == count - 1;
    }
  }

  /**
   * A list, to be appended in this order; at least one record, also when no queue is silent.
   *
   * @param bytesMax of one body, unless a single queue takes more
   */
  public static List<MessageDraft> drafts(Drop drop, List<QueueEnd> queues, int bytesMax) {
    List<MessageDraft> drafts = new ArrayList<>();
    for (byte[] bytes : encode(drop, queues, bytesMax)) {
      ByteBuffer body = ByteBuffer.wrap(bytes);
      drafts.add(MessageDraft.to(QUEUE).body(body, BodyCrc.of(body)).build());
    }
    return drafts;
  }

  /** The bodies of a list. */
  static List<byte[]> encode(Drop drop, List<QueueEnd> queues, int bytesMax) {
    List<List<byte[]>> parts = new ArrayList<>();
    List<byte[]> part = new ArrayList<>();
    int bytes = HEAD_BYTES;
    for (QueueEnd queue : queues) {
      byte[] encoded = encode(queue);
      if (bytes + encoded.length > bytesMax && !part.isEmpty()) {
        parts.add(part);
        part = new ArrayList<>();
        bytes = HEAD_BYTES;
      }
      part.add(encoded);
      bytes += encoded.length;
    }
    parts.add(part);
    List<byte[]> bodies = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      bodies.add(body(drop, i, parts.size(), parts.get(i)));
    }
    return bodies;
  }

  private static byte[] encode(QueueEnd end) {
    byte[] topic = end.queue().topic().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(FIXED_BYTES + topic.length)
        .putShort((short) topic.length)
        .put(topic)
        .putInt(end.queue().queueId())
        .putLong(end.nextOffset())
        .putLong(end.lastStoreTimestampMs())
        .array();
  }

  private static byte[] body(Drop drop, int index, int count, List<byte[]> queues) {
    ByteBuffer body =
        ByteBuffer.allocate(HEAD_BYTES + queues.stream().mapToInt(each -> each.length).sum());
    body.put(VERSION).putLong(drop.logStart()).putInt(index).putInt(count).putInt(queues.size());
    body.putLong(drop.keptForMs());
    queues.forEach(body::put);
    return body.array();
  }

  /**
   * Reads a body.
   *
   * @param body from its position on; not moved
   * @throws IllegalArgumentException when it is of another version
   */
  public static Part decode(ByteBuffer body) {
    ByteBuffer in = body.duplicate();
    byte version = in.get();
    if (version != VERSION && version != WITHOUT_AGE) {
      throw new IllegalArgumentException(
          "a list of silent queues of version " + version + " was written by a newer Sampo");
    }
    long logStart = in.getLong();
    int index = in.getInt();
    int count = in.getInt();
    int queues = in.getInt();
    long keptForMs = version == WITHOUT_AGE ? 0 : in.getLong();
    List<QueueEnd> ends = new ArrayList<>(queues);
    for (int i = 0; i < queues; i++) {
      byte[] topic = new byte[in.getShort()];
      in.get(topic);
      QueueKey key = new QueueKey(new String(topic, StandardCharsets.UTF_8), in.getInt());
      ends.add(new QueueEnd(key, in.getLong(), in.getLong()));
    }
    return new Part(new Drop(logStart, keptForMs), index, count, ends);
  }
}
