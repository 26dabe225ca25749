package io.sampo.storage.log;

/**
 * What the log knows of one queue. Any thread may read it; a reader sees an entry as soon as the
 * batch of its record is closed, so it is the caller who must not look beyond the commit position.
 */
public interface QueueView {
  /**
   * The offset of the oldest record that is still there; equal to {@link #nextOffset()} when there
   * is none.
   */
  long firstOffset();

  /** The offset that the next record will get. */
  long nextOffset();

  /**
   * Walks the entries from {@code fromOffset} up to and without {@code endOffset}, in order, until
   * the visitor has enough.
   *
   * @return the offset after the last entry visited, {@code fromOffset} when none was
   */
  long scan(long fromOffset, long endOffset, EntryVisitor visitor);

  /**
   * The first offset whose store time is at or after the time; {@link #firstOffset()} when all are,
   * {@code endOffset} when none is.
   *
   * @param timestampMs milliseconds since the epoch
   * @param endOffset how far to look, exclusive
   */
  long offsetAtOrAfter(long timestampMs, long endOffset);

  /** Looks at one entry. */
  @FunctionalInterface
  interface EntryVisitor {
    /**
     * @param position the record's position in the log
     * @param sizeBytes the record's length
     * @param tagHash the hash of its tag, 0 without one
     * @return false to stop before this entry (it then counts as not visited)
     */
    boolean visit(long queueOffset, long position, int sizeBytes, int tagHash);
  }
}
