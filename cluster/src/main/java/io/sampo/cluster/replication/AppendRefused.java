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
  /**
   * This log is not, or no longer, led here under that epoch; try again. What was under way when a
   * leadership ended may be stored.
   */
  NOT_LEADING
}
