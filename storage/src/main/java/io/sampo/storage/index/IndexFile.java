package io.sampo.storage.index;

import io.sampo.storage.log.LogDirectory;
import io.sampo.storage.recovery.EpochTable;
import io.sampo.storage.recovery.MembershipEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file beside a sealed segment that tells where the records of every queue are. Written once,
 * from front to back, aside and then renamed; never changed.
 *
 * <pre>
 *   0    4         8              16            24           28           32           36        40
 *   +----+---------+--------------+-------------+------------+------------+------------+---------+
 *   |magic| version | segment base | segment end | queues Q   | entries E  | epochs P   | names N |
 *   +----+---------+--------------+-------------+------------+------------+------------+---------+
 *   | Q x { next offset 8, last store time 8, records 4, first entry 4 }    by queue number       |
 *   | E x { position in the segment 4, size 4, tag hash 4 }                 a run per queue       |
 *   | P x { epoch 8, start position 8 }                                     of the log so far     |
 *   | Q x { queue id 4, topic bytes 2, topic }                              N bytes in all        |
 *   | { end position 8, bytes 4, content }      memberships of the log so far, up to the checksum |
 *   | crc32c 4 over everything before                                                             |
 *   +---------------------------------------------------------------------------------------------+
 * </pre>
 *
 * <p>Every queue that the log has ever seen is in the directory, those without a record in the
 * segment with 0 records and their next offset: so the newest index and the segments after it are
 * all that recovery needs. That costs 30 bytes and the topic per queue and segment; with 100 000
 * queues about 6 MB beside 1 GiB.
 */
final class IndexFile {
  private static final Logger LOG = LoggerFactory.getLogger(IndexFile.class);

  static final int MAGIC = 0x534D5049; // "SMPI"
  static final int VERSION = 1;

  static final int SEGMENT_BASE_AT = 8;
  static final int SEGMENT_END_AT = SEGMENT_BASE_AT + 8;
  static final int QUEUES_AT = SEGMENT_END_AT + 8;
  static final int ENTRIES_AT = QUEUES_AT + 4;
  static final int EPOCHS_AT = ENTRIES_AT + 4;
  static final int NAMES_AT = EPOCHS_AT + 4;
  static final int HEADER_BYTES = NAMES_AT + 4;

  static final int QUEUE_BYTES = 24;
  static final int QUEUE_LAST_TIME_AT = 8;
  static final int QUEUE_COUNT_AT = QUEUE_LAST_TIME_AT + 8;
  static final int QUEUE_FIRST_ENTRY_AT = QUEUE_COUNT_AT + 4;

  static final int ENTRY_BYTES = 12;
  static final int EPOCH_BYTES = 16;
  static final int MEMBERSHIP_HEADER_BYTES = 12;
  static final int CRC_BYTES = 4;

  private final Path path;
  private final long segmentBase;
  private final long segmentEnd;

  /**
   * @param segmentBase the position of the segment's first byte
   * @param segmentEnd the position behind its last one
   */
  IndexFile(Path path, long segmentBase, long segmentEnd) {
    this.path = path;
    this.segmentBase = segmentBase;
    this.segmentEnd = segmentEnd;
  }

  /**
   * The file of a segment that ends at a position, wherever it began; null when there is none that
   * can be read.
   */
  static @Nullable IndexFile endingAt(Path path, long segmentEnd) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEADER_BYTES);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (head.hasRemaining() && channel.read(head) >= 0) {
        // until the head is there, or the file ends
      }
    } catch (NoSuchFileException e) {
      return null;
    }
    return head.hasRemaining()
        ? null
        : new IndexFile(path, head.getLong(SEGMENT_BASE_AT), segmentEnd);
  }

  long segmentBase() {
    return segmentBase;
  }

  boolean exists() {
    return Files.exists(path);
  }

  /** Writes the file, durably when this returns. */
  void write(FrozenIndex index) throws IOException {
    Path aside = path.resolveSibling(path.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            aside,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      Output out = new Output(channel);
      writeTo(out, index);
      out.finish();
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(aside); // on a full disk every block counts
      throw e;
    }
    LogDirectory.replace(path, aside);
  }

  private void writeTo(Output out, FrozenIndex index) throws IOException {
    int queues = index.queueCount();
    int entries = 0;
    int nameBytes = 0;
    byte[][] topics = new byte[queues][];
    for (int queue = 0; queue < queues; queue++) {
      entries += index.count(queue);
      topics[queue] = index.key(queue).topic().getBytes(StandardCharsets.UTF_8);
      nameBytes += Integer.BYTES + Short.BYTES + topics[queue].length;
    }
    out.room(HEADER_BYTES)
        .putInt(MAGIC)
        .putInt(VERSION)
        .putLong(segmentBase)
        .putLong(segmentEnd)
        .putInt(queues)
        .putInt(entries)
        .putInt(index.marks().epochs().size())
        .putInt(nameBytes);
    int firstEntry = 0;
    for (int queue = 0; queue < queues; queue++) {
      out.room(QUEUE_BYTES)
          .putLong(index.nextOffset(queue))
          .putLong(index.lastStoreTimestampMs(queue))
          .putInt(index.count(queue))
          .putInt(firstEntry);
      firstEntry += index.count(queue);
    }
    for (int queue = 0; queue < queues; queue++) {
      QueueRun run = index.run(queue);
      for (int entry = 0; run != null && entry < run.count(); entry++) {
        out.room(ENTRY_BYTES)
            .putInt(run.field(entry, 0))
            .putInt(run.field(entry, 1))
            .putInt(run.field(entry, 2));
      }
    }
    EpochTable epochs = index.marks().epochs();
    for (int i = 0; i < epochs.size(); i++) {
      out.room(EPOCH_BYTES).putLong(epochs.epoch(i)).putLong(epochs.startOf(i));
    }
    for (int queue = 0; queue < queues; queue++) {
      out.room(Integer.BYTES + Short.BYTES + topics[queue].length)
          .putInt(index.key(queue).queueId())
          .putShort((short) topics[queue].length)
          .put(topics[queue]);
    }
    for (MembershipEntry membership : index.marks().memberships()) {
      ByteBuffer content = membership.content();
      out.room(MEMBERSHIP_HEADER_BYTES)
          .putLong(membership.endPosition())
          .putInt(content.remaining());
      out.put(content);
    }
  }

  /**
   * Maps the file and checks all of it; null when it is missing or damaged, which is logged: it can
   * be made anew from its segment.
   */
  @Nullable MappedIndex map() throws IOException {
    MappedByteBuffer bytes;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        return damaged("a size below 2 GiB", channel.size() + " bytes");
      }
      bytes = channel.map(MapMode.READ_ONLY, 0, channel.size());
    } catch (NoSuchFileException e) {
      LOG.warn("{} is missing; it is made anew from its segment", path);
      return null;
    }
    int size = bytes.capacity();
    if (size < HEADER_BYTES + CRC_BYTES || bytes.getInt(0) != MAGIC) {
      return damaged("an index", size + " bytes of something else");
    }
    if (bytes.getInt(4) != VERSION) {
      return damaged("version " + VERSION, "version " + bytes.getInt(4));
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(0, size - CRC_BYTES));
    if ((int) crc.getValue() != bytes.getInt(size - CRC_BYTES)) {
      return damaged(
          "checksum %08x".formatted(bytes.getInt(size - CRC_BYTES)),
          "%08x".formatted((int) crc.getValue()));
    }
    if (bytes.getLong(SEGMENT_BASE_AT) != segmentBase
        || bytes.getLong(SEGMENT_END_AT) != segmentEnd) {
      return damaged(
          "the segment from %d to %d".formatted(segmentBase, segmentEnd),
          "%d to %d".formatted(bytes.getLong(SEGMENT_BASE_AT), bytes.getLong(SEGMENT_END_AT)));
    }
    return new MappedIndex(bytes);
  }

  private @Nullable MappedIndex damaged(String expected, String found) {
    LOG.warn("{}: expected {}, found {}; it is made anew from its segment", path, expected, found);
    return null;
  }

  @Override
  public String toString() {
    return path.toString();
  }

  /** Writes front to back through a buffer, and counts the checksum on the way. */
  private static final class Output {
    private static final int BUFFER_BYTES = 256 << 10; // more than the longest topic

    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final CRC32C crc = new CRC32C();

    Output(FileChannel channel) {
      this.channel = channel;
    }

    /** Any number of bytes. */
    void put(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        ByteBuffer to = room(1);
        int some = Math.min(to.remaining(), bytes.remaining());
        to.put(bytes.slice(bytes.position(), some));
        bytes.position(bytes.position() + some);
      }
    }

    /** The buffer with room for so many bytes. */
    ByteBuffer room(int sizeBytes) throws IOException {
      if (buffer.remaining() < sizeBytes) {
        drain();
      }
      return buffer;
    }

    void finish() throws IOException {
      drain();
      buffer.putInt((int) crc.getValue());
      drain();
    }

    private void drain() throws IOException {
      buffer.flip();
      crc.update(buffer.duplicate());
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      buffer.clear();
    }
  }
}
