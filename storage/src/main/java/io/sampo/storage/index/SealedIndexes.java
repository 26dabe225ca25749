package io.sampo.storage.index;

import io.sampo.storage.log.LogDirectory;
import io.sampo.storage.log.LogFullException;
import io.sampo.storage.log.LogSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The indexes of a log's sealed segments, oldest first without gaps, and what the index of the
 * segment in front of the first says, once the log has lost its beginning. The log's writer adds
 * and takes away; any thread looks, without a lock.
 */
final class SealedIndexes {
  private final LogDirectory directory;
  private final IndexRebuild rebuild;
  private final OpenIndexes open;

  private volatile SealedIndex[] sealed = {};

  /** Of the segment in front of the first, which is gone; null when none is or nobody knows. */
  private volatile @Nullable SealedIndex before;

  /** The log has lost its beginning: queues needn't begin at 0. */
  private volatile boolean beginsLate;

  private volatile int cuts;
  private int cutCount; // writer only

  /**
   * @param openMax how many files may be mapped at a time
   */
  SealedIndexes(LogDirectory directory, IndexRebuild rebuild, int openMax) {
    this.directory = directory;
    this.rebuild = rebuild;
    this.open = new OpenIndexes(openMax);
  }

  /** All of them; not to be changed. */
  SealedIndex[] all() {
    return sealed;
  }

  /** The index of the segment before the one that starts at a position; null when it is first. */
  @Nullable SealedIndex before(long segmentBase) {
    SealedIndex newest = before;
    for (SealedIndex index : sealed) {
      if (index.segmentBase() >= segmentBase) {
        break;
      }
      newest = index;
    }
    return newest;
  }

  /** The index of the segment that starts at a position; null while it isn't sealed. */
  @Nullable SealedIndex of(long segmentBase) {
    SealedIndex[] now = sealed;
    int at = firstFrom(segmentBase, now);
    return at < now.length ? now[at] : null;
  }

  private static int firstFrom(long segmentBase, SealedIndex[] indexes) {
    int at = 0;
    while (at < indexes.length && indexes[at].segmentBase() < segmentBase) {
      at++;
    }
    return at;
  }

  boolean beginsLate() {
    return beginsLate;
  }

  /** How often the log was cut; a reader that misses something may have to look again. */
  int cuts() {
    return cuts;
  }

  /** Recovery: maps what the file of a segment says; null when it is missing or damaged. */
  @Nullable MappedIndex map(LogSegment segment) throws IOException {
    IndexFile file = fileOf(segment);
    return file.exists() ? file.map() : null;
  }

  /** Recovery: the same for the segment in front of where the log starts. */
  @Nullable MappedIndex mapBefore(long logStart) throws IOException {
    IndexFile file = beforeFile(logStart);
    return file == null ? null : file.map();
  }

  /** Recovery: these segments are indexed by their files, which are looked at when needed. */
  void restore(List<LogSegment> segments) {
    sealed =
        segments.stream()
            .map(segment -> new SealedIndex(fileOf(segment), open, rebuild, null))
            .toArray(SealedIndex[]::new);
  }

  private IndexFile fileOf(LogSegment segment) {
    return new IndexFile(
        directory.indexFile(segment.basePosition()), segment.basePosition(), segment.endPosition());
  }

  private @Nullable IndexFile beforeFile(long logStart) throws IOException {
    return IndexFile.endingAt(directory.beforeFile(logStart), logStart);
  }

  /** Writer: a segment was sealed; its index is in memory until the file is written. */
  SealedIndex add(LogSegment segment, FrozenIndex index) {
    SealedIndex[] longer = Arrays.copyOf(sealed, sealed.length + 1);
    SealedIndex added = new SealedIndex(fileOf(segment), open, rebuild, index);
    longer[sealed.length] = added;
    sealed = longer;
    return added;
  }

  /**
   * Writer: where the log begins.
   *
   * @param logStart the position of its first byte
   */
  void beginAt(long logStart) throws IOException {
    beginsLate = logStart > 0;
    IndexFile file = beforeFile(logStart);
    before = file == null ? null : before(file);
  }

  private SealedIndex before(IndexFile file) {
    return new SealedIndex(
        file,
        open,
        segmentBase -> {
          throw new IOException(file + " is damaged, and its segment is gone");
        },
        null);
  }

  /**
   * Writer: the log is about to begin at a later segment; keeps what the index of the one before it
   * says. Nothing changes yet.
   *
   * @throws LogFullException when that index isn't written yet
   */
  void keepBefore(long position) throws IOException {
    SealedIndex last = newestBelow(position);
    if (!last.isDurable()) {
      throw new LogFullException(
          "the log can't begin at " + position + " yet",
          new IOException("the index of the segment at " + last.segmentBase() + " isn't written"));
    }
    Path kept = directory.beforeFile(position);
    if (!Files.exists(kept)) {
      Path file = directory.indexFile(last.segmentBase());
      try {
        Files.createLink(kept, file);
      } catch (UnsupportedOperationException e) {
        Path aside = kept.resolveSibling(kept.getFileName() + ".new");
        Files.copy(file, aside, StandardCopyOption.REPLACE_EXISTING);
        Files.move(aside, kept, StandardCopyOption.ATOMIC_MOVE);
      }
      directory.sync();
    }
  }

  private SealedIndex newestBelow(long position) {
    SealedIndex[] now = sealed;
    int after = firstFrom(position, now);
    if (after == 0) {
      throw new IllegalArgumentException("no segment ends at or below " + position);
    }
    return now[after - 1];
  }

  /**
   * Writer: the log begins at a later segment. What {@link #keepBefore} kept is used from now on.
   */
  void dropBelow(long position) {
    SealedIndex last = newestBelow(position);
    SealedIndex[] now = sealed;
    int gone = firstFrom(position, now);
    before = before(new IndexFile(directory.beforeFile(position), last.segmentBase(), position));
    beginsLate = true;
    sealed = Arrays.copyOfRange(now, gone, now.length);
    for (int i = 0; i < gone; i++) {
      now[i].retire();
    }
  }

  /** Writer: the log was cut; the segment that starts here is the active one, or none is. */
  void cutFrom(long segmentBase) {
    SealedIndex[] now = sealed;
    int kept = firstFrom(segmentBase, now);
    for (int i = kept; i < now.length; i++) {
      now[i].abandon();
    }
    sealed = Arrays.copyOf(now, kept);
    cuts = ++cutCount;
  }

  /** Writer: the log is dropped, and begins anew. */
  void reset(long logStart) {
    cutFrom(Long.MIN_VALUE);
    beginsLate = logStart > 0;
    before = null;
  }
}
