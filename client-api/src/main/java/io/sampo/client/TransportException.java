package io.sampo.client;

import org.jspecify.annotations.Nullable;

/**
 * No answer came: no connection, the connection was lost, or the time ran out. Whether the request
 * was carried out is unknown.
 */
public final class TransportException extends ClientException {
  public TransportException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
