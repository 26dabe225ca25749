package io.sampo.storage.recovery;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a log knows of itself beside its records: what was before its first byte, where every epoch
 * starts, and the membership frames. Written by the log's writer, read by any thread.
 */
public final class LogMarks {
  private final EpochTable epochs;
  private volatile LogStart start;
  private volatile List<MembershipEntry> memberships;

  /** Of a log that holds nothing yet. */
  public LogMarks(LogStart start) {
    this(start, new EpochTable(), List.of());
    beginAtStart();
  }

  private LogMarks(LogStart start, EpochTable epochs, List<MembershipEntry> memberships) {
    this.start = start;
    this.epochs = epochs;
    this.memberships = memberships;
  }

  /** The epoch before the first byte is the newest one as long as the log has none of its own. */
  private void beginAtStart() {
    LogStart known = start;
    if (known.epoch() > 0 && epochs.size() == 0) {
      epochs.begin(known.epoch(), known.position());
    }
  }

  /** What was before the first byte. */
  public LogStart start() {
    return start;
  }

  /** Where every epoch starts; that of the log's start, if any, at the start. */
  public EpochTable epochs() {
    return epochs;
  }

  /** The membership frames, oldest first; unmodifiable. */
  public List<MembershipEntry> memberships() {
    return memberships;
  }

  /** What the newest membership frame says; what the start says when there is none. */
  public ByteBuffer membership() {
    List<MembershipEntry> known = memberships;
    return known.isEmpty() ? start.membership() : known.get(known.size() - 1).content();
  }

  /**
   * Writer: a membership frame ends here.
   *
   * @param content taken over
   */
  public void addMembership(long endPosition, ByteBuffer content) {
    List<MembershipEntry> more = new ArrayList<>(memberships);
    more.add(new MembershipEntry(endPosition, content));
    memberships = List.copyOf(more);
  }

  /** What it holds now; neither follows the other. */
  public LogMarks copy() {
    return new LogMarks(start, epochs.copy(), memberships);
  }

  /** Those of the log's part below a position. */
  public LogMarks below(long position) {
    LogMarks older = copy();
    older.cutTo(position);
    return older;
  }

  /** Writer: forgets what lies at or behind a position. */
  public void cutTo(long position) {
    epochs.cutTo(position);
    beginAtStart();
    memberships = memberships.stream().filter(entry -> entry.endPosition() <= position).toList();
  }

  /** What there is to know where a later byte of the log is its first. */
  public LogStart startAt(long position) {
    LogMarks older = below(position);
    return new LogStart(position, older.epochs().newest(), older.membership());
  }

  /** Writer: the log lost its beginning. What its epochs are is still known. */
  public void beginAt(LogStart laterStart) {
    start = laterStart;
    memberships =
        memberships.stream().filter(entry -> entry.endPosition() > laterStart.position()).toList();
  }

  /** Writer: forgets everything, the log begins anew. */
  public void resetTo(LogStart newStart) {
    epochs.cutTo(0);
    memberships = List.of();
    start = newStart;
    beginAtStart();
  }

  /** Recovery: forgets everything, since the files say more. */
  public void clear() {
    epochs.cutTo(0);
    memberships = List.of();
  }

  /** Recovery: the files said nothing, or all that they had to say. */
  public void restored() {
    beginAtStart();
    beginAt(start);
  }
}
