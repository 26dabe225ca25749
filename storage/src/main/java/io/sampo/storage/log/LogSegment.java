package io.sampo.storage.log;

import io.sampo.record.MessageRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;
import org.agrona.IoUtil;
import org.jspecify.annotations.Nullable;

/**
 * One fixed-length file of the log, named by the position of its first byte and mapped whole.
 *
 * <p>The file has its full length from the start, but blocks only up to {@link #reservedBytes()}:
 * the writer never writes beyond that mark, readers never read beyond what is written, so nobody
 * touches a page that the disk has no room for. One thread writes and reserves; any thread reads.
 *
 * <p>The mapping lives as long as somebody holds it: the log itself, and every slice that was
 * handed out. The last one to {@link #release()} unmaps.
 */
public final class LogSegment {
  private static final int ZERO_CHUNK_BYTES = 4 << 10; // a page: what is written, a block has
  private static final long UNKNOWN = Long.MAX_VALUE;
  private static final VarHandle HOLDERS;

  static {
    try {
      HOLDERS = MethodHandles.lookup().findVarHandle(LogSegment.class, "holders", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Path path;
  private final long basePosition;
  private final int lengthBytes;
  private final MappedByteBuffer mapped;
  private final ByteBuffer readOnly;
  private @Nullable FileChannel channel; // open while the segment may still be written
  private int reservedBytes;
  private volatile long firstStoreMs = UNKNOWN;

  @SuppressWarnings("UnusedVariable") // through HOLDERS
  private volatile int holders = 1;

  private LogSegment(
      Path path, long basePosition, MappedByteBuffer mapped, @Nullable FileChannel channel) {
    this.path = path;
    this.basePosition = basePosition;
    this.lengthBytes = mapped.capacity();
    this.mapped = mapped;
    this.readOnly = mapped.asReadOnlyBuffer();
    this.channel = channel;
  }

  /**
   * Makes a new segment, its first stretch reserved, durable as an empty file.
   *
   * @throws LogFullException when there is no room; no file is left behind
   */
  static LogSegment create(
      LogDirectory directory,
      long basePosition,
      int lengthBytes,
      SegmentDisk disk,
      int reserveBytes)
      throws IOException {
    Path path = directory.segmentFile(basePosition);
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    try {
      // Mapping also gives the file its length, as a hole.
      MappedByteBuffer mapped = channel.map(MapMode.READ_WRITE, 0, lengthBytes);
      LogSegment segment = new LogSegment(path, basePosition, mapped, channel);
      segment.reserve(reserveBytes, disk);
      channel.force(true);
      directory.sync();
      return segment;
    } catch (IOException | RuntimeException e) {
      channel.close();
      Files.deleteIfExists(path);
      throw e;
    }
  }

  /** False when the file can't be a segment, because of its length. */
  static boolean hasUsableLength(Path path) throws IOException {
    return isUsable(Files.size(path));
  }

  private static boolean isUsable(long length) {
    return length > 0 && length <= 1 << 30 && length % BatchFrame.ALIGNMENT == 0;
  }

  /** Maps an existing file; its length is the file's. */
  public static LogSegment open(Path path, long basePosition, boolean writable) throws IOException {
    FileChannel channel =
        writable
            ? FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)
            : FileChannel.open(path, StandardOpenOption.READ);
    try {
      long length = channel.size();
      if (!isUsable(length)) {
        throw new CorruptLogException(
            basePosition, path + ": expected the length of a segment, found " + length + " bytes");
      }
      MappedByteBuffer mapped =
          channel.map(writable ? MapMode.READ_WRITE : MapMode.READ_ONLY, 0, length);
      if (!writable) {
        channel.close(); // the mapping outlives it
      }
      return new LogSegment(path, basePosition, mapped, writable ? channel : null);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Gives the file of a segment that nothing was ever written to another length, and maps it.
   *
   * @param lengthBytes the new length
   */
  static LogSegment openWithLength(Path path, long basePosition, int lengthBytes)
      throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      if (channel.size() > lengthBytes) {
        channel.truncate(lengthBytes);
      } else {
        channel.write(ByteBuffer.allocate(1), lengthBytes - 1);
      }
      channel.force(true);
    }
    return open(path, basePosition, true);
  }

  public Path path() {
    return path;
  }

  /** True while the segment may be written. */
  boolean isWritable() {
    return channel != null;
  }

  /** Makes durable what was written to the file by {@link #zeroFrom}. */
  void sync() throws IOException {
    writeChannel().force(true);
  }

  /** The log position of the first byte. */
  public long basePosition() {
    return basePosition;
  }

  /** The log position behind the last byte. */
  public long endPosition() {
    return basePosition + lengthBytes;
  }

  public int lengthBytes() {
    return lengthBytes;
  }

  /**
   * When the first message in it was stored, {@link Long#MAX_VALUE} when there is none. Any thread
   * that holds it.
   *
   * @param endPosition up to where it is written
   */
  long firstStoreMs(long endPosition) {
    if (firstStoreMs == UNKNOWN) {
      int end = (int) Math.min(lengthBytes, endPosition - basePosition);
      int at = 0;
      while (at < end && !BatchFrame.hasRecords(readOnly, at)) {
        at = BatchFrame.align(at + BatchFrame.length(readOnly, at));
      }
      if (at < end) {
        firstStoreMs = MessageRecord.storeTimestamp(readOnly, at + BatchFrame.HEADER_BYTES);
      }
    }
    return firstStoreMs;
  }

  /** A read-only view of the whole file, the caller's own. */
  public ByteBuffer view() {
    return readOnly.duplicate();
  }

  /** The same view, shared: only absolute gets. */
  ByteBuffer readOnly() {
    return readOnly;
  }

  /** A view of the whole file to write through, the caller's own. */
  ByteBuffer writableView() {
    return mapped.duplicate();
  }

  /** Up to where the file has blocks that the writer may use. */
  int reservedBytes() {
    return reservedBytes;
  }

  /** Writer. Trusts that the file has its blocks up to here, because it was written up to here. */
  public void assumeReserved(int bytes) {
    reservedBytes = bytes;
  }

  /** Writer. Reserves the blocks up to a mark; on failure the mark stays where it was. */
  void reserve(int upTo, SegmentDisk disk) throws IOException {
    if (upTo > reservedBytes) {
      disk.allocate(path, writeChannel(), reservedBytes, upTo);
      reservedBytes = upTo;
    }
  }

  /**
   * The ranges from a place to the end of the file that may hold something else than zeros, in
   * order: what the file system says, or all where it can't tell. Keeps a crash's recovery from
   * reading a whole segment of nothing.
   *
   * @return pairs of start and end (exclusive), from the segment's start
   */
  public List<int[]> dataRanges(int from) {
    List<int[]> ranges = new ArrayList<>();
    NativeFiles system = NativeFiles.instance();
    if (system == null
        || !system.dataRanges(
            path,
            from,
            lengthBytes,
            (start, end) -> ranges.add(new int[] {(int) start, (int) end}))) {
      ranges.clear();
      ranges.add(new int[] {from, lengthBytes});
    }
    return ranges;
  }

  /**
   * Overwrites what lies from a place to the end of the file with zeros; durable once the file is
   * synced.
   *
   * @return false when there were only zeros
   */
  public boolean zeroFrom(int from) throws IOException {
    FileChannel target = writeChannel();
    ByteBuffer zeros = ByteBuffer.allocateDirect(ZERO_CHUNK_BYTES);
    ByteBuffer stored = view();
    boolean found = false;
    for (int[] range : dataRanges(from)) {
      for (int at = range[0]; at < range[1]; at += ZERO_CHUNK_BYTES) {
        int end = Math.min(at + ZERO_CHUNK_BYTES, range[1]);
        zeros.clear().limit(end - at);
        stored.limit(end).position(at);
        // Only what isn't zero yet: a hole takes no block for it.
        if (stored.mismatch(zeros) >= 0) {
          found = true;
          int written = at;
          while (written < end) {
            written += target.write(zeros, written);
          }
        }
        stored.clear();
      }
    }
    return found;
  }

  /** Gives up the mapped pages at the start, for as long as nobody reads them. */
  void dropPages(int bytes) {
    NativeFiles system = NativeFiles.instance();
    if (system != null) {
      int error = system.dropPages(mapped, bytes);
      if (error != 0) {
        throw new IllegalStateException(path + ": madvise failed with error " + error);
      }
    }
  }

  private FileChannel writeChannel() {
    FileChannel open = channel;
    if (open == null) {
      throw new IllegalStateException(path + " isn't open for writing");
    }
    return open;
  }

  /** Makes a range durable. A failure means that the pages may be lost: see the exception. */
  void force(int from, int to, SegmentDisk disk) throws LogFailedException {
    if (from == to) {
      return;
    }
    try {
      disk.force(mapped, from, to - from);
    } catch (UncheckedIOException e) { // what force() throws on JDK 17; it isn't an IOException
      throw new LogFailedException(
          "%s: flushing bytes %d to %d failed".formatted(path, from, to), e);
    }
  }

  /** The writer is done with the file. */
  void endWriting() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }

  /** Keeps the segment mapped until {@link #release()}; false when it is already gone. */
  public boolean tryHold() {
    int now;
    do {
      now = (int) HOLDERS.getVolatile(this);
      if (now == 0) {
        return false;
      }
    } while (!HOLDERS.compareAndSet(this, now, now + 1));
    return true;
  }

  /** Gives up one hold; the last one unmaps. */
  public void release() {
    int before = (int) HOLDERS.getAndAdd(this, -1);
    if (before <= 0) {
      throw new IllegalStateException(path + " was released more often than held");
    }
    if (before == 1) {
      IoUtil.unmap(mapped);
      CloseHelper.quietClose(channel); // still open when something failed
    }
  }

  /** The bytes of a range without a copy; the caller holds the segment for the slice. */
  ByteBuffer range(int from, int sizeBytes) {
    return readOnly.slice(from, sizeBytes);
  }
}
