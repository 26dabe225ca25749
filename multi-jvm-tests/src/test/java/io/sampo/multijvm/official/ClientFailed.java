package io.sampo.multijvm.official;

import java.io.Serial;

/** What the official client threw, in classes that both sides know. */
public final class ClientFailed extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** The failure was not the broker's answer: no connection, no answer in time, no route. */
  public static final int NO_ANSWER = -1;

  private final int code;

  /**
   * @param code the broker's response code, or {@link #NO_ANSWER}
   */
  public ClientFailed(int code, String message) {
    super("code " + code + ": " + message);
    this.code = code;
  }

  public int code() {
    return code;
  }
}
