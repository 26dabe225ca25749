package io.sampo.routing.boot;

/**
 * The node can't start for a reason outside the program: a port or a directory is taken, a log is
 * damaged. The message tells an operator what and why, and is all that they are shown.
 */
public final class StartFailedException extends Exception {
  public StartFailedException(String message) {
    super(message);
  }

  public StartFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
