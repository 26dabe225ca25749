package io.sampo.storage.log;

import io.sampo.storage.recovery.FlushCheckpoint;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a log writes beside its segments, on a thread of its own so that no append and no flush
 * waits for it: the flush checkpoint, a few seconds after a flush. Nothing here is needed for
 * correctness at once, so what fails (a full disk) is logged and tried again later.
 */
final class LogUpkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogUpkeep.class);
  private static final long CHECKPOINT_DELAY_SECONDS = 3;

  private final FlushCheckpoint checkpoint;
  private final ScheduledExecutorService thread;
  private final AtomicBoolean checkpointDue = new AtomicBoolean();
  private volatile long flushedPosition;

  LogUpkeep(FlushCheckpoint checkpoint) {
    this.checkpoint = checkpoint;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread upkeep = new Thread(task, "sampo-log-upkeep");
              upkeep.setDaemon(true);
              return upkeep;
            });
  }

  /** The log was flushed up to here. Called per flush, so it mostly just notes the position. */
  void flushed(long position) {
    flushedPosition = position;
    if (!checkpointDue.get() && checkpointDue.compareAndSet(false, true)) {
      ScheduledFuture<?> unused =
          thread.schedule(this::writeCheckpoint, CHECKPOINT_DELAY_SECONDS, TimeUnit.SECONDS);
    }
  }

  private void writeCheckpoint() {
    checkpointDue.set(false);
    try {
      checkpoint.advanceTo(flushedPosition);
    } catch (IOException | RuntimeException e) { // nobody looks at the task's future
      LOG.warn("the flush checkpoint couldn't be written, the next flush tries again", e);
    }
  }

  /** Ends the thread after what it is doing, and writes the last checkpoint. */
  @Override
  public void close() throws IOException {
    thread.shutdownNow();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    checkpoint.advanceTo(flushedPosition);
  }
}
