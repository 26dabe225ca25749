package io.sampo.bench.failover;

/** What befalls the node that leads a log group, and how long clients may notice it. */
public enum Fault {
  /** {@code kill -9}. */
  KILL("kill -9", 3_000),
  /** SIGTERM: the node hands over what it leads. */
  STOP("planned stop", 300),
  /** SIGSTOP; it goes on as a zombie once it has a successor. */
  PAUSE("pause", 8_000),
  /** Its network to the other nodes is cut silently, in both directions; clients reach all. */
  CUT("partition", 8_000);

  private final String title;
  private final int silenceMillisMax;

  Fault(String title, int silenceMillisMax) {
    this.title = title;
    this.silenceMillisMax = silenceMillisMax;
  }

  public String title() {
    return title;
  }

  /** The target: the longest time without any acknowledged send, in milliseconds. */
  public int silenceMillisMax() {
    return silenceMillisMax;
  }

  /** Whether no send may fail. */
  public boolean isPlanned() {
    return this == STOP;
  }
}
