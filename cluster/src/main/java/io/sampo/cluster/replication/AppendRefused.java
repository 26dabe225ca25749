package io.sampo.cluster.replication;

/** Why an append was not done. Unless said otherwise nothing was stored. */
public enum AppendRefused implements AppendReply {
  /** More appends are under way than the window allows; try again. */
  WINDOW_FULL,
  /** The disk has no room. */
  DISK_FULL,
  /** The disk failed; whether the message is stored is not known. */
  LOG_FAILED,
  /** The messages don't fit a segment. */
  TOO_LARGE,
  /** Not enough replicas confirmed it in time. It is stored, and may be committed later. */
  REPLICAS_MISSING,
  /** This log is not, or no longer, led here under that epoch; try again. */
  NOT_LEADING,
  /** The leadership ended while it was under way; whether the message is stored is not known. */
  LEADERSHIP_ENDED;

  /** Whether it is certain that nothing was stored, or ever will be. */
  public boolean isCertain() {
    return switch (this) {
      case WINDOW_FULL, DISK_FULL, TOO_LARGE, NOT_LEADING -> true;
      case LOG_FAILED, REPLICAS_MISSING, LEADERSHIP_ENDED -> false;
    };
  }
}
