package io.sampo.storage.log;

import io.sampo.storage.index.SealedIndex;
import io.sampo.storage.recovery.FlushCheckpoint;
import io.sampo.storage.upkeep.OwnThread;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a log writes beside its segments, on a thread of its own so that no append and no flush
 * waits for it: the index files of sealed segments, and the flush checkpoint a few seconds after a
 * flush, and whatever else is to be done now and then. None of it is needed at once: the checkpoint
 * is a lower bound, and an index stays in memory until its file is durable. So what fails is logged
 * and tried again.
 *
 * <p>At most {@value #UNSAVED_MAX} indexes wait in memory; then rolling to another segment waits,
 * or is refused while the disk refuses their files.
 */
final class LogUpkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogUpkeep.class);
  private static final long DELAY_SECONDS = 3;
  private static final int UNSAVED_MAX = 4;

  private final FlushCheckpoint checkpoint;
  private final LongConsumer saved;
  private final ScheduledThreadPoolExecutor thread;
  private final AtomicBoolean checkpointDue = new AtomicBoolean();
  private final Object checkpointLock = new Object(); // from reading the position to writing it
  private volatile long flushedPosition;

  // Guarded by this.
  private final ArrayDeque<SealedIndex> unsaved;
  private @Nullable Exception saveFailure; // of the oldest one, since the last success

  /**
   * @param unsaved indexes that recovery couldn't write, oldest first
   * @param saved told the start of each segment whose index file is there
   */
  LogUpkeep(FlushCheckpoint checkpoint, List<SealedIndex> unsaved, LongConsumer saved) {
    this.checkpoint = checkpoint;
    this.saved = saved;
    this.unsaved = new ArrayDeque<>(unsaved);
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread upkeep = new Thread(task, "sampo-log-upkeep");
              upkeep.setDaemon(true);
              return upkeep;
            });
    // After close there is nothing left to be done later: the next start makes it good.
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    thread.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    if (!unsaved.isEmpty()) {
      later(this::saveAll);
    }
  }

  /** Runs something now and then until the log is closed; it must not throw. */
  void repeat(Runnable task) {
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(task, DELAY_SECONDS, DELAY_SECONDS, TimeUnit.SECONDS);
  }

  /** Runs something soon, unless the log is closed before; it must not throw. */
  void soon(Runnable task) {
    thread.execute(task);
  }

  private void later(Runnable task) {
    ScheduledFuture<?> unused = thread.schedule(task, DELAY_SECONDS, TimeUnit.SECONDS);
  }

  /** The log was flushed up to here. Called per flush, so it mostly just notes the position. */
  void flushed(long position) {
    flushedPosition = position;
    if (!checkpointDue.get() && checkpointDue.compareAndSet(false, true)) {
      later(this::writeCheckpoint);
    }
  }

  /**
   * Writer, while nobody can flush: the log is about to be cut, so a checkpoint beyond that must
   * not be written any more.
   */
  void cutTo(long position) {
    synchronized (checkpointLock) {
      flushedPosition = position;
    }
  }

  private void writeCheckpoint() {
    checkpointDue.set(false);
    try {
      synchronized (checkpointLock) {
        checkpoint.advanceTo(flushedPosition);
      }
    } catch (IOException | RuntimeException e) { // nobody looks at the task's future
      LOG.warn("the flush checkpoint can't be written; the next flush tries again", e);
    }
  }

  /** Writer: writes the file of an index soon. */
  void save(SealedIndex index) {
    synchronized (this) {
      unsaved.addLast(index);
    }
    thread.execute(this::saveAll);
  }

  /**
   * Writer: waits until one more index may be added.
   *
   * @throws LogFullException when the files of those that wait can't be written
   */
  synchronized void awaitRoom() throws LogFullException {
    boolean interrupted = false;
    try {
      while (unsaved.size() >= UNSAVED_MAX) {
        Exception failure = saveFailure;
        if (failure != null) {
          throw new LogFullException(
              "no further segment can be begun: the indexes of the last %d couldn't be written (%s)"
                  .formatted(unsaved.size(), failure.getMessage()),
              failure);
        }
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void saveAll() {
    SealedIndex oldest = oldestUnsaved();
    while (oldest != null) {
      try {
        oldest.makeDurable();
      } catch (IOException | RuntimeException e) { // nobody looks at the task's future
        LOG.warn("an index can't be written; trying again in {} s", DELAY_SECONDS, e);
        noteFailure(e);
        later(this::saveAll);
        return;
      }
      saved.accept(oldest.segmentBase());
      oldest = afterSaved();
    }
  }

  private synchronized @Nullable SealedIndex oldestUnsaved() {
    return unsaved.peekFirst();
  }

  private synchronized @Nullable SealedIndex afterSaved() {
    saveFailure = null;
    unsaved.removeFirst();
    notifyAll();
    return unsaved.peekFirst();
  }

  private synchronized void noteFailure(Exception e) {
    saveFailure = e;
    notifyAll();
  }

  /** Ends the thread once the indexes are written, and writes the last checkpoint. */
  @Override
  public void close() throws IOException {
    OwnThread.end(thread);
    checkpoint.advanceTo(flushedPosition);
  }
}
