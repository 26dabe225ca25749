package io.sampo.actors.schedule;

import io.sampo.actors.schedule.DueTypes.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait, in the order of their due times, in a file: an MVStore, of which only the
 * pages in use are in memory. It is derived: all of it follows from the log, and how far the log
 * has been taken in is part of it. Entries and progress are written together by {@link #commit}, so
 * what a crash leaves is the state of some commit; what was taken in after that is taken in again.
 *
 * <p>Not thread-safe, and it waits for the disk: one actor on a thread of its own has it. After a
 * {@link DueIndexException} it is of no use any more: {@link #close} then removes the file.
 */
final class DueIndex implements AutoCloseable {
  private static final long FORMAT = 1;

  /** Uncommitted changes stay in memory, so there must not be too many. */
  private static final int CHANGES_MAX = 4096;

  /**
   * Space of old pages is used again soon: if a power failure mixes them up, the log has it all.
   */
  private static final int RETENTION_MS = 1000;

  private static final int FILL_PERCENT_MIN = 50;
  private static final int COMPACT_BYTES = 1 << 20;

  /** How far a queue of the log has been taken in. */
  enum Source {
    /** {@link ScheduledMessage#QUEUE}. */
    SCHEDULE,
    /** {@link DoneRecord#QUEUE}. */
    DONE
  }

  private final Path file;
  private final MVStore store;
  private final MVMap<DueTypes.Key, Place> due;

  /** Entries that were put off, by offset: their time in the index, which isn't the record's. */
  private final MVMap<Long, Long> putOff;

  private final MVMap<String, Long> progress;
  private int changes;
  private boolean damaged;

  private DueIndex(Path file, MVStore store) {
    this.file = file;
    this.store = store;
    this.due =
        store.openMap(
            "due",
            new MVMap.Builder<DueTypes.Key, Place>()
                .keyType(new DueTypes.KeyType())
                .valueType(new DueTypes.PlaceType()));
    this.putOff =
        store.openMap(
            "putOff",
            new MVMap.Builder<Long, Long>()
                .keyType(LongDataType.INSTANCE)
                .valueType(LongDataType.INSTANCE));
    this.progress =
        store.openMap(
            "progress",
            new MVMap.Builder<String, Long>()
                .keyType(StringDataType.INSTANCE)
                .valueType(LongDataType.INSTANCE));
  }

  /**
   * Opens the index, or makes an empty one when there is none that can be read.
   *
   * @param cacheBytes the most heap that pages read may take
   * @throws DueIndexException when another process or actor has it open, or the disk fails
   */
  static DueIndex open(Path file, long cacheBytes) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      DueIndex index;
      try {
        index = tryOpen(file, cacheBytes);
      } catch (MVStoreException e) {
        if (e.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
          throw new DueIndexException(file + " is in use", e);
        }
        Files.deleteIfExists(file);
        index = tryOpen(file, cacheBytes);
      }
      Long format = index.progress.get("format");
      if (format == null || format != FORMAT) {
        index.clear();
      }
      return index;
    } catch (IOException | MVStoreException e) {
      throw new DueIndexException(file + " can't be opened", e);
    }
  }

  private static DueIndex tryOpen(Path file, long cacheBytes) {
    MVStore store =
        new MVStore.Builder()
            .fileName(file.toString())
            .autoCommitDisabled()
            .cacheSize((int) (cacheBytes >> 20))
            .open();
    boolean opened = false;
    try {
      store.setRetentionTime(RETENTION_MS);
      store.setVersionsToKeep(0);
      DueIndex index = new DueIndex(file, store);
      opened = true;
      return index;
    } finally {
      if (!opened) {
        store.closeImmediately();
      }
    }
  }

  /** Forgets everything, the progress too. */
  void clear() {
    run(
        () -> {
          due.clear();
          putOff.clear();
          progress.clear();
          progress.put("format", FORMAT);
          store.commit();
          changes = 0;
          return true;
        });
  }

  /** How many messages wait. */
  long size() {
    return run(due::sizeAsLong);
  }

  /** The offset from which on a queue has not been taken in. */
  long nextOffset(Source source) {
    Long next = run(() -> progress.get(source + ".next"));
    return next == null ? 0 : next;
  }

  /** The mark of the last record that was taken in, 0 when none was; see {@link IndexCheck}. */
  long mark(Source source) {
    Long mark = run(() -> progress.get(source + ".mark"));
    return mark == null ? 0 : mark;
  }

  /** Everything of the queue below the offset has been taken in; the last record has that mark. */
  void takenIn(Source source, long nextOffset, long mark) {
    run(
        () -> {
          progress.put(source + ".next", nextOffset);
          progress.put(source + ".mark", mark);
          return true;
        });
    changed();
  }

  /** Adds a message that waits; again is the same as once. */
  void add(DueEntry entry) {
    run(
        () ->
            due.put(
                new DueTypes.Key(entry.dueMs(), entry.offset()),
                new Place(entry.position(), entry.sizeBytes(), entry.keyHash())));
    changed();
  }

  /**
   * Removes a message that was delivered or cancelled.
   *
   * @param dueMs as its record says
   */
  void remove(long dueMs, long offset) {
    run(
        () -> {
          Place removed = due.remove(new DueTypes.Key(dueMs, offset));
          if (removed == null) {
            Long newDueMs = putOff.remove(offset);
            removed = newDueMs == null ? null : due.remove(new DueTypes.Key(newDueMs, offset));
          }
          return removed;
        });
    changed();
  }

  /**
   * The entry of a message, null when it doesn't wait.
   *
   * @param dueMs as its record says
   */
  @Nullable DueEntry find(long dueMs, long offset) {
    return run(
        () -> {
          long atMs = dueMs;
          Place place = due.get(new DueTypes.Key(atMs, offset));
          Long newDueMs = place == null ? putOff.get(offset) : null;
          if (newDueMs != null) {
            atMs = newDueMs;
            place = due.get(new DueTypes.Key(atMs, offset));
          }
          return place == null
              ? null
              : new DueEntry(atMs, offset, place.position(), place.sizeBytes(), place.keyHash());
        });
  }

  /** Lets a message wait longer, because it can't be delivered. */
  void putOff(DueEntry entry, long newDueMs) {
    run(() -> due.remove(new DueTypes.Key(entry.dueMs(), entry.offset())));
    run(() -> putOff.put(entry.offset(), newDueMs));
    add(
        new DueEntry(
            newDueMs, entry.offset(), entry.position(), entry.sizeBytes(), entry.keyHash()));
  }

  /** When the next message is due, {@code Long.MAX_VALUE} when none waits. */
  long firstDueMs() {
    DueTypes.Key first = run(due::firstKey);
    return first == null ? Long.MAX_VALUE : first.dueMs();
  }

  /**
   * Messages in the order of delivery.
   *
   * @param from the due time of the first
   * @param after skips those of that time up to and with this offset, -1 for none
   * @param dueMsMax the latest due time
   * @param limit the most entries
   */
  List<DueEntry> entries(long from, long after, long dueMsMax, int limit) {
    List<DueEntry> found = new ArrayList<>(Math.min(limit, 64));
    visit(
        new DueTypes.Key(from, after + 1),
        dueMsMax,
        entry -> {
          found.add(entry);
          return found.size() < limit;
        });
    return found;
  }

  /** Looks at the entries of one due time, in order, until the visitor returns false. */
  void visit(long dueMs, Predicate<DueEntry> visitor) {
    visit(new DueTypes.Key(dueMs, 0), dueMs, visitor);
  }

  private void visit(DueTypes.Key from, long dueMsMax, Predicate<DueEntry> visitor) {
    run(
        () -> {
          Cursor<DueTypes.Key, Place> cursor = due.cursor(from);
          while (cursor.hasNext()) {
            DueTypes.Key key = cursor.next();
            if (key.dueMs() > dueMsMax) {
              break;
            }
            Place place = cursor.getValue();
            if (!visitor.test(
                new DueEntry(
                    key.dueMs(),
                    key.offset(),
                    place.position(),
                    place.sizeBytes(),
                    place.keyHash()))) {
              break;
            }
          }
          return true;
        });
  }

  /** True when {@link #commit} should not wait any longer. */
  boolean hasManyChanges() {
    return changes >= CHANGES_MAX;
  }

  /** True when there is something to commit. */
  boolean hasChanges() {
    return changes > 0;
  }

  /** Writes entries and progress, so that a crash of the process doesn't lose them. */
  void commit() {
    run(store::commit);
    changes = 0;
  }

  /** Gives space of old pages back, a bounded piece of the work. */
  void compact() {
    run(() -> store.compact(FILL_PERCENT_MIN, COMPACT_BYTES));
  }

  /** Commits and closes; an index that has failed is removed instead. */
  @Override
  public void close() {
    if (!damaged) {
      try {
        commit();
        store.close();
        return;
      } catch (DueIndexException | MVStoreException e) {
        damaged = true;
      }
    }
    store.closeImmediately();
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("the damaged " + file + " can't be removed", e);
    }
  }

  /** Makes {@link #close} remove the file: what it holds doesn't fit to the log. */
  void discard() {
    damaged = true;
  }

  private void changed() {
    changes++;
  }

  private <T extends @Nullable Object> T run(Supplier<T> action) {
    try {
      return action.get();
    } catch (MVStoreException e) {
      damaged = true;
      throw new DueIndexException(file + " failed", e);
    }
  }
}
