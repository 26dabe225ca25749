package io.sampo.storage.keys;

import io.sampo.storage.log.LogDirectory;
import io.sampo.storage.log.LogSegment;
import io.sampo.storage.upkeep.OwnThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the messages of a log by their keys. Appending pays nothing for it: the keys are read from
 * the segments afterwards, those of a full segment on a thread of this class soon after the next
 * one was begun, those of the active segment when somebody asks. What was read stays, so the next
 * question reads on from there.
 *
 * <p>All of it is derived: a {@link KeyFile} that is missing or damaged is made anew from its
 * segment by the first query that needs it. Reading takes about 0.7 µs per message whose segment is
 * in memory, and as long as the disk needs otherwise.
 *
 * <p>Any thread; a query may wait for the disk.
 */
public final class KeyIndex implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyIndex.class);
  private static final int STEP_BYTES = 8 << 20;

  /** A run of 2 MiB: how many entries are kept in memory, sorted and written at a time. */
  public static final int RUN_ENTRIES = 256 << 10;

  private final int runEntries;
  private final LogDirectory directory;
  private final Supplier<LogSegment[]> segments;
  private final ConcurrentHashMap<Long, SegmentKeys> bySegment = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor thread;
  private final Object cutLock = new Object();
  private volatile boolean closed;

  /**
   * @param segments of the log, oldest first; all but the last are full
   * @param runEntries how many entries of a segment are kept in memory at most, apart from those of
   *     one batch; mostly {@link #RUN_ENTRIES}
   */
  public KeyIndex(LogDirectory directory, Supplier<LogSegment[]> segments, int runEntries) {
    this.runEntries = runEntries;
    this.directory = directory;
    this.segments = segments;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread reader = new Thread(task, "sampo-log-keys");
              reader.setDaemon(true);
              return reader;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    thread.allowCoreThreadTimeOut(true);
  }

  /**
   * Deletes files of segments that are gone, and those that a stop left half written. Call once,
   * before anything else.
   */
  public void cleanUp() throws IOException {
    Set<String> kept = new HashSet<>();
    for (LogSegment segment : segments.get()) {
      kept.add("%020d".formatted(segment.basePosition()) + KeyFile.SUFFIX);
    }
    List<Path> leftOver;
    try (Stream<Path> files = Files.list(directory.path())) {
      leftOver =
          files
              .filter(
                  file -> {
                    String name = file.getFileName().toString();
                    return name.endsWith(KeyFile.GROWING_SUFFIX)
                        || (name.endsWith(KeyFile.SUFFIX) && !kept.contains(name));
                  })
              .toList();
    }
    for (Path file : leftOver) {
      Files.delete(file);
    }
  }

  /** A segment is full: its file is made soon. */
  public void segmentFilled(long segmentBase) {
    thread.execute(() -> readWhole(segmentBase));
  }

  private void readWhole(long segmentBase) {
    LogSegment[] all = segments.get();
    for (int i = 0; i < all.length - 1; i++) {
      if (all[i].basePosition() == segmentBase && all[i].tryHold()) {
        try {
          boolean done = false;
          while (!done && !closed) {
            done = readStep(all[i]);
          }
        } catch (IOException | RuntimeException | InternalError e) { // nobody looks at the task
          LOG.warn("the keys of {} can't be read now; the next query will", all[i].path(), e);
        } finally {
          all[i].release();
        }
      }
    }
  }

  /** Reads on, unless the segment isn't full any more: a cut doesn't go on under a step. */
  private boolean readStep(LogSegment segment) throws IOException {
    synchronized (cutLock) {
      LogSegment[] now = segments.get();
      for (int i = 0; i < now.length - 1; i++) {
        if (now[i] == segment) {
          return keysOf(segment).readOn(segment, segment.lengthBytes(), STEP_BYTES);
        }
      }
      return true;
    }
  }

  /**
   * The log is about to be cut here; those segments that it concerns aren't full any more. Forgets
   * what was read of them. Their files can be deleted then.
   */
  public void cutTo(long position) {
    synchronized (cutLock) {
      bySegment
          .values()
          .removeIf(
              keys -> {
                boolean concerned = keys.segmentEnd() > position;
                if (concerned) {
                  keys.abandon();
                }
                return concerned;
              });
    }
  }

  /** The log begins here now: forgets what was read of the segments before. */
  public void dropBelow(long position) {
    bySegment
        .values()
        .removeIf(
            keys -> {
              boolean gone = keys.segmentEnd() <= position;
              if (gone) {
                keys.abandon();
              }
              return gone;
            });
  }

  /**
   * Looks for messages, the newest first.
   *
   * @param endPosition where to end, exclusive; what lies below must never be taken back
   * @param expired true once the query has taken too long; it then ends soon with what it has
   * @throws IOException when keys can't be read or, on a full disk, not be written
   */
  public KeyMatches find(KeyQuery query, long endPosition, BooleanSupplier expired)
      throws IOException {
    KeySearch search = new KeySearch(query, endPosition, expired);
    LogSegment[] all = segments.get();
    for (int i = all.length - 1; i >= 0 && !search.isOver(); i--) {
      LogSegment segment = all[i];
      if (segment.basePosition() < search.endPosition() && segment.tryHold()) {
        try {
          search(segment, search);
        } finally {
          segment.release();
        }
      }
    }
    return search.matches();
  }

  private void search(LogSegment segment, KeySearch search) throws IOException {
    int before = search.matches().count();
    try {
      readAndSearch(segment, search);
    } catch (KeyFile.DamagedException | NoSuchFileException e) {
      LOG.warn("keys are read anew from their segment: {}", e.getMessage());
      search.matches().keepOnly(before);
      readAndSearch(segment, search);
    }
  }

  private void readAndSearch(LogSegment segment, KeySearch search) throws IOException {
    SegmentKeys keys = keysOf(segment);
    int end =
        (int) (Math.min(segment.endPosition(), search.endPosition()) - segment.basePosition());
    boolean done = keys.readOn(segment, end, STEP_BYTES);
    while (!done && !search.isOver()) {
      done = keys.readOn(segment, end, STEP_BYTES);
    }
    if (done) {
      keys.search(segment, search);
    }
  }

  private SegmentKeys keysOf(LogSegment segment) {
    return bySegment.computeIfAbsent(
        segment.basePosition(), base -> new SegmentKeys(directory, segment, runEntries));
  }

  /** Ends the thread; a segment that it is reading is left half read. */
  @Override
  public void close() {
    closed = true;
    OwnThread.end(thread);
  }
}
