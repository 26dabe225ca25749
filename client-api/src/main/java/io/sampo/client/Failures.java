package io.sampo.client;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Failures as they were thrown, without what futures wrap around them. */
final class Failures {
  private Failures() {}

  static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** As {@link #cause}, for throwing. */
  static ClientException asClientException(Throwable failure) {
    Throwable cause = cause(failure);
    return cause instanceof ClientException known
        ? known
        : new ClientException(String.valueOf(cause.getMessage()), cause);
  }
}
