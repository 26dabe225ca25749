package io.sampo.client;

import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;

/**
 * Makes something of a response. Runs on an IO thread; the response is released after it, so
 * nothing of its body may be kept. What it throws fails the request.
 */
@FunctionalInterface
interface ResponseReader<T> {
  T read(RemotingCommand response);

  /** For requests whose success is all there is to know. */
  ResponseReader<Boolean> DONE =
      response -> {
        requireSuccess(response);
        return true;
      };

  /** Throws the refusal that a response other than SUCCESS is. */
  static void requireSuccess(RemotingCommand response) {
    if (response.code() != ResponseCode.SUCCESS) {
      throw RefusedException.of(response);
    }
  }
}
