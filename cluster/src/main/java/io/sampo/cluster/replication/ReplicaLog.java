package io.sampo.cluster.replication;

import io.sampo.record.MessageDraft;
import io.sampo.storage.log.LogFailedException;
import io.sampo.storage.log.LogFullException;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.RecordPlace;
import java.io.IOException;

/**
 * What the commit log actor needs of a replica's files: its log and its promise. All of it is
 * called on the actor's thread, only {@link #flush()} also on that of a background flusher. It is
 * an interface so that tests see in which order things reach the disk, and can make them fail.
 */
interface ReplicaLog extends AutoCloseable {
  /** Opens a replica's files; may take as long as a recovery does. */
  @FunctionalInterface
  interface Opener {
    ReplicaLog open() throws IOException;
  }

  /** The read side, safe from any thread. */
  LogReader reader();

  /** The newest epoch that this replica has written or promised, 0 when none. */
  long newestEpoch();

  /**
   * Makes the promise durable to refuse every epoch below this one; must come before anything is
   * written under it.
   */
  void promise(long epoch) throws IOException;

  /** Ends the open batch and appends the record of a new epoch; durable with the next flush. */
  void beginEpoch(long epoch) throws IOException;

  /** The length of the record that a draft becomes. */
  int sizeOf(MessageDraft draft);

  /** The most bytes that the records of one append may have. */
  int maxGroupBytes();

  /**
   * Makes sure that records of so many bytes can be appended to one and the same batch. May end the
   * open one.
   *
   * @throws LogFullException when the disk has no room; nothing changed
   */
  void reserve(int sizeBytes) throws IOException;

  /** Encodes the draft into the open batch, within what was reserved. Doesn't release it. */
  void append(MessageDraft draft, long storeTimestampMs, RecordPlace place);

  /** Closes the open batch, so that readers find its records. */
  void endBatch() throws IOException;

  /** Makes all closed batches durable. */
  void flush() throws LogFailedException;

  /**
   * Ends the open batch, flushes and lets the files go. Not for a log that failed: what is in its
   * open batch must not be stored, and its lock keeps everybody away from the files until the
   * process ends.
   */
  @Override
  void close() throws IOException;
}
