package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.Frames;
import io.sampo.cluster.protocol.LogBase;
import io.sampo.cluster.protocol.LogOutline;
import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.Pledge;
import io.sampo.record.MessageDraft;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogFailedException;
import io.sampo.storage.log.LogFullException;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.RecordPlace;
import java.io.IOException;

/**
 * What the commit log actor needs of a replica's files: its log and its pledge. All of it is called
 * on the actor's thread, only {@link #flush()} also on that of a background flusher. It is an
 * interface so that tests see in which order things reach the disk, and can make them fail.
 *
 * <p>What fails: a {@link LogFullException} means that the disk has no room and nothing changed, so
 * it may be tried again. After any other exception of a method that writes the object is of no use:
 * drop it without closing it, open the files anew in a new process and make a new core of what
 * {@link #outline()} then says. That is also so for a {@link RuntimeException}, which says that
 * somebody broke a rule stated here.
 */
interface ReplicaLog extends AutoCloseable {
  /** Opens a replica's files; may take as long as a recovery does. */
  @FunctionalInterface
  interface Opener {
    ReplicaLog open() throws IOException;
  }

  /** The read side, safe from any thread. */
  LogReader reader();

  /**
   * The log as the protocol starts with it. Everything in it is durable. Only while all is flushed:
   * after opening, {@link #cutTo} and {@link #resetTo}, or a flush.
   *
   * @throws IllegalStateException when something isn't flushed
   */
  LogOutline outline();

  /** What was pledged last, durably. */
  Pledge pledge();

  /**
   * Replaces the pledge, durably when this returns.
   *
   * @param pledge its epoch not below the last one's
   * @throws IOException when the disk refuses it; the old one is there and it may be tried again
   */
  void persist(Pledge pledge) throws IOException;

  /**
   * Ends the open batch and appends the record of a new epoch, under which all is written from then
   * on; durable with the next flush. Where it ends says {@link LogReader#writtenPosition()}.
   *
   * @param epoch above that of the log's last byte
   * @throws LogFullException when the disk has no room; nothing changed
   */
  void beginEpoch(long epoch) throws IOException;

  /**
   * Ends the open batch and appends a membership record under the newest epoch of the log; durable
   * with the next flush.
   *
   * @throws LogFullException when the disk has no room; nothing changed
   */
  void appendMembership(Membership membership) throws IOException;

  /**
   * Appends frames of another replica as they are, apart from the note that this copy makes of how
   * far it was flushed itself. No batch may be open. They are found by readers when this returns,
   * and durable with the next flush; may wait for the disk when a segment is full.
   *
   * @param frames what {@link #readFrames} or {@link ReplicaFrames#check} made; beginning where the
   *     log ends
   * @throws LogFullException when the disk has no room; nothing changed
   */
  void appendFrames(Frames frames) throws IOException;

  /**
   * Reads whole frames: at least one if one ends at or below the end, none beyond the segment that
   * the position lies in, checked as they are read. The bytes are a copy and so can be sent by
   * anybody at any time, see {@link ReplicaFrames#bytes}.
   *
   * @param position where a frame starts
   * @param end where to stop, at most the written position
   * @param bytesMax how much to read, unless the first frame is longer
   * @return empty when there is nothing (any more)
   * @throws CorruptLogException when a frame is damaged, and where: see {@link #giveUp}
   */
  Frames readFrames(long position, long end, int bytesMax) throws IOException;

  /**
   * Gives up what is damaged and all behind it, durably when this returns: first the pledge says
   * that the replica is repairing, then the log is cut. Whoever runs the replica then makes a new
   * core of what {@link #outline()} says, at once or at the next start. Without this a start might
   * not meet the damage, since it reads only what has no index.
   *
   * @param damage what {@link #readFrames} or {@link #cutTo} threw
   * @throws CorruptLogException the damage, when there is no other replica to repair it from;
   *     nothing changed
   */
  void giveUp(CorruptLogException damage) throws IOException;

  /**
   * Cuts the log, durably when this returns: zeros from here on, and no trace that there ever was
   * more. Ends the open batch, which is cut with the rest. After a crash on the way all of it or
   * nothing was done. Slices that readers hold stay mapped; what they show beyond the cut is
   * undefined, and readers who keep below the commit position notice nothing.
   *
   * @param position where a frame starts or the log ends
   * @throws LogFullException when the disk has no room for the note that a cut needs; nothing
   *     changed
   * @throws CorruptLogException when something in front of the position is so damaged that nobody
   *     gets to it, and where; nothing changed: see {@link #giveUp}
   */
  void cutTo(long position) throws IOException;

  /**
   * Drops the whole log and begins anew, durably and all or nothing as {@link #cutTo}.
   *
   * @param base where the log of another replica begins
   * @throws LogFullException as {@link #cutTo}
   */
  void resetTo(LogBase base) throws IOException;

  /**
   * Drops everything below a position, durably when this returns, and all or nothing. Slices that
   * readers hold stay; the files go soon after.
   *
   * @param position where a segment starts; all below it is flushed
   * @throws LogFullException when the disk has no room for the note of where the log begins, or the
   *     index of the last segment below isn't written yet; nothing changed
   */
  void dropBelow(long position) throws IOException;

  /**
   * Where the log itself says that it may begin, as far as what is below is old by this node's
   * clock, too; at most where it begins when there is nothing to drop. What a leader is about to
   * drop it says first, by a list of silent queues.
   *
   * @param committedPosition what lies behind it says nothing yet
   * @param nowMs of the wall clock
   */
  long agreedStart(long committedPosition, long nowMs);

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
