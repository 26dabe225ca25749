package io.sampo.client;

import io.sampo.wire.CommandHeader;
import java.time.Duration;

/**
 * One request to a server.
 *
 * @param code see {@link io.sampo.wire.RequestCode}
 * @param header its ext fields
 * @param body not copied; empty for none
 * @param timeout until when an answer must be there, connecting included
 */
record Request(int code, CommandHeader header, byte[] body, Duration timeout) {
  private static final byte[] NO_BODY = new byte[0];

  static Request of(int code, CommandHeader header, Duration timeout) {
    return new Request(code, header, NO_BODY, timeout);
  }
}
