package io.sampo.actors.transaction;

import io.sampo.actors.transaction.PendingHalves.Half;
import io.sampo.record.MessageRecord;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Reads the records of undecided half messages; on their {@link TransactionChecker}'s thread. */
final class HalfRecords {
  private final String logGroup;
  private final LogReader log;
  private final Logger logger;

  HalfRecords(TransactionChecker.Home home, Logger logger) {
    this.logGroup = home.logGroup();
    this.log = home.log();
    this.logger = logger;
  }

  /** The record of a half message; null when it can't be read, which the node's log tells then. */
  @Nullable LogSlice read(Half half) {
    try {
      int sizeBytes;
      try (LogSlice start = log.slice(half.position(), MessageRecord.SIZE_BYTES_MIN)) {
        if (start == null) {
          return gone(half);
        }
        sizeBytes = MessageRecord.totalSize(start.bytes(), start.bytes().position());
      }
      LogSlice slice = log.slice(half.position(), sizeBytes);
      return slice == null ? gone(half) : slice;
    } catch (IllegalArgumentException | InternalError e) { // the latter is a bad sector
      logger.error("the half message at {} can't be read", half.position(), e);
      return null;
    }
  }

  private @Nullable LogSlice gone(Half half) {
    logger.error(
        "{}: the segment of the undecided half message at {} is gone", logGroup, half.position());
    return null;
  }
}
