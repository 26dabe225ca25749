package io.sampo.cluster.replication;

/**
 * Whether copies are missing that the acknowledgement rule {@code all} waits for. Noticed when a
 * committed append was not confirmed by every voter in time; over when all that was committed at
 * some moment is confirmed in time again. While they are missing nobody waits for them: one append
 * after the other that takes its full time would be a log group that stands still. The commit log's
 * thread only.
 */
final class MissingCopies {
  private final long limitMs;
  private boolean missing;

  /** What was committed at a moment since; when that is confirmed is looked at. */
  private long markPosition;

  private long markMs;

  /**
   * @param limitMs how long every voter may take
   */
  MissingCopies(long limitMs) {
    this.limitMs = limitMs;
  }

  boolean areMissing() {
    return missing;
  }

  /** A committed append waited for its full time. */
  void noticed(long commit, long nowMs) {
    if (!missing) {
      missing = true;
      mark(commit, nowMs);
    }
  }

  void moved(long commit, long acknowledged, long nowMs) {
    if (missing && acknowledged >= markPosition) {
      missing = nowMs - markMs > limitMs;
      mark(commit, nowMs);
    }
  }

  /** Whoever is away now is found out by the next leadership. */
  void leadershipEnded() {
    missing = false;
  }

  private void mark(long commit, long nowMs) {
    markPosition = commit;
    markMs = nowMs;
  }
}
