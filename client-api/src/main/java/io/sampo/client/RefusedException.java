package io.sampo.client;

import io.sampo.wire.RemotingCommand;

/** A server answered with something else than success. */
public final class RefusedException extends ClientException {
  private final int code;

  private RefusedException(int code, String message) {
    super(message);
    this.code = code;
  }

  /** The refusal that a response is. */
  static RefusedException of(RemotingCommand response) {
    String remark = response.remark();
    return new RefusedException(
        response.code(),
        "refused with code " + response.code() + (remark == null ? "" : ": " + remark));
  }

  /** See {@link io.sampo.wire.ResponseCode}. */
  public int code() {
    return code;
  }
}
