package io.sampo.client;

import org.jspecify.annotations.Nullable;

/** What the client could not do. Unchecked; in a future it is the cause as it stands. */
public class ClientException extends RuntimeException {
  public ClientException(String message) {
    this(message, null);
  }

  public ClientException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
