package io.sampo.cluster.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * What the protocol knows of a replica's log: where it begins and ends, how far it is durable, and
 * which epoch and membership begin where. No bytes.
 *
 * <p>Always holds: {@code start <= flushed <= end}; epochs and their positions grow; a position and
 * the epoch of the byte before it identify everything in front of it, in every log of the group
 * (one writer per epoch, who only appends, and followers who copy only behind such a pair).
 */
public final class LogOutline {
  private LogBase base;
  private long end;
  private long flushed;
  private final List<EpochStart> epochs = new ArrayList<>();
  private final List<MembershipMark> memberships = new ArrayList<>();

  /**
   * A log as recovery found it: all of it is durable.
   *
   * @param epochs those that begin in the log, oldest first
   * @param memberships those in the log, oldest first
   */
  public LogOutline(
      LogBase base, long end, List<EpochStart> epochs, List<MembershipMark> memberships) {
    this.base = base;
    this.end = base.position();
    this.flushed = end;
    append(new Frames(base.position(), end, epochs, memberships, ""));
    this.flushed = end;
  }

  /**
   * The same log, known to have been founded by these. Only of one that says nobody's name where it
   * begins.
   */
  public LogOutline foundedBy(Membership founders) {
    if (!base.membership().equals(Membership.NOBODY)) {
      throw new IllegalStateException("a log from " + base.position() + " says who is in it");
    }
    return new LogOutline(
        new LogBase(base.position(), base.epoch(), founders), end, epochs, memberships);
  }

  public LogBase base() {
    return base;
  }

  public long start() {
    return base.position();
  }

  public long end() {
    return end;
  }

  public long flushed() {
    return flushed;
  }

  /** The epoch of the last byte; what the base says when there is none. */
  public long lastEpoch() {
    return epochs.isEmpty() ? base.epoch() : epochs.get(epochs.size() - 1).epoch();
  }

  /** The epoch of the byte before a position, from the start to the end of the log. */
  public long epochBefore(long position) {
    long epoch = base.epoch();
    for (int i = epochs.size() - 1; i >= 0; i--) {
      if (epochs.get(i).position() < position) {
        return epochs.get(i).epoch();
      }
    }
    return epoch;
  }

  /** The newest epoch of this log that is not above one; -1 when all of them are. */
  public long epochNotAbove(long epoch) {
    for (int i = epochs.size() - 1; i >= 0; i--) {
      if (epochs.get(i).epoch() <= epoch) {
        return epochs.get(i).epoch();
      }
    }
    return base.epoch() <= epoch ? base.epoch() : -1;
  }

  /** Where the first epoch above one begins; the end of the log when there is none. */
  public long endOf(long epoch) {
    for (EpochStart start : epochs) {
      if (start.epoch() > epoch) {
        return start.position();
      }
    }
    return end;
  }

  /** True when this log has a byte before that position, and of that epoch. */
  public boolean holds(long position, long epoch) {
    return position >= start() && position <= end && epochBefore(position) == epoch;
  }

  /** The membership in force: the newest, committed or not. */
  public Membership membership() {
    return memberships.isEmpty()
        ? base.membership()
        : memberships.get(memberships.size() - 1).membership();
  }

  /** Where the record of the membership in force ends. */
  public long membershipEnd() {
    return memberships.isEmpty()
        ? base.position()
        : memberships.get(memberships.size() - 1).endPosition();
  }

  void append(Frames frames) {
    if (frames.position() != end) {
      throw new ProtocolViolation(
          "frames from " + frames.position() + " can't follow a log that ends at " + end);
    }
    for (EpochStart start : frames.epochs()) {
      if (start.epoch() <= lastEpoch() || start.position() < end) {
        throw new ProtocolViolation(start + " can't follow epoch " + lastEpoch());
      }
      epochs.add(start);
    }
    memberships.addAll(frames.memberships());
    end = frames.endPosition();
  }

  void extendTo(long newEnd) {
    if (newEnd < end) {
      throw new ProtocolViolation("a log that ends at " + end + " can't be appended to " + newEnd);
    }
    end = newEnd;
  }

  void flushedTo(long position) {
    flushed = Math.max(flushed, Math.min(position, end));
  }

  void cutTo(long position) {
    if (position < start() || position > end) {
      throw new ProtocolViolation(
          "can't cut at " + position + " what lies from " + start() + " to " + end);
    }
    end = position;
    flushed = Math.min(flushed, position);
    epochs.removeIf(epoch -> epoch.position() >= position);
    memberships.removeIf(mark -> mark.endPosition() > position);
  }

  void resetTo(LogBase newBase) {
    base = newBase;
    end = newBase.position();
    flushed = end;
    epochs.clear();
    memberships.clear();
  }

  /** The log's oldest part was dropped. */
  void startAt(long position) {
    if (position < start() || position > flushed) {
      throw new ProtocolViolation("a log from " + start() + " can't begin at " + position);
    }
    Membership membership = base.membership();
    for (MembershipMark mark : memberships) {
      if (mark.endPosition() <= position) {
        membership = mark.membership();
      }
    }
    base = new LogBase(position, epochBefore(position), membership);
    epochs.removeIf(epoch -> epoch.position() < position);
    memberships.removeIf(mark -> mark.endPosition() <= position);
  }
}
