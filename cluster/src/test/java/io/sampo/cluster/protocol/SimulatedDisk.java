package io.sampo.cluster.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * The files of one replica: a log of frames, of which a beginning is durable, and a pledge. Forgets
 * what was not flushed, can be full, and can rot below what was flushed.
 */
final class SimulatedDisk {
  /** A frame that was durable can't be read any more. */
  static final class Damaged extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private static final int NOTHING = -1;

  private LogBase base;
  private final ArrayList<SimulatedFrame> frames = new ArrayList<>();
  private int flushedFrames;
  private int damagedFrame = NOTHING;
  private Pledge pledge = Pledge.NONE;
  private Pledge unsyncedPledge = Pledge.NONE;
  private boolean full;

  SimulatedDisk(LogBase base) {
    this.base = base;
  }

  List<SimulatedFrame> frames() {
    return frames;
  }

  long start() {
    return base.position();
  }

  long end() {
    return frames.isEmpty() ? base.position() : frames.get(frames.size() - 1).end();
  }

  /** The durable pledge. */
  Pledge pledge() {
    return pledge;
  }

  void persist(Pledge newPledge) {
    pledge = newPledge;
    unsyncedPledge = newPledge;
  }

  /** Writes the pledge without flushing it: a power failure forgets it. */
  void writeWithoutFlush(Pledge newPledge) {
    unsyncedPledge = newPledge;
  }

  boolean isFull() {
    return full;
  }

  void full(boolean isFull) {
    full = isFull;
  }

  boolean isWhole() {
    return damagedFrame == NOTHING && !pledge.repairing();
  }

  int frameCount() {
    return frames.size();
  }

  int flushedFrames() {
    return flushedFrames;
  }

  void append(SimulatedFrame frame) {
    if (frame.position() != end()) {
      throw new AssertionError(frame + " appended to a log that ends at " + end());
    }
    frames.add(frame);
  }

  void flush(int frameCount) {
    flushedFrames = Math.max(flushedFrames, Math.min(frameCount, frames.size()));
  }

  /** Cuts at a frame's boundary, durably. */
  void cutTo(long position) {
    int keep = indexAt(position);
    frames.subList(keep, frames.size()).clear();
    flushedFrames = Math.min(flushedFrames, keep);
    if (damagedFrame >= keep) {
      damagedFrame = NOTHING;
    }
  }

  void resetTo(LogBase newBase) {
    frames.clear();
    flushedFrames = 0;
    damagedFrame = NOTHING;
    base = newBase;
  }

  /** Drops whole frames below a position; returns where the log starts now. */
  void dropBelow(LogBase newBase) {
    int drop = indexAt(newBase.position());
    frames.subList(0, drop).clear();
    flushedFrames -= drop;
    damagedFrame = damagedFrame < drop ? NOTHING : damagedFrame - drop;
    base = newBase;
  }

  /** Flips a bit of a durable frame. */
  void damage(int frame) {
    damagedFrame = damagedFrame == NOTHING ? frame : Math.min(frame, damagedFrame);
  }

  /** The power fails: of what was not flushed a beginning is left, torn at any place. */
  void losePower(int unflushedKept) {
    unsyncedPledge = pledge;
    int keep = Math.min(frames.size(), flushedFrames + unflushedKept);
    frames.subList(keep, frames.size()).clear();
  }

  int unflushedFrames() {
    return frames.size() - flushedFrames;
  }

  /** What is wrong with a copy that was made; the damage is found when it is read. */
  List<SimulatedFrame> read(long position, long end, int bytesMax) throws Damaged {
    List<SimulatedFrame> run = new ArrayList<>();
    long bytes = 0;
    for (int i = indexAt(position); i < frames.size() && frames.get(i).end() <= end; i++) {
      SimulatedFrame frame = frames.get(i);
      bytes += frame.end() - frame.position();
      if (!run.isEmpty() && bytes > bytesMax) {
        break;
      }
      if (i == damagedFrame) {
        throw new Damaged();
      }
      run.add(frame);
    }
    return run;
  }

  /**
   * Opens the files after a stop: damage is told durably before it is cut off, and all that is left
   * is durable.
   *
   * @param trustDamage a bug on purpose: the damage is cut off as if it were a torn tail
   */
  LogOutline recover(boolean trustDamage) {
    pledge = unsyncedPledge;
    if (damagedFrame != NOTHING) {
      if (!trustDamage) {
        persist(new Pledge(pledge.promisedEpoch(), true));
      }
      cutTo(frames.get(damagedFrame).position());
    }
    flushedFrames = frames.size();
    List<EpochStart> epochs = new ArrayList<>();
    List<MembershipMark> memberships = new ArrayList<>();
    for (SimulatedFrame frame : frames) {
      mark(frame, epochs, memberships);
    }
    return new LogOutline(base, end(), epochs, memberships);
  }

  static Frames framesOf(List<SimulatedFrame> run, long position) {
    List<EpochStart> epochs = new ArrayList<>();
    List<MembershipMark> memberships = new ArrayList<>();
    for (SimulatedFrame frame : run) {
      mark(frame, epochs, memberships);
    }
    long end = run.isEmpty() ? position : run.get(run.size() - 1).end();
    return new Frames(position, end, epochs, memberships, List.copyOf(run));
  }

  private static void mark(
      SimulatedFrame frame, List<EpochStart> epochs, List<MembershipMark> memberships) {
    if (frame.beginsEpoch()) {
      epochs.add(new EpochStart(frame.epoch(), frame.position()));
    }
    Membership membership = frame.membership();
    if (membership != null) {
      memberships.add(new MembershipMark(frame.end(), membership));
    }
  }

  /** The membership in force, committed or not. */
  Membership membership() {
    for (int i = frames.size() - 1; i >= 0; i--) {
      Membership membership = frames.get(i).membership();
      if (membership != null) {
        return membership;
      }
    }
    return base.membership();
  }

  /** The highest boundary between frames that is not above a position. */
  long boundaryNotAbove(long position) {
    for (int i = frames.size() - 1; i >= 0; i--) {
      if (frames.get(i).end() <= position) {
        return frames.get(i).end();
      }
    }
    return base.position();
  }

  /** The index of the frame that starts at a position, or of where it would be appended. */
  int indexAt(long position) {
    int low = 0;
    int high = frames.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (frames.get(middle).position() < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (position != end() && (low == frames.size() || frames.get(low).position() != position)) {
      throw new AssertionError("no frame starts at " + position);
    }
    return low;
  }
}
