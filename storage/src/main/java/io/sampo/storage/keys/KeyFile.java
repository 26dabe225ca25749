package io.sampo.storage.keys;

import io.sampo.storage.log.LogDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of one segment's keys: runs of sorted entries, each for a stretch of the segment, in the
 * order of the segment. While the segment is still written to, the file has another name and grows
 * by a run at a time; a table of the runs at its end makes it whole.
 *
 * <pre>
 *   +---------+-----------+----------------+
 *   | magic 4 | version 4 | segment base 8 |
 *   +---------+-----------+----------------+-------------------------------------+
 *   | entries { hash 4, position in the segment 4 }, ascending       run 0, 1, … |
 *   | R x { entries 4, crc32c 4, first store time 8, last store time 8 }         |
 *   | segment length 4, R 4, crc32c 4 of the table and what is before it here    |
 *   +----------------------------------------------------------------------------+
 * </pre>
 *
 * <p>Nothing is flushed: whoever reads a run for the first time checks it, and what is damaged is
 * made anew from the segment. No file is kept open. Not thread-safe.
 */
final class KeyFile {
  private static final Logger LOG = LoggerFactory.getLogger(KeyFile.class);

  static final String SUFFIX = ".keys";
  static final String GROWING_SUFFIX = SUFFIX + ".new";

  private static final int MAGIC = 0x534D504B; // "SMPK"
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 16;
  private static final int ENTRY_BYTES = 8;
  private static final int RUN_BYTES = 24;
  private static final int END_BYTES = 12;
  private static final int BUFFER_BYTES = 64 << 10;

  private final Path path;
  private final Path growing;
  private final long segmentBase;
  private final int segmentBytes;
  private final CRC32C crc = new CRC32C();
  private @Nullable ByteBuffer buffer; // made when it is needed first

  /** One run, as the table tells of it. */
  static final class Run {
    private final long at;
    private final int entries;
    private final int crc;
    private final long firstMs;
    private final long lastMs;
    private boolean checked;

    private Run(long at, int entries, int crc, long firstMs, long lastMs) {
      this.at = at;
      this.entries = entries;
      this.crc = crc;
      this.firstMs = firstMs;
      this.lastMs = lastMs;
    }

    long firstMs() {
      return firstMs;
    }

    long lastMs() {
      return lastMs;
    }

    private long end() {
      return at + (long) entries * ENTRY_BYTES;
    }
  }

  /** The file isn't what was written; it can be made anew. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
      super(message);
    }
  }

  KeyFile(LogDirectory directory, long segmentBase, int segmentBytes) {
    this.path = directory.keyFile(segmentBase);
    this.growing = path.resolveSibling("%020d".formatted(segmentBase) + GROWING_SUFFIX);
    this.segmentBase = segmentBase;
    this.segmentBytes = segmentBytes;
  }

  /** The runs of the whole file; null when there is none, or none that can be used. */
  @Nullable List<Run> read() throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return readTable(channel);
    } catch (NoSuchFileException e) {
      return null;
    } catch (DamagedException e) {
      LOG.warn("{} is damaged and made anew: {}", path, e.getMessage());
      return null;
    }
  }

  private List<Run> readTable(FileChannel channel) throws IOException {
    long size = channel.size();
    require(size >= HEADER_BYTES + END_BYTES, "a size of " + size);
    ByteBuffer header = read(channel, 0, HEADER_BYTES);
    require(header.getInt() == MAGIC && header.getInt() == VERSION, "another magic or version");
    require(header.getLong() == segmentBase, "another segment");
    ByteBuffer end = read(channel, size - END_BYTES, END_BYTES);
    require(end.getInt() == segmentBytes, "another segment length");
    int count = end.getInt();
    int tableCrc = end.getInt();
    long tableAt = size - END_BYTES - (long) count * RUN_BYTES;
    require(count >= 0 && tableAt >= HEADER_BYTES, count + " runs in " + size + " bytes");
    crc.reset();
    List<Run> runs = new ArrayList<>(count);
    long at = HEADER_BYTES;
    for (int i = 0; i < count; i++) {
      ByteBuffer row = read(channel, tableAt + (long) i * RUN_BYTES, RUN_BYTES);
      crc.update(row.duplicate());
      Run run = new Run(at, row.getInt(), row.getInt(), row.getLong(), row.getLong());
      require(run.entries > 0, "a run of " + run.entries + " entries");
      runs.add(run);
      at = run.end();
    }
    crc.update(read(channel, size - END_BYTES, END_BYTES - Integer.BYTES));
    require((int) crc.getValue() == tableCrc, "another checksum of the table");
    require(at == tableAt, "runs up to " + at + " and a table at " + tableAt);
    return runs;
  }

  private static void require(boolean holds, String found) throws DamagedException {
    if (!holds) {
      throw new DamagedException("found " + found);
    }
  }

  /**
   * Adds a run to the growing file.
   *
   * @param before the last run, null for the first
   * @param entries hash in the upper half, position in the lower; ascending up to count
   */
  Run append(@Nullable Run before, long[] entries, int count, long firstMs, long lastMs)
      throws IOException {
    long at = before == null ? HEADER_BYTES : before.end();
    try (FileChannel channel =
        FileChannel.open(growing, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (before == null) {
        writeHeader(channel);
      }
      crc.reset();
      long writeAt = at;
      int done = 0;
      while (done < count) {
        ByteBuffer out = buffer();
        while (out.remaining() >= ENTRY_BYTES && done < count) {
          out.putLong(entries[done++]);
        }
        out.flip();
        crc.update(out.duplicate());
        writeAt = write(channel, out, writeAt);
      }
      Run run = new Run(at, count, (int) crc.getValue(), firstMs, lastMs);
      run.checked = true;
      return run;
    }
  }

  /** Makes the growing file the whole one: nothing is added any more. */
  void finish(List<Run> runs) throws IOException {
    try (FileChannel channel =
        FileChannel.open(growing, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (runs.isEmpty()) {
        writeHeader(channel);
      }
      long at = runs.isEmpty() ? HEADER_BYTES : runs.get(runs.size() - 1).end();
      crc.reset();
      for (Run run : runs) {
        ByteBuffer row = buffer();
        row.putInt(run.entries).putInt(run.crc).putLong(run.firstMs).putLong(run.lastMs).flip();
        crc.update(row.duplicate());
        at = write(channel, row, at);
      }
      ByteBuffer end = buffer().putInt(segmentBytes).putInt(runs.size());
      crc.update(end.duplicate().flip());
      end.putInt((int) crc.getValue()).flip();
      channel.truncate(write(channel, end, at));
    }
    Files.move(growing, path, StandardCopyOption.ATOMIC_MOVE);
  }

  private void writeHeader(FileChannel channel) throws IOException {
    write(channel, buffer().putInt(MAGIC).putInt(VERSION).putLong(segmentBase).flip(), 0);
  }

  /** Opens the file that has the runs. */
  FileChannel open(boolean whole) throws IOException {
    return FileChannel.open(whole ? path : growing, StandardOpenOption.READ);
  }

  /**
   * Tells the positions that a run has for a hash, the last one first.
   *
   * @param visitor false when it wants no more
   * @return false when the visitor wanted no more
   */
  boolean look(FileChannel channel, Run run, int hash, IntPredicate visitor) throws IOException {
    if (!run.checked) {
      check(channel, run);
    }
    int at = endOf(channel, run, hash);
    int before = -1;
    while (at > 0) {
      long entry = entry(channel, run, --at);
      if ((int) (entry >> 32) != hash) {
        return true;
      }
      int position = (int) entry;
      // A key that a record has twice is there twice.
      if (position != before && !visitor.test(position)) {
        return false;
      }
      before = position;
    }
    return true;
  }

  /** The place behind the last entry whose hash isn't higher. */
  private int endOf(FileChannel channel, Run run, int hash) throws IOException {
    int low = 0;
    int high = run.entries;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if ((int) (entry(channel, run, middle) >> 32) <= hash) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private long entry(FileChannel channel, Run run, int index) throws IOException {
    return read(channel, run.at + (long) index * ENTRY_BYTES, ENTRY_BYTES).getLong();
  }

  private void check(FileChannel channel, Run run) throws IOException {
    crc.reset();
    long at = run.at;
    while (at < run.end()) {
      int some = (int) Math.min(BUFFER_BYTES, run.end() - at);
      crc.update(read(channel, at, some));
      at += some;
    }
    if ((int) crc.getValue() != run.crc) {
      throw new DamagedException("%s: another checksum of the run at %d".formatted(path, run.at));
    }
    run.checked = true;
  }

  /** Deletes whatever there is. */
  void delete() throws IOException {
    Files.deleteIfExists(path);
    Files.deleteIfExists(growing);
  }

  private ByteBuffer read(FileChannel channel, long at, int sizeBytes) throws IOException {
    ByteBuffer in = buffer().limit(sizeBytes);
    while (in.hasRemaining()) {
      if (channel.read(in, at + in.position()) < 0) {
        throw new DamagedException(path + " ends before " + (at + sizeBytes));
      }
    }
    return in.flip();
  }

  private static long write(FileChannel channel, ByteBuffer out, long at) throws IOException {
    long next = at;
    while (out.hasRemaining()) {
      next += channel.write(out, next);
    }
    return next;
  }

  private ByteBuffer buffer() {
    ByteBuffer bytes = buffer;
    if (bytes == null) {
      bytes = ByteBuffer.allocateDirect(BUFFER_BYTES);
      buffer = bytes;
    }
    return bytes.clear();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
