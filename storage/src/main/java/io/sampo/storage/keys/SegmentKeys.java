package io.sampo.storage.keys;

import io.sampo.record.MessageRecord;
import io.sampo.storage.log.BatchFrame;
import io.sampo.storage.log.LogDirectory;
import io.sampo.storage.log.LogSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The keys of one segment: as far as it was read, those of its last stretch in memory, all before
 * in the segment's {@link KeyFile}. At most the entries of one run and those of one batch are in
 * memory, and none once the segment was read to its end.
 *
 * <p>Any thread, one at a time; the caller holds the segment meanwhile.
 */
final class SegmentKeys {
  private static final int FIRST_ENTRIES = 1 << 10;
  private static final long[] NONE = {};

  private final KeyFile file;
  private final int runEntries;
  private final long segmentEnd;

  // Guarded by this.
  private boolean abandoned;
  private List<KeyFile.Run> runs = new ArrayList<>();
  private boolean fileLookedFor;
  private boolean whole; // all is in the file, which has its final name
  private int readTo; // from the segment's start
  private long[] recent = NONE;
  private int recentCount;
  private long recentFirstMs;
  private long recentLastMs;

  /**
   * @param runEntries how many entries are sorted and written at a time
   */
  SegmentKeys(LogDirectory directory, LogSegment segment, int runEntries) {
    this.runEntries = runEntries;
    this.segmentEnd = segment.endPosition();
    this.file = new KeyFile(directory, segment.basePosition(), segment.lengthBytes());
  }

  long segmentEnd() {
    return segmentEnd;
  }

  /** The segment is being cut: from now on nothing of it is read or written here. */
  synchronized void abandon() {
    abandoned = true;
  }

  private void requireInUse() throws KeyFile.DamagedException {
    if (abandoned) {
      throw new KeyFile.DamagedException(file + ": its segment was cut meanwhile");
    }
  }

  /**
   * Reads on in the segment.
   *
   * @param end where to stop, from the segment's start; all batches below it are closed and will
   *     stay
   * @param stepBytes how much to read at most, apart from the last batch
   * @return true when all batches up to the end were read
   */
  synchronized boolean readOn(LogSegment segment, int end, int stepBytes) throws IOException {
    requireInUse();
    lookForFile();
    if (whole) {
      return true;
    }
    ByteBuffer bytes = segment.view();
    int stop = (int) Math.min(end, (long) readTo + stepBytes);
    int at = readTo;
    while (at < stop) {
      int batchEnd = at + BatchFrame.length(bytes, at);
      if (batchEnd > end) {
        return true; // a part of this batch isn't to be seen yet
      }
      if (BatchFrame.kind(bytes, at) == BatchFrame.KIND_SEGMENT_END) {
        finish();
        return true;
      }
      addBatch(bytes, at);
      at = BatchFrame.align(batchEnd);
      readTo = at;
      if (recentCount >= runEntries) {
        writeRecent();
      }
    }
    return at >= end;
  }

  private void lookForFile() throws IOException {
    if (!fileLookedFor) {
      List<KeyFile.Run> found = file.read();
      if (found != null) {
        runs = found;
        whole = true;
      }
      fileLookedFor = true;
    }
  }

  private void addBatch(ByteBuffer bytes, int batchAt) {
    int count = BatchFrame.count(bytes, batchAt);
    int at = batchAt + BatchFrame.HEADER_BYTES;
    for (int i = 0; i < count; i++) {
      int recordAt = at;
      int before = recentCount;
      RecordKeys.forEachHash(
          bytes, recordAt, hash -> add((long) hash << 32 | recordAt)); // a position is below 2^30
      if (recentCount > before) {
        long storedMs = MessageRecord.storeTimestamp(bytes, recordAt);
        recentFirstMs = before == 0 ? storedMs : Math.min(recentFirstMs, storedMs);
        recentLastMs = before == 0 ? storedMs : Math.max(recentLastMs, storedMs);
      }
      at += MessageRecord.totalSize(bytes, recordAt);
    }
  }

  private void add(long entry) {
    if (recentCount == recent.length) {
      recent = Arrays.copyOf(recent, Math.max(FIRST_ENTRIES, 2 * recentCount));
    }
    recent[recentCount++] = entry;
  }

  private void writeRecent() throws IOException {
    Arrays.sort(recent, 0, recentCount);
    try {
      KeyFile.Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
      runs.add(file.append(last, recent, recentCount, recentFirstMs, recentLastMs));
    } catch (IOException e) { // the entries have lost their order
      startAnew();
      throw e;
    }
    recentCount = 0;
  }

  private void finish() throws IOException {
    if (recentCount > 0) {
      writeRecent();
    }
    file.finish(runs);
    recent = NONE;
    whole = true;
  }

  private void startAnew() {
    runs = new ArrayList<>();
    whole = false;
    readTo = 0;
    recent = NONE;
    recentCount = 0;
  }

  /** Looks through what was read, the newest first. */
  synchronized void search(LogSegment segment, KeySearch search) throws IOException {
    requireInUse();
    ByteBuffer bytes = segment.view();
    int before = -1;
    for (int i = recentCount - 1; i >= 0; i--) {
      int at = (int) recent[i];
      if ((int) (recent[i] >> 32) == search.hash() && at != before) {
        before = at;
        if (!search.offer(segment, bytes, at)) {
          return;
        }
      }
    }
    if (runs.isEmpty()) {
      return;
    }
    try (FileChannel channel = file.open(whole)) {
      for (int i = runs.size() - 1; i >= 0 && !search.isOver(); i--) {
        KeyFile.Run run = runs.get(i);
        if (search.overlaps(run.firstMs(), run.lastMs())) {
          file.look(channel, run, search.hash(), at -> search.offer(segment, bytes, at));
        }
      }
    } catch (IOException e) { // lost or damaged: the next query reads the segment again
      startAnew();
      file.delete();
      throw e;
    }
  }
}
