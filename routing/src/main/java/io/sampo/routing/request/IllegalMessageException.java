package io.sampo.routing.request;

/** A message that can't be stored as it is asked for; the message is for the client. */
final class IllegalMessageException extends RuntimeException {
  IllegalMessageException(String message) {
    super(message, null, false, false);
  }
}
