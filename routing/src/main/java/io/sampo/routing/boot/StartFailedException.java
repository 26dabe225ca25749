package io.sampo.routing.boot;

/**
 * The node can't start for a reason outside the program: a port or a directory is taken, a log is
 * damaged. The message tells an operator what and why, and is all that they are shown.
 */
public final class StartFailedException extends Exception {
  private final boolean removed;

  public StartFailedException(String message) {
    super(message);
    this.removed = false;
  }

  public StartFailedException(String message, Throwable cause) {
    super(message, cause);
    this.removed = false;
  }

  private StartFailedException(boolean removed) {
    super("the other nodes removed this one from the cluster before it was ready");
    this.removed = removed;
  }

  /** The others couldn't reach the node while it started: it may try again. */
  static StartFailedException removed() {
    return new StartFailedException(true);
  }

  /** Whether the node did nothing wrong but be unreachable for a while. */
  boolean isRemoval() {
    return removed;
  }
}
