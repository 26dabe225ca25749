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
  /** This log is not, or no longer, led here under that epoch; try again. */
  NOT_LEADING
}
