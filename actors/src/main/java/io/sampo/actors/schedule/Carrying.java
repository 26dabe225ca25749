package io.sampo.actors.schedule;

import io.sampo.actors.schedule.Scheduler.ReleaseBelow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has messages that wait copied to the end of the log, batch by batch, so that the log's beginning
 * may go: what is asked last counts, and is answered when it is done or can't be done. Part of
 * {@link DueMessages}, on its thread.
 */
final class Carrying {
  private static final Logger LOG = LoggerFactory.getLogger(Carrying.class);

  private final String logGroup;
  private final Function<ReleaseBelow, CarriedMessages> start;
  private final Runnable goOn;
  private @Nullable CarriedMessages carried;

  /**
   * @param start finds what is to be copied
   * @param goOn has {@link #next} called again, later
   */
  Carrying(String logGroup, Function<ReleaseBelow, CarriedMessages> start, Runnable goOn) {
    this.logGroup = logGroup;
    this.start = start;
    this.goOn = goOn;
  }

  void begin(ReleaseBelow asked) {
    giveUp();
    carried = start.apply(asked);
  }

  /** What is to be copied next; null when that is nothing, done, or not found yet. */
  @Nullable DueBatch next() {
    CarriedMessages carrying = carried;
    if (carrying == null) {
      return null;
    }
    try {
      DueBatch next = carrying.next();
      if (!next.isEmpty()) {
        return next;
      }
      if (carrying.isFinished()) {
        carried = null;
        carrying.released();
      } else {
        goOn.run();
      }
    } catch (WaitingRecords.UnreadableException e) {
      LOG.error("{}: the log keeps its beginning", logGroup, e);
      giveUp();
    }
    return null;
  }

  void giveUp() {
    if (carried != null) {
      carried.gaveUp();
      carried = null;
    }
  }
}
